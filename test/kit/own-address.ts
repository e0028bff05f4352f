import { randomInt } from "node:crypto";
import { findProgram, run, runOrThrow } from "../../toolchain/child-process.ts";

/** Whether this machine can have another address, and an engine's rules about it can be changed. */
export const canHaveOwnAddress =
  process.getuid?.() === 0 &&
  process.env.DOCKER_HOST === undefined &&
  ["ip", "iptables"].every((name) => findProgram(name, ["/usr/sbin", "/sbin"]) !== undefined);

/**
 * An address that this machine has for a while, of a private network. By a loopback address nobody is seen as who they are: an
 * engine's rules leave them out.
 */
export class OwnAddress implements AsyncDisposable {
  readonly address: string;

  private constructor(address: string) {
    this.address = address;
  }

  static async add(): Promise<OwnAddress> {
    const own = new OwnAddress(`10.${randomInt(100, 199)}.${randomInt(0, 256)}.${randomInt(2, 255)}`);
    await runOrThrow("ip", "ip", ["addr", "add", `${own.address}/32`, "dev", "lo"]);
    return own;
  }

  /** Takes away the engine's rules for a port of it: its userland proxy is left. */
  async withoutRules(port: number): Promise<() => Promise<void>> {
    const nat = async (...words: string[]) =>
      (await runOrThrow("iptables", "iptables", ["-w", "-t", "nat", ...words])).stdout;
    const all = (await nat("-S", "DOCKER")).split("\n").map((line) => line.split(" "));
    const rules = all.filter(
      (words) => words.includes(`${this.address}/32`) && words[words.indexOf("--dport") + 1] === String(port),
    );
    if (rules.length === 0) throw new Error(`the engine has no rule for port ${port} of ${this.address}`);
    for (const [, ...rule] of rules) await nat("-D", ...rule);
    return async () => {
      for (const [, ...rule] of rules) await nat("-A", ...rule);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("ip", ["addr", "del", `${this.address}/32`, "dev", "lo"]);
  }
}
