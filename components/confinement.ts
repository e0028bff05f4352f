/**
 * What keeps a server inside its container: nothing writable but its volumes and memory, no new privileges, and
 * no capabilities but those named. The reason for each is in `images/README.md`.
 */
export function confined(capabilities: readonly string[]) {
  return {
    readOnly: true,
    tmpfs: { "/run": "", "/tmp": "" },
    securityOpts: ["no-new-privileges"],
    capabilities: { drops: ["ALL"], adds: capabilities.map((name) => `CAP_${name}`) },
  };
}
