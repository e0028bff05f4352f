import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ProgramContainer } from "./program-container.ts";

/** Debian's packages that {@link Evolution} needs in its container. */
export const evolutionPackages = [
  "at-spi2-core",
  "ca-certificates",
  "dbus-daemon",
  "evolution",
  "fonts-dejavu-core",
  "gnome-keyring",
  "python3-pyatspi",
  "xvfb",
];

const script = "/tmp/accessibility.py";

/**
 * An Evolution on a screen of its own, handled by the names of its fields and buttons, as a screen reader does. It
 * trusts what the system trusts.
 */
export class Evolution {
  readonly #container: ProgramContainer;
  readonly #home: string;
  readonly #environment: string;
  readonly #address: string;

  private constructor(container: ProgramContainer, address: string) {
    const display = randomInt(40_000, 50_000);
    this.#container = container;
    this.#address = address;
    this.#home = `/home/person/${display}`;
    this.#environment =
      `export DISPLAY=:${display} HOME=${this.#home} LANG=C.UTF-8 CAMEL_DEBUG=autoconfig ` +
      `DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/bus-${display}`;
  }

  static async #start(container: ProgramContainer, address: string): Promise<Evolution> {
    const evolution = new Evolution(container, address);
    const text = await readFile(new URL("accessibility.py", import.meta.url), "utf8");
    await container.run(`mkdir ${evolution.#home} && cat >${script} <<'END'\n${text}END`, "person");
    // WebKit, which shows messages, may make no namespaces in a container.
    await container.start(
      `${evolution.#environment} WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1
      Xvfb $DISPLAY -screen 0 1280x900x24 >/dev/null 2>&1 &
      dbus-daemon --session --address=$DBUS_SESSION_BUS_ADDRESS >/tmp/bus.log 2>&1 &
      sleep 1
      echo | gnome-keyring-daemon --unlock --components=secrets >/tmp/keyring.log 2>&1
      exec stdbuf -oL evolution >${evolution.#home}/log 2>&1`,
      "person",
    );
    return evolution;
  }

  /**
   * Starts it, and has its assistant look up the servers: nothing but the name and the address is typed. Its search is
   * over as soon as no part of it is at work, even where another part has not begun yet (`e_config_lookup_run` of
   * Evolution 3.56): one that has ended before it asked for autoconfig says nothing about the answer, and is repeated.
   *
   * @returns it, and what its summary says that it has found: security, user, server and protocol, each for sending
   *   first.
   */
  static async lookUp(
    container: ProgramContainer,
    address: string,
    name: string,
  ): Promise<{ evolution: Evolution; found: string[] }> {
    for (let attempt = 1; ; attempt += 1) {
      const evolution = await Evolution.#start(container, address);
      const found = await evolution.#lookUp(name);
      if (attempt === 5 || (await evolution.#hasAskedForAutoconfig())) return { evolution, found };
    }
  }

  async #lookUp(name: string): Promise<string[]> {
    await this.#act("press", "Welcome", "button", "Next");
    await this.#act("press", "Restore from Backup", "button", "Next");
    await this.#act("type", "Identity", "text", "Full Name:", name);
    await this.#act("type", "Identity", "text", "Email Address:", this.#address);
    await this.#act("press", "Identity", "button", "Next");
    await this.#act("read", "Account Summary", "label", "Receiving");
    const summary = await this.#act("show", "Account Summary");
    const labels = [...summary.matchAll(/^ {2}label: (.*[^:])$/gm)].map(([, label]) => String(label));
    return labels.slice(labels.indexOf("Account Information") + 1, labels.indexOf("Sending"));
  }

  /** Also where it got no answer. */
  async #hasAskedForAutoconfig(): Promise<boolean> {
    return (await this.#container.run(`cat ${this.#home}/log`, "person")).includes("mail-autoconfig: URI:");
  }

  /** Takes what was found, to the main window, and answers the question for the IMAP server's password after it. */
  async accept(password: string): Promise<void> {
    await this.#act("press", "Account Summary", "button", "Next");
    await this.#act("press", "Done", "button", "Apply");
    await this.#enterPassword(password);
  }

  /** The servers of the account, as it keeps them. */
  account(): Promise<string> {
    return this.#container.run(
      `cd ${this.#home}/.config/evolution/sources
      for kind in 'Mail Account' 'Mail Transport'; do
        file=$(grep -lF 'Host=' $(grep -lF "[$kind]" *.source))
        echo "$kind"
        sed -n '/^\\[Authentication]/,/^\\[/{/^\\(Host\\|Method\\|Port\\|User\\)=/p};/^\\[Security]/,/^\\[/{/^Method=/p}' $file
      done`,
    );
  }

  /** Writes a message in a new window, and sends it from there, as the first one: it asks for the SMTP server's password. */
  async sendFirst(to: string, subject: string, password: string): Promise<void> {
    await this.#act("press", "", "button", "New");
    await this.#act("type", "Compose Message", "text", "To:", to);
    await this.#act("type", "Compose Message", "text", "Subject:", subject);
    await this.#act("press", subject, "button", "Send");
    await this.#enterPassword(password);
  }

  /** Opens a folder of the account, and waits for a message in its list. */
  async awaitMessage(folder: string, subject: string): Promise<void> {
    await this.#act("select", "", "table cell", `${folder}( \\(\\d+\\))?`, this.#address);
    await this.#act("read", folder, "table cell", subject);
  }

  /** The titles of all windows that are open. */
  async windows(): Promise<string[]> {
    return (await this.#act("show", "")).split("\n").filter((line) => !line.startsWith("  "));
  }

  async #enterPassword(password: string): Promise<void> {
    await this.#act("type", "Mail authentication request", "password text", "Password:", password);
    await this.#act("press", "Mail authentication request", "button", "OK");
  }

  #act(action: "press" | "type" | "select" | "read" | "show", ...words: readonly string[]): Promise<string> {
    const quoted = [action, ...words].map((word) => `'${word}'`).join(" ");
    return this.#container.run(`${this.#environment}; python3 ${script} ${quoted}`, "person");
  }
}
