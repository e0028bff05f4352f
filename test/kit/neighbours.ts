import { randomBytes } from "node:crypto";
import { run, runOrThrow } from "../../toolchain/child-process.ts";

/** A machine beside another one, as far as networks are concerned: with an address of each family, and a cable to it. */
export class Neighbour implements AsyncDisposable {
  readonly ipv4: string;
  readonly ipv6: string;
  readonly #name: string;

  private constructor(name: string, ipv4: string, ipv6: string) {
    this.#name = name;
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /**
   * @param network - the other machine's, as `ip netns` knows it
   * @param number - 0 to 63; each is in networks of its own
   */
  static async join(network: string, number: number): Promise<Neighbour> {
    const name = `md-near-${randomBytes(3).toString("hex")}`;
    const [lan4, lan6] = [`10.251.77.${number * 4}`, `2001:db8:77:${(number + 1).toString(16)}`];
    const part = (host: number) => lan4.replace(/\d+$/, (start) => String(Number(start) + host));
    const neighbour = new Neighbour(name, part(2), `${lan6}::2`);
    const ip = (...words: string[]) => runOrThrow("ip", "ip", words);
    await ip("netns", "add", name);
    const cable = `near${number}`;
    const peer = ["type", "veth", "peer", "name", "eth0", "netns", name];
    await ip("-netns", network, "link", "add", cable, ...peer);
    const ends = [
      [network, cable, 1],
      [name, "eth0", 2],
    ] as const;
    for (const [place, device, host] of ends) {
      await ip("-netns", place, "addr", "add", `${part(host)}/30`, "dev", device);
      // Nobody else has it: it need not be found out first.
      await ip("-netns", place, "addr", "add", `${lan6}::${host}/64`, "dev", device, "nodad");
      await ip("-netns", place, "link", "set", device, "up");
    }
    await ip("-netns", name, "link", "set", "lo", "up");
    await ip("-netns", name, "route", "add", "default", "via", part(1));
    await ip("-netns", name, "-6", "route", "add", "default", "via", `${lan6}::1`);
    return neighbour;
  }

  /** What a program prints there. @throws also when it fails */
  async prints(program: string, ...words: readonly string[]): Promise<string> {
    const place = [`--net=/run/netns/${this.#name}`, program, ...words];
    return (await runOrThrow(program, "nsenter", place)).stdout.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("ip", ["netns", "del", this.#name]);
  }
}
