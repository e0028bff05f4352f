import { realpath, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pulumiHome } from "../../../toolchain/pulumi-home.ts";
import { projectFolder } from "../../../toolchain/versions.ts";
import { Checkouts } from "../checkout.ts";
import { type Lab, passphrase } from "../lab.ts";
import { ProgramContainer } from "./program-container.ts";

/**
 * A machine on which this project is checked out and its person's programs run: it knows neither the lab's names nor its
 * authority before the project's own commands say so.
 */
export class OwnMachine {
  readonly container: ProgramContainer;
  readonly #lab: Lab;
  readonly #checkout: string;

  private constructor(container: ProgramContainer, lab: Lab, checkout: string) {
    this.container = container;
    this.#lab = lab;
    this.#checkout = checkout;
  }

  /** @param image - of `programImage` */
  static async create(lab: Lab, image: string): Promise<OwnMachine> {
    const checkout = await Checkouts.without(lab).make();
    const container = await ProgramContainer.create(lab, image, ...(await foldersOf(lab, checkout)));
    // Nobody answers there.
    await container.run("echo 'nameserver 127.0.0.2' >/etc/resolv.conf");
    return new OwnMachine(container, lab, checkout);
  }

  /**
   * The same where programs ask systemd-resolved, which asks a server that its network has for everything.
   *
   * @param image - of `programImage` with `systemdPackages`
   * @param nameServer - the network's
   */
  static async withResolved(lab: Lab, image: string, nameServer: string): Promise<OwnMachine> {
    const checkout = await Checkouts.without(lab).make();
    const folders = await foldersOf(lab, checkout);
    const container = await ProgramContainer.createWithSystemd(lab, image, ...folders);
    await container.run(`resolvectl dns eth0 ${nameServer}; resolvectl default-route eth0 true`);
    return new OwnMachine(container, lab, checkout);
  }

  /** What a person types once: the names, and the authority. Nothing else prepares it. */
  async prepare(): Promise<void> {
    for (const name of ["names", "trust"]) {
      const printed = await this.command(name, "--apply", "--yes");
      if (printed.includes("exit status")) throw new Error(`${name} --apply failed:\n${printed}`);
    }
  }

  /** Runs one of the npm scripts as root in the person's home. What it prints, also where it says that something is missing. */
  command(...words: readonly string[]): Promise<string> {
    const variables = [
      "HOME=/home/person",
      `PULUMI_HOME=${pulumiHome()}`,
      `PULUMI_BACKEND_URL=file://${this.#lab.stateFolder}`,
      `PULUMI_CONFIG_PASSPHRASE='${passphrase}'`,
      "NODE_COMPILE_CACHE=/tmp/compile-cache",
    ].join(" ");
    const command = `node_modules/.bin/node toolchain/run.mjs ${words.join(" ")} --stack ${this.#lab.stack}`;
    return this.container.run(
      `cd ${this.#checkout}
      ${variables} ${command} 2>&1 || echo "exit status $?"
      chown -R person /home/person`,
    );
  }

  async remove(): Promise<void> {
    await this.container.remove();
    await rm(this.#checkout, { recursive: true });
  }
}

async function foldersOf(lab: Lab, checkout: string): Promise<string[]> {
  const modules = await realpath(join(projectFolder, "node_modules"));
  return [modules, checkout, dirname(lab.file), pulumiHome()];
}
