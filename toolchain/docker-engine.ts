import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dockerContext } from "../engine/address.ts";
import { DockerEngine } from "../engine/docker-engine.ts";
import { engineKind, hidingOf, ipv6Obstacle } from "../engine/port-forwarding.ts";
import { readiness } from "../engine/readiness.ts";
import { canInstallPackages, installPackages } from "./apt.ts";
import { findProgram, run, runOrThrow, tail } from "./child-process.ts";
import type { Report } from "./report.ts";
import { type State, type Step, ToolchainError } from "./step.ts";

const LOG = "/var/log/dockerd.log";
const START_TIMEOUT_MS = 60_000;
/** An engine on another machine may take a while to answer, one that hangs must not hang us. */
const ANSWER_TIMEOUT_MS = 30_000;

/** A Docker Engine that answers: the one the user has chosen, else one of this machine, installed if need be. */
export const dockerEngine: Step = {
  name: "Docker Engine",

  async inspect() {
    const answer = await askEngine();
    if (answer.version !== undefined) {
      return {
        ready: true,
        found: `Docker Engine ${answer.version} (${answer.host})`,
        note: await forwardingNote(new DockerEngine()),
      };
    }
    return { ready: false, found: `no Docker Engine answers (${answer.host})`, ...remedy(chooseWay()) };
  },

  async ensure(report) {
    const before = await this.inspect();
    if (before.ready) return before;
    switch (chooseWay()) {
      case "none":
        throw new ToolchainError(`${before.found}.\n${(await askEngine()).reason}\n${explain()}`);
      case "install":
        await installEngine(report);
        break;
      case "start":
        break;
    }
    return await report.during("starting the Docker Engine", startEngine);
  },
};

/**
 * The engine that a stack names. It is nobody's to start from here, and this machine needs none; only the client.
 * Nothing is created before host key, login and version are known to be right.
 */
export function engineElsewhere(host: string): Step {
  return {
    name: "Docker Engine",

    async inspect() {
      const engine = new DockerEngine(host);
      const found = await readiness(engine);
      if ("version" in found) {
        return {
          ready: true,
          found: `Docker Engine ${found.version} (${host})`,
          note: await forwardingNote(engine),
        };
      }
      const said = hasClient() ? { note: found.problem } : { remedy: "install the Docker client with apt" };
      return { ready: false, found: `no Docker Engine answers (${host})`, ...said };
    },

    async ensure(report) {
      if (!hasClient() && canInstallPackages()) await installClient(report);
      const found = await readiness(new DockerEngine(host));
      if ("version" in found) return { ready: true, found: `Docker Engine ${found.version} (${host})` };
      throw new ToolchainError(`${found.problem}\nNothing was changed.`);
    },
  };
}

/** What an engine hides of who connects to its containers, found out before mail depends on it. */
async function forwardingNote(engine: DockerEngine): Promise<string | undefined> {
  try {
    const kind = await engineKind(engine);
    const obstacle = hidingOf(kind) ?? ipv6Obstacle(kind);
    return obstacle && `${obstacle} (docs/addresses.md)`;
  } catch {
    // It answers, and says nothing of the kind: verify sees what comes of it.
    return undefined;
  }
}

function hasClient(): boolean {
  return findProgram("docker") !== undefined;
}

/** Debian 12 has the client in the engine's package alone. */
async function installClient(report: Report): Promise<void> {
  try {
    await installPackages(report, ["docker-cli"]);
  } catch {
    await installPackages(report, ["docker.io"]);
  }
}

type Way = "start" | "install" | "none";

/** @internal What can be done about an engine that does not answer. */
export function chooseWay(
  machine = {
    engineChosen: engineIsChosen(),
    dockerd: findProgram("dockerd", ["/usr/sbin", "/usr/bin"]) !== undefined,
    root: process.getuid?.() === 0,
    apt: canInstallPackages(),
  },
): Way {
  // A user who points somewhere else wants that engine, not another one.
  if (machine.engineChosen) return "none";
  if (machine.dockerd && machine.root) return "start";
  return machine.apt ? "install" : "none";
}

function remedy(way: Way): Pick<State, "remedy" | "note"> {
  switch (way) {
    case "start":
      return { remedy: "start dockerd" };
    case "install":
      return { remedy: "install docker.io and iptables with apt and start dockerd" };
    case "none":
      return { note: explain() };
  }
}

function explain(): string {
  if (engineIsChosen()) {
    return "Start the engine that DOCKER_HOST or your Docker context names, or unset it to use one of this machine.";
  }
  if (findProgram("dockerd", ["/usr/sbin", "/usr/bin"]) !== undefined) {
    return "Start the Docker Engine as root (`sudo systemctl start docker`) and let this user reach it, or run this as root.";
  }
  return "Install Docker Engine (https://docs.docker.com/engine/install/) and let this user reach it, or run this as root on Debian or Ubuntu.";
}

function engineIsChosen(): boolean {
  return Boolean(process.env.DOCKER_HOST) || dockerContext() !== undefined;
}

interface Answer {
  /** Undefined when no engine answers. */
  readonly version?: string | undefined;
  readonly host: string;
  readonly reason: string;
}

async function askEngine(): Promise<Answer> {
  const context = dockerContext();
  const host = process.env.DOCKER_HOST || (context && `context ${context}`) || "unix:///var/run/docker.sock";
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const { status, stdout, output } = await run("docker", ["version", "--format", "{{.Server.Version}}"], {
    signal,
  });
  const reason = status === 127 ? "There is no docker client on the PATH." : output.trim();
  return { version: status === 0 ? stdout.trim() : undefined, host, reason };
}

async function installEngine(report: Report): Promise<void> {
  await installPackages(report, ["docker.io", "iptables"]);
  // Since Debian 13 the client is a package of its own.
  if (!hasClient()) await installPackages(report, ["docker-cli"]);
}

async function startEngine(): Promise<State> {
  if (existsSync("/run/systemd/system")) {
    await runOrThrow("Starting the Docker Engine", "systemctl", ["enable", "--now", "docker"]);
  } else if (!engineIsRunning()) {
    const log = openSync(LOG, "a");
    spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] }).unref();
  }
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const state = await dockerEngine.inspect();
    if (state.ready) return state;
    await sleep(250);
  }
  const { reason } = await askEngine();
  throw new ToolchainError(`dockerd does not answer.\n    ${reason}\nThe end of its log:\n${engineLog()}`);
}

/** The package's own init script may have started it a moment ago. */
function engineIsRunning(): boolean {
  try {
    process.kill(Number(readFileSync("/var/run/docker.pid", "utf8")), 0);
    return true;
  } catch {
    return false;
  }
}

function engineLog(): string {
  const path = [LOG, "/var/log/docker.log"].find((candidate) => existsSync(candidate));
  if (path === undefined) return "    (`journalctl -u docker` shows it)";
  return `${tail(readFileSync(path, "utf8"))}\n    (${path})`;
}
