import { accessiblePackages, Desktop } from "./desktop.ts";
import type { ProgramContainer } from "./program-container.ts";

/** Debian's packages that {@link Evolution} needs in its container. */
export const evolutionPackages = [...accessiblePackages, "ca-certificates", "evolution", "gnome-keyring"];

/** Where a search ends: with servers for both directions, or without. */
const pages = { found: "Account Summary", notFound: "Receiving Email" } as const;

/** A search of Evolution's assistant. */
interface Search {
  /** What its summary says, where it has found servers. */
  readonly found: readonly string[] | undefined;
  /** How long the document is that it was given for autoconfig. */
  readonly answer: string | undefined;
  /** Whether it has asked for autoconfig even at the last place that it knows, where no other gave a document to read. */
  readonly exhausted: boolean;
  /** Its requests for autoconfig, as it logs them. */
  readonly requests: string;
}

/**
 * An Evolution on a screen of its own, handled by the names of its fields and buttons, as a screen reader does. It
 * trusts what the system trusts.
 */
export class Evolution {
  readonly #container: ProgramContainer;
  readonly #desktop: Desktop;
  readonly #address: string;

  private constructor(container: ProgramContainer, desktop: Desktop, address: string) {
    this.#container = container;
    this.#desktop = desktop;
    this.#address = address;
  }

  static async #start(container: ProgramContainer, address: string): Promise<Evolution> {
    const desktop = await Desktop.start(container);
    // WebKit, which shows messages, may make no namespaces in a container.
    await desktop.launch(
      `echo | gnome-keyring-daemon --unlock --components=secrets >$HOME/keyring.log 2>&1
      export CAMEL_DEBUG=autoconfig WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1
      exec stdbuf -oL evolution >$HOME/log 2>&1`,
    );
    return new Evolution(container, desktop, address);
  }

  /**
   * Starts it, and has its assistant look up the servers: nothing but the name and the address is typed.
   *
   * Evolution 3.56 ends its search as soon as no part of it is at work, even where another part has not begun yet
   * (`e_config_lookup_run`), and cancels what has begun since. Where that happens to autoconfig, its first request is
   * missing or has no answer, and there is no second one: of the five places that Evolution knows, it asks at each until
   * there is an answer. Such a search says nothing about the servers, and is repeated. So is, once, one that had an
   * answer and found nothing: it can have ended while the answer was read. Then the next answer has to be the same.
   *
   * @returns it, and what its summary says that it has found: security, user, server and protocol, each for sending
   *   first.
   * @throws Error with its log, where there is no answer or none that it can use.
   */
  static async lookUp(
    container: ProgramContainer,
    address: string,
    name: string,
  ): Promise<{ evolution: Evolution; found: readonly string[] }> {
    let unread: string | undefined;
    let log = "";
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      const evolution = await Evolution.#start(container, address);
      const { found, answer, exhausted, requests } = await evolution.#lookUp(name);
      log += `Search ${attempt} found ${found?.join(" ") ?? "nothing"}:\n${requests}\n`;
      if (exhausted) break;
      if (answer !== undefined) {
        if (unread !== undefined && answer !== unread) break;
        if (found !== undefined) return { evolution, found };
        if (unread !== undefined) break;
        unread = answer;
      }
      await evolution.#desktop.stop();
    }
    throw new Error(`Evolution has found no servers by autoconfig, or was given another answer:\n${log}`);
  }

  async #lookUp(name: string): Promise<Search> {
    await this.#desktop.act("press", "Welcome", "button", "Next");
    await this.#desktop.act("press", "Restore from Backup", "button", "Next");
    await this.#desktop.act("type", "Identity", "text", "Full Name:", name);
    await this.#desktop.act("type", "Identity", "text", "Email Address:", this.#address);
    await this.#desktop.act("press", "Identity", "button", "Next");
    const page = await this.#desktop.act("await", Object.values(pages).join("|"));
    const found = page === pages.found ? await this.#summary() : undefined;
    const requests = await this.#desktop.run("grep mail-autoconfig: $HOME/log || true");
    return {
      found,
      answer: /success:1 n-bytes-returned:(\d+)/.exec(requests)?.[1],
      exhausted: requests.includes("'https://autoconfig.thunderbird.net/"),
      requests,
    };
  }

  async #summary(): Promise<string[]> {
    await this.#desktop.act("read", pages.found, "label", "Receiving");
    const summary = await this.#desktop.act("show", pages.found);
    const labels = [...summary.matchAll(/^ {2}label: (.*[^:])$/gm)].map(([, label]) => String(label));
    return labels.slice(labels.indexOf("Account Information") + 1, labels.indexOf("Sending"));
  }

  /** Takes what was found, to the main window, and answers the question for the IMAP server's password after it. */
  async accept(password: string): Promise<void> {
    await this.#desktop.act("press", "Account Summary", "button", "Next");
    await this.#desktop.act("press", "Done", "button", "Apply");
    await this.#enterPassword(password);
  }

  /** The servers of the account, as it keeps them. */
  account(): Promise<string> {
    return this.#container.run(
      `cd ${this.#desktop.home}/.config/evolution/sources
      for kind in 'Mail Account' 'Mail Transport'; do
        file=$(grep -lF 'Host=' $(grep -lF "[$kind]" *.source))
        echo "$kind"
        sed -n '/^\\[Authentication]/,/^\\[/{/^\\(Host\\|Method\\|Port\\|User\\)=/p};/^\\[Security]/,/^\\[/{/^Method=/p}' $file
      done`,
    );
  }

  /** Writes a message in a new window, and sends it from there, as the first one: it asks for the SMTP server's password. */
  async sendFirst(to: string, subject: string, password: string): Promise<void> {
    await this.#desktop.act("press", "", "button", "New");
    await this.#desktop.act("type", "Compose Message", "text", "To:", to);
    await this.#desktop.act("type", "Compose Message", "text", "Subject:", subject);
    await this.#desktop.act("press", subject, "button", "Send");
    await this.#enterPassword(password);
  }

  /** Opens a folder of the account, and waits for a message in its list. */
  async awaitMessage(folder: string, subject: string): Promise<void> {
    await this.#desktop.act("select", "", "table cell", `${folder}( \\(\\d+\\))?`, this.#address);
    await this.#desktop.act("read", folder, "table cell", subject);
  }

  /** The titles of all windows that are open. */
  async windows(): Promise<string[]> {
    return (await this.#desktop.act("show", "")).split("\n").filter((line) => !line.startsWith("  "));
  }

  async #enterPassword(password: string): Promise<void> {
    await this.#desktop.act("type", "Mail authentication request", "password text", "Password:", password);
    await this.#desktop.act("press", "Mail authentication request", "button", "OK");
  }
}
