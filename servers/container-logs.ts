/** What the engine does with what a container prints. */
export interface ContainerLogs {
  /** The engine's logging driver. @example "journald" */
  readonly driver: string;
  /** The options of that driver, by their own names. */
  readonly options: Readonly<Record<string, string>>;
}

/** Rotated by the engine: at most 100 MB for each container, which `docker logs` still reads. */
export const defaultLogs: ContainerLogs = {
  driver: "local",
  options: { "max-file": "5", "max-size": "20m" },
};
