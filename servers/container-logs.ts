/**
 * What the engine does with what a container prints.
 *
 * @typeParam Content - an option that is known later, such as a token.
 */
export interface ContainerLogs<Content = never> {
  /** The engine's logging driver. @example "journald" */
  readonly driver: string;
  /** The options of that driver, by their own names. @example { "max-size": "20m" } */
  readonly options: Readonly<Record<string, string | Content>>;
}

/** Rotated by the engine: at most 100 MB for each container, which `docker logs` still reads. */
export const defaultLogs: ContainerLogs = {
  driver: "local",
  options: { "max-file": "5", "max-size": "20m" },
};
