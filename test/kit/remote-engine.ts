import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram, run, runOrThrow } from "../../toolchain/child-process.ts";

const programs = [
  "dockerd",
  "sshd",
  "ssh-keygen",
  "ssh-agent",
  "ssh-add",
  "ip",
  "iptables",
  "nsenter",
] as const;
const folders = ["/usr/sbin", "/sbin"];

/** Whether a second machine can be played on this one. */
export const canPlayMachine =
  process.getuid?.() === 0 && programs.every((name) => findProgram(name, folders) !== undefined);

/**
 * A second machine as far as Docker and SSH are concerned: an engine with its own data, behind an SSH server of its own,
 * in a network of its own that is reached by a cable. In the same network it would take the first engine's rules
 * for its own.
 */
export class RemoteEngine {
  /** What a stack names as its `dockerHost`: an alias that only {@link path}'s `ssh` knows. */
  readonly host: string;
  /** The same machine by an alias that leads through a jump host, from which alone its other address is reached. */
  readonly hostBehind: string;
  /** The same again, by a key that the {@link agent} alone has. */
  readonly hostByAgent: string;
  /** The machine's address. */
  readonly address: string;
  /** To be first on the PATH: an `ssh` with a configuration of its own, as if it were ~/.ssh/config. */
  readonly path: string;
  readonly #folder: string;
  readonly #name: string;
  readonly #outside: string;
  readonly #gateway: string;
  readonly #processes: ChildProcess[] = [];

  private constructor(folder: string) {
    const name = randomBytes(3).toString("hex");
    const subnet = `10.${randomInt(200, 250)}.${randomInt(0, 255)}`;
    this.#folder = folder;
    this.#name = `maildomain-${name}`;
    this.#outside = `md-${name}`;
    this.#gateway = `${subnet}.1`;
    this.address = `${subnet}.2`;
    this.host = `ssh://far-${name}`;
    this.hostBehind = `ssh://behind-${name}`;
    this.hostByAgent = `ssh://agent-${name}`;
    this.path = join(folder, "bin");
  }

  /** @param flags - of its engine, in addition to its places. */
  static async start(flags: readonly string[] = []): Promise<RemoteEngine> {
    const machine = new RemoteEngine(await mkdtemp(join(tmpdir(), "maildomain-far-")));
    try {
      await machine.#lay();
      await machine.#startSsh();
      await machine.#startEngine(flags);
    } catch (error) {
      await machine.stop();
      throw error;
    }
    return machine;
  }

  /** The environment of a program that knows the alias. */
  get environment(): NodeJS.ProcessEnv {
    return { PATH: [this.path, process.env.PATH].join(delimiter) };
  }

  /** The environment of a program that has the agent. */
  get agent(): NodeJS.ProcessEnv {
    return { SSH_AUTH_SOCK: join(this.#folder, "agent.sock") };
  }

  /** The environment of a program whose Docker context leads to the machine. */
  async context(): Promise<NodeJS.ProcessEnv> {
    const environment = { DOCKER_CONFIG: join(this.#folder, "docker"), DOCKER_CONTEXT: "far" };
    const words = ["context", "create", "far", "--docker", `host=${this.host}`];
    const env = { ...process.env, DOCKER_CONFIG: environment.DOCKER_CONFIG };
    await runOrThrow("docker", "docker", words, { env });
    return environment;
  }

  /** The engine as programs on the machine itself ask it. */
  get localHost(): string {
    return this.#socket;
  }

  /** The name of its network, as `ip netns` knows it. */
  get network(): string {
    return this.#name;
  }

  /** Asks the engine directly, and not over SSH. */
  async docker(...args: string[]): Promise<string> {
    const { stdout } = await runOrThrow("docker", "docker", ["--host", this.#socket, ...args]);
    return stdout.trim();
  }

  /** How often somebody has logged in so far. */
  async logins(): Promise<number> {
    const log = await readFile(join(this.#folder, "sshd.log"), "utf8");
    return log.match(/Accepted publickey/g)?.length ?? 0;
  }

  /** Pulls the cable out, or plugs it in again. */
  async plug(isIn: boolean): Promise<void> {
    await this.#ip("link", "set", this.#outside, isIn ? "up" : "down");
  }

  /** Ends what was started here, and removes what was made. Never fails: whatever there is goes. */
  async stop(): Promise<void> {
    const { stdout } = await run("docker", ["--host", this.#socket, "ps", "--all", "--quiet"]);
    const containers = stdout.split("\n").filter(Boolean);
    if (containers.length > 0) {
      await run("docker", ["--host", this.#socket, "rm", "--force", ...containers]);
    }
    for (const child of this.#processes.reverse()) {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
      child.kill("SIGTERM");
      await Promise.race([ended, sleep(30_000, undefined, { ref: false })]);
    }
    await this.#forward("-D").catch(() => undefined);
    await run("ip", ["link", "del", this.#outside]);
    await run("ip", ["netns", "del", this.#name]);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }

  async #lay(): Promise<void> {
    await this.#ip("netns", "add", this.#name);
    const inside = ["type", "veth", "peer", "name", "eth0", "netns", this.#name];
    await this.#ip("link", "add", this.#outside, ...inside);
    await this.#ip("addr", "add", `${this.#gateway}/30`, "dev", this.#outside);
    await this.#ip("link", "set", this.#outside, "up");
    const there = (...words: string[]) => this.#ip("-netns", this.#name, ...words);
    await there("link", "set", "lo", "up");
    await there("addr", "add", `${this.address}/30`, "dev", "eth0");
    await there("link", "set", "eth0", "up");
    await there("route", "add", "default", "via", this.#gateway);
    // Images are built from Debian's archive, which lies beyond this machine.
    await this.#forward("-I");
  }

  async #forward(action: "-I" | "-D"): Promise<void> {
    await runOrThrow("iptables", "iptables", [action, "FORWARD", "-i", this.#outside, "-j", "ACCEPT"]);
    await runOrThrow("iptables", "iptables", [action, "FORWARD", "-o", this.#outside, "-j", "ACCEPT"]);
    const masquerade = [
      "POSTROUTING",
      "-s",
      `${this.address}/30`,
      "!",
      "-o",
      this.#outside,
      "-j",
      "MASQUERADE",
    ];
    await runOrThrow("iptables", "iptables", ["-t", "nat", action, ...masquerade]);
  }

  async #startSsh(): Promise<void> {
    const file = (name: string) => join(this.#folder, name);
    for (const key of ["host_key", "key"]) {
      await runOrThrow("ssh-keygen", "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(key)]);
    }
    await writeFile(file("authorized_keys"), await readFile(file("key.pub")));
    const config = [
      `ListenAddress ${this.address}`,
      "ListenAddress 127.0.0.1",
      "Port 2222",
      `HostKey ${file("host_key")}`,
      `AuthorizedKeysFile ${file("authorized_keys")}`,
      `PidFile ${file("sshd.pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin prohibit-password",
      // The machine's own engine, for whoever logs in there.
      `SetEnv DOCKER_HOST=${this.#socket}`,
    ];
    await writeFile(file("sshd_config"), `${config.join("\n")}\n`);
    await mkdir("/run/sshd", { recursive: true });
    const sshd = findProgram("sshd", folders) ?? "sshd";
    this.#spawn([sshd, "-D", "-e", "-f", file("sshd_config")], "sshd.log");

    this.#spawn(["ssh-agent", "-D", "-a", file("agent.sock")], "agent.log");
    const add = () => run("ssh-add", ["-q", file("key")], { env: { ...process.env, ...this.agent } });
    const deadline = performance.now() + 120_000;
    while ((await add()).status !== 0) {
      if (performance.now() > deadline) throw new Error("ssh-agent does not take the key");
      await sleep(100);
    }

    const [far = "", behind = "", byAgent = ""] = [this.host, this.hostBehind, this.hostByAgent].map((host) =>
      host.slice("ssh://".length),
    );
    const client = [
      `Host ${far}`,
      `HostName ${this.address}`,
      `IdentityFile ${file("key")}`,
      "IdentitiesOnly yes",
      `Host ${behind}`,
      // Its own loopback address, not this machine's.
      "HostName 127.0.0.1",
      `ProxyJump ${far}`,
      `IdentityFile ${file("key")}`,
      "IdentitiesOnly yes",
      `Host ${byAgent}`,
      `HostName ${this.address}`,
      "IdentityFile none",
      "Host *",
      "Port 2222",
      "User root",
      `UserKnownHostsFile ${file("known_hosts")}`,
      "StrictHostKeyChecking yes",
      "ConnectTimeout 10",
    ];
    await writeFile(file("ssh_config"), `${client.join("\n")}\n`);
    await mkdir(this.path);
    await writeFile(join(this.path, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F '${file("ssh_config")}' "$@"\n`);
    await chmod(join(this.path, "ssh"), 0o755);
    await this.knowHostKey(true);
  }

  /** Whether this machine's people have accepted the other's host key. */
  async knowHostKey(isKnown: boolean): Promise<void> {
    const [type, key] = (await readFile(join(this.#folder, "host_key.pub"), "utf8")).split(" ");
    const line = `[${this.address}]:2222,[127.0.0.1]:2222 ${type} ${key}\n`;
    await writeFile(join(this.#folder, "known_hosts"), isKnown ? line : "");
  }

  async #startEngine(flags: readonly string[]): Promise<void> {
    const file = (name: string) => join(this.#folder, name);
    // The id of this machine's engine, as a clone has it. Before version 23 both take it from /etc/docker/key.json.
    const { stdout: id } = await runOrThrow("docker", "docker", ["info", "--format", "{{.ID}}"]);
    await mkdir(file("data"));
    await writeFile(file("data/engine-id"), id.trim());
    this.#spawn(
      [
        findProgram("dockerd", folders) ?? "dockerd",
        ...["--data-root", file("data"), "--exec-root", file("exec"), "--pidfile", file("dockerd.pid")],
        // Where the machine runs a containerd of its own, both engines use it.
        ...["--containerd-namespace", this.#name, "--containerd-plugins-namespace", `${this.#name}-plugins`],
        ...["--host", this.#socket],
        ...flags,
      ],
      "dockerd.log",
    );
    const deadline = performance.now() + 120_000;
    while ((await run("docker", ["--host", this.#socket, "version"])).status !== 0) {
      if (performance.now() > deadline) {
        throw new Error(`dockerd does not answer:\n${await readFile(file("dockerd.log"), "utf8")}`);
      }
      await sleep(200);
    }
  }

  /** Runs a program in the other machine's network; `ip netns exec` would hide the control groups from it. */
  #spawn(words: readonly string[], log: string): void {
    const output = openSync(join(this.#folder, log), "a");
    // nsenter becomes the program: its process id is the program's.
    const child = spawn("nsenter", [`--net=/run/netns/${this.#name}`, ...words], {
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    this.#processes.push(child);
  }

  async #ip(...words: string[]): Promise<void> {
    await runOrThrow("ip", "ip", words);
  }

  get #socket(): string {
    return `unix://${join(this.#folder, "docker.sock")}`;
  }
}
