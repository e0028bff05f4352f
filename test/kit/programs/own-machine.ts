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
    const modules = await realpath(join(projectFolder, "node_modules"));
    const container = await ProgramContainer.create(
      lab,
      image,
      ...[modules, checkout, dirname(lab.file), pulumiHome()],
    );
    // Nobody answers there.
    await container.run("echo 'nameserver 127.0.0.2' >/etc/resolv.conf");
    return new OwnMachine(container, lab, checkout);
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
