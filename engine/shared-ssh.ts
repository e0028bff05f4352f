import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Set for the processes that this one starts: they share its connections. */
const variable = "MAILDOMAIN_SSH";

/**
 * Has every `ssh` that this process and those it starts run share one connection per host and login: the ones of the
 * `docker` command and of Pulumi's plugin, which open one for each request and log in every time. A server drops
 * logins that come too fast (`MaxStartups`), and others lock the address out.
 *
 * It is done by a program `ssh` first on the PATH, since nothing else reaches all of them: the plugin's `sshOpts`
 * lie in the stack's state, and `docker` has no such option. The people's own configuration of ssh stays in force.
 */
export function shareSshConnections(): void {
  if (process.env[variable] !== undefined) return;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const ssh = folders.map((folder) => join(folder, "ssh")).find(isProgram);
  // Without an ssh the connection itself says what is missing; Windows has no shared connections.
  if (ssh === undefined || process.platform === "win32") return;
  const folder = mkdtempSync(join(shortFolder(), "maildomain-ssh-"));
  const options = [
    "ControlMaster=auto",
    `ControlPath=${folder}/%C`,
    // Ends by itself where this process is killed.
    "ControlPersist=60",
    // Less than a check may take; `docker` itself would wait for 30 s.
    "ConnectTimeout=10",
    "ServerAliveInterval=10",
    "ServerAliveCountMax=3",
  ];
  const words = options.map((option) => `-o '${option}'`).join(" ");
  writeFileSync(join(folder, "ssh"), `#!/bin/sh\nexec '${ssh}' ${words} "$@"\n`, { mode: 0o700 });
  process.env.PATH = [folder, ...folders].join(delimiter);
  process.env[variable] = folder;
  process.once("exit", () => {
    if (!existsSync(folder)) return;
    for (const socket of readdirSync(folder).filter((name) => name !== "ssh")) {
      spawnSync(ssh, ["-S", join(folder, socket), "-O", "exit", "any"], { stdio: "ignore" });
    }
    rmSync(folder, { recursive: true, force: true });
  });
}

/** The folder with the program that shares connections, where there is one: it lasts as long as this run. */
export function sharedSshFolder(): string | undefined {
  return process.env[variable];
}

/** A socket's path may have about a hundred characters, and ssh needs 60 of them. */
function shortFolder(): string {
  return tmpdir().length > 25 ? "/tmp" : tmpdir();
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
