import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Desktop, desktopPackages } from "./desktop.ts";
import { type ElementReference, Marionette } from "./marionette.ts";
import type { ProgramContainer } from "./program-container.ts";

/** Debian's packages that {@link Thunderbird} needs in its container. */
export const thunderbirdPackages = [...desktopPackages, "ca-certificates", "thunderbird", "xdotool"];

/** Elements of the main window, its tab with the folders, and the set-up's parts, which are in shadow trees. */
const visibleElements = `
  const main = Services.wm.getMostRecentWindow("mail:3pane");
  const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
  const elements = () => all(main.document).filter((e) => e.checkVisibility());
`;
const folderTab = `${visibleElements}
  const tab = main.document.getElementById("mail3PaneTabBrowser1").contentDocument;
`;
const tabKey = "\uE004";

/** A Thunderbird on a screen of its own, handled as a person would. */
export class Thunderbird {
  readonly #marionette: Marionette;
  readonly #main: string;
  readonly #desktop: Desktop;

  private constructor(marionette: Marionette, main: string, desktop: Desktop) {
    this.#desktop = desktop;
    this.#marionette = marionette;
    this.#main = main;
  }

  /**
   * Starts it with a new profile.
   *
   * @param options.preferences - a `user.js` for the profile, by its path in the container. @default an empty profile
   * @param options.password - entered at the start, where the profile has an account already.
   */
  static async start(
    container: ProgramContainer,
    { preferences, password }: { readonly preferences?: string; readonly password?: string } = {},
  ): Promise<Thunderbird> {
    const port = randomInt(20_000, 30_000);
    const profile = `/home/person/.thunderbird/profile-${port}`;
    await container.run(
      `mkdir -p ${profile}
      echo 'user_pref("marionette.port", ${port}); user_pref("mailnews.start_page.enabled", false);' >${profile}/prefs.js
      ${preferences === undefined ? "" : `cp ${preferences} ${profile}/user.js`}
      chown -R person /home/person/.thunderbird`,
    );
    const desktop = await Desktop.start(container, { home: "/home/person" });
    const options = `--marionette --remote-allow-system-access --profile ${profile}`;
    await desktop.launch(`exec thunderbird ${options} >/tmp/${port}.log 2>&1`);
    if (password !== undefined) await enterPassword(desktop, password);
    const marionette = await until("Thunderbird's start", async () => {
      const connected = await Marionette.connect(port);
      return connected;
    });
    const [main] = await until("its window", async () => {
      const windows = await marionette.windows();
      return windows.length > 0 ? windows : undefined;
    });
    if (main === undefined) throw new Error("Thunderbird has no window");
    return new Thunderbird(marionette, main, desktop);
  }

  #element(selector: string): Promise<ElementReference> {
    return until(selector, async () => {
      const script = `${visibleElements} return elements().find((e) => e.matches(arguments[0]) && !e.disabled);`;
      return (await this.#marionette.run(script, selector)) as ElementReference | undefined;
    });
  }

  async type(selector: string, text: string): Promise<void> {
    await this.#marionette.type(await this.#element(selector), text);
  }

  async click(selector: string): Promise<void> {
    await this.#marionette.click(await this.#element(selector));
  }

  /** The text of each element, once all of them can be seen. */
  async texts(selectors: readonly string[]): Promise<string[]> {
    for (const selector of selectors) await this.#element(selector);
    const script = `${visibleElements} return arguments[0].map((s) => elements().find((e) => e.matches(s)).textContent);`;
    return (await this.#marionette.run(script, selectors)) as string[];
  }

  /** The locations of all windows that are open. */
  async locations(): Promise<string[]> {
    const script = "return [...Services.wm.getEnumerator(null)].map((each) => each.location.href);";
    return (await this.#marionette.run(script)) as string[];
  }

  /** Writes a message in a new window, and sends it from there. */
  async send(to: string, subject: string, text: string, password?: string): Promise<void> {
    const before = new Set(await this.#marionette.windows());
    await this.#marionette.run(`${folderTab} tab.getElementById("folderPaneWriteMessage").click();`);
    const handle = await until("the window for a message", async () =>
      (await this.#marionette.windows()).find((window) => !before.has(window)),
    );
    await this.#marionette.toWindow(handle);
    const field = (id: string) =>
      until(id, async () => {
        const script =
          "const e = document.getElementById(arguments[0]); return e?.checkVisibility() && !e.disabled ? e : null;";
        return ((await this.#marionette.run(script, id)) ?? undefined) as ElementReference | undefined;
      });
    await this.#marionette.type(await field("toAddrInput"), `${to}${tabKey}`);
    await this.#marionette.type(await field("msgSubject"), subject);
    await this.#marionette.type(await field("messageEditor"), text);
    await this.#marionette.click(await field("button-send"));
    if (password !== undefined) await enterPassword(this.#desktop, password);
    await until("the message to be sent", async () =>
      (await this.#marionette.windows()).includes(handle) ? undefined : true,
    );
    await this.#marionette.toWindow(this.#main);
  }

  /** Opens a folder of the first account by a click on its name, and waits for a message in its list. */
  async awaitMessage(folder: string, subject: string): Promise<void> {
    await until(`${subject} in ${folder}`, async () => {
      const script = `${folderTab}
        const row = [...tab.querySelectorAll("li[is=folder-tree-row]")].find((e) => e.querySelector(".name").textContent === arguments[0]);
        if (!row) return false;
        row.querySelector(".name").click();
        tab.getElementById("folderPaneGetMessages")?.click();
        return [...tab.querySelectorAll("#threadTree [data-column-name=subjectcol], #threadTree .subject, #threadTree .thread-card-subject-container")]
          .some((e) => e.textContent.includes(arguments[1]));`;
      return (await this.#marionette.run(script, folder, subject)) === true ? true : undefined;
    });
  }

  screenshot(): Promise<Buffer> {
    return this.#marionette.screenshot();
  }

  async quit(): Promise<void> {
    await this.#marionette.ask("Marionette:Quit", { flags: ["eForceQuit"] }).catch(() => undefined);
    this.#marionette.close();
  }
}

/**
 * Answers the question for a server's password, and has it remembered. By the keyboard of the screen: until it is
 * answered, Marionette has no turn.
 */
async function enterPassword(desktop: Desktop, password: string): Promise<void> {
  await desktop.run(
    `for attempt in $(seq 180); do
      window=$(xdotool search --onlyvisible --name 'assword' | tail -1) && [ -n "$window" ] && break
      sleep 1
    done
    sleep 1
    xdotool windowfocus --sync "$window" type --delay 50 '${password}'
    xdotool key Return`,
  );
}

/** Tries again until there is something, for three minutes: a slow machine has them. */
async function until<T>(what: string, attempt: () => Promise<T | undefined | null>): Promise<T> {
  const deadline = performance.now() + 180_000;
  let reason = "";
  while (performance.now() < deadline) {
    try {
      const result = await attempt();
      if (result !== undefined && result !== null) return result;
      reason = "";
    } catch (error) {
      reason = `: ${String(error)}`;
    }
    await sleep(300);
  }
  throw new Error(`Waited in vain for ${what}${reason}`);
}
