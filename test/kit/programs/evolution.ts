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
  readonly #environment: string;
  readonly #address: string;

  private constructor(container: ProgramContainer, address: string) {
    const display = randomInt(40_000, 50_000);
    this.#container = container;
    this.#address = address;
    this.#environment =
      `export DISPLAY=:${display} HOME=/home/person LANG=C.UTF-8 ` +
      `DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/bus-${display}`;
  }

  /** Starts it for the first time, with its assistant for an account. */
  static async start(container: ProgramContainer, address: string): Promise<Evolution> {
    const evolution = new Evolution(container, address);
    const text = await readFile(new URL("accessibility.py", import.meta.url), "utf8");
    await container.run(`cat >${script} <<'END'\n${text}END`, "person");
    // WebKit, which shows messages, may make no namespaces in a container.
    await container.start(
      `${evolution.#environment} WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1
      Xvfb $DISPLAY -screen 0 1280x900x24 >/dev/null 2>&1 &
      dbus-daemon --session --address=$DBUS_SESSION_BUS_ADDRESS >/tmp/bus.log 2>&1 &
      sleep 1
      echo | gnome-keyring-daemon --unlock --components=secrets >/tmp/keyring.log 2>&1
      exec evolution >/tmp/evolution.log 2>&1`,
      "person",
    );
    return evolution;
  }

  /**
   * The assistant, from the welcome to the main window, and the question for the IMAP server's password after it.
   * Nothing but the name, the address and the password is typed.
   *
   * @returns what its summary says that it has found: security, user, server and protocol, each for sending first.
   */
  async setUpByLookUp(name: string, password: string): Promise<string[]> {
    await this.#act("press", "Welcome", "button", "Next");
    await this.#act("press", "Restore from Backup", "button", "Next");
    await this.#act("type", "Identity", "text", "Full Name:", name);
    await this.#act("type", "Identity", "text", "Email Address:", this.#address);
    await this.#act("press", "Identity", "button", "Next");
    await this.#act("read", "Account Summary", "label", "Receiving");
    const summary = await this.#act("show", "Account Summary");
    await this.#act("press", "Account Summary", "button", "Next");
    await this.#act("press", "Done", "button", "Apply");
    await this.#enterPassword(password);
    const labels = [...summary.matchAll(/^ {2}label: (.*[^:])$/gm)].map(([, label]) => String(label));
    return labels.slice(labels.indexOf("Account Information") + 1, labels.indexOf("Sending"));
  }

  /** The servers of the account, as it keeps them. */
  account(): Promise<string> {
    return this.#container.run(
      `cd /home/person/.config/evolution/sources
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
