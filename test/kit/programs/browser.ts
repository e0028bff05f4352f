import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { digestFolders } from "../../../components/server-image.ts";
import { docker } from "../engine.ts";

const context = fileURLToPath(new URL("browser", import.meta.url));

/**
 * A real browser in a container, so that a machine needs none: it sees a lab as the lab's own servers do, and trusts its
 * authority.
 */
export class BrowserContainer {
  readonly browser: Browser;
  readonly #name: string;
  readonly #folder: string;

  private constructor(browser: Browser, name: string, folder: string) {
    this.browser = browser;
    this.#name = name;
    this.#folder = folder;
  }

  /** Builds its image, which stays on the engine; that can be done while a lab comes up. */
  static async build(): Promise<string> {
    const image = `maildomain/test-browser:${digestFolders([context])}`;
    await docker("build", "--quiet", "--tag", image, context);
    return image;
  }

  /**
   * @param name - its container's name
   * @param network - the Docker network that it joins
   * @param nameServer - whom it asks for names
   */
  static async start(
    name: string,
    authority: string,
    { network, nameServer }: { readonly network: string; readonly nameServer: string },
  ): Promise<BrowserContainer> {
    const image = await BrowserContainer.build();
    const folder = await mkdtemp(join(tmpdir(), "maildomain-browser-"));
    const file = join(folder, "authority.pem");
    await writeFile(file, authority);
    await docker(
      ...["run", "--detach", "--init", "--name", name, "--network", network, "--dns", nameServer],
      ...["--publish", "127.0.0.1::9223", "--volume", `${file}:/authority.pem:ro`, image],
    );
    const browser = await chromium.connectOverCDP(await debuggerOf(name));
    return new BrowserContainer(browser, name, folder);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await docker("rm", "--force", this.#name);
    await rm(this.#folder, { recursive: true });
  }
}

/** The address at which it takes orders, once it does. */
async function debuggerOf(container: string): Promise<string> {
  const published = await docker("port", container, "9223/tcp");
  for (let tries = 0; tries < 150; tries += 1) {
    const answer = await fetch(`http://${published}/json/version`).catch(() => undefined);
    if (answer?.ok) return `http://${published}`;
    await sleep(200);
  }
  throw new Error(`The browser does not start:\n${await docker("logs", container)}`);
}
