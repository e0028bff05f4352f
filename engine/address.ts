import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const standardAddress = "unix:///var/run/docker.sock";

/**
 * Where an engine answers, found as the `docker` command finds it: the address itself, else `DOCKER_HOST`, else the
 * Docker context in use, else this machine's socket.
 *
 * @param host - such as `ssh://root@mail.example.org`
 * @returns undefined for a Docker context that does not exist, which `docker` itself explains.
 */
export function engineAddress(host?: string): string | undefined {
  if (host !== undefined) return host;
  if (process.env.DOCKER_HOST) return process.env.DOCKER_HOST;
  const context = dockerContext();
  return context === undefined ? standardAddress : addressOfContext(context);
}

/** The path of the socket of an engine on this machine; undefined for one that is reached in another way. */
export function localSocket(host?: string): string | undefined {
  const address = engineAddress(host);
  return address?.startsWith("unix://") ? address.slice("unix://".length) : undefined;
}

/** The name of the Docker context in use, undefined for the default one. */
export function dockerContext(): string | undefined {
  const name = process.env.DOCKER_CONTEXT || contextOfConfigFile();
  return name === undefined || name === "default" ? undefined : name;
}

function contextOfConfigFile(): string | undefined {
  const config = readJson(join(configFolder(), "config.json"));
  const name = (config as { currentContext?: unknown } | null | undefined)?.currentContext;
  return typeof name === "string" && name !== "" ? name : undefined;
}

function addressOfContext(name: string): string | undefined {
  // The client files each context under the digest of its name.
  const folder = createHash("sha256").update(name).digest("hex");
  const meta = readJson(join(configFolder(), "contexts", "meta", folder, "meta.json"));
  const host = (meta as { Endpoints?: { docker?: { Host?: unknown } } } | null | undefined)?.Endpoints?.docker
    ?.Host;
  return typeof host === "string" ? host : undefined;
}

function configFolder(): string {
  return process.env.DOCKER_CONFIG || join(homedir(), ".docker");
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
