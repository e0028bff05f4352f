import { accessiblePackages, Desktop } from "./desktop.ts";
import type { ProgramContainer } from "./program-container.ts";

/** Debian's packages that {@link ClawsMail} needs in its container. The last two are for pictures. */
export const clawsMailPackages = [
  ...accessiblePackages,
  "adwaita-icon-theme",
  "claws-mail",
  "scrot",
  "xdotool",
];

const wizard = "Claws Mail Setup Wizard";
const composer = ".*Compose message";

/**
 * A claws-mail on a screen of its own, handled by the names of its fields and buttons, as a screen reader does. It trusts
 * what the system trusts.
 */
export class ClawsMail {
  readonly #desktop: Desktop;

  private constructor(desktop: Desktop) {
    this.#desktop = desktop;
  }

  /** Starts it for the first time, with its wizard. */
  static async start(container: ProgramContainer): Promise<ClawsMail> {
    const desktop = await Desktop.start(container, { size: "1000x800", home: "/home/person" });
    // For the desktop's language it has no dictionary, which it reports before it shows a message to write.
    await desktop.launch("unset LANG; exec claws-mail >/tmp/claws.log 2>&1");
    return new ClawsMail(desktop);
  }

  /**
   * The wizard, from the welcome to the main window. Everything but these three comes from SRV records (RFC 6186).
   *
   * @param look - called with each page before it is left
   */
  async setUpByAutoConfiguration(
    name: string,
    address: string,
    password: string,
    look: (page: "name" | "receiving" | "sending") => Promise<void> = async () => {},
  ): Promise<void> {
    const next = () => this.#desktop.act("press", wizard, "button", "Next");
    await this.#desktop.act("read", wizard, "label", "Welcome to Claws Mail");
    await next();
    await this.#desktop.act("type", wizard, "text", "Your name:", name);
    await this.#desktop.act("type", wizard, "text", "Your email address:", address);
    await look("name");
    await next();
    await this.#desktop.act("choose", wizard, "combo box", "Server type:", "IMAP");
    await this.#desktop.act("press", wizard, "button", "Auto-configure");
    await this.#desktop.act("read", wizard, "label", "Done[.]");
    await this.#desktop.act("type", wizard, "password text", "Password:", password);
    await look("receiving");
    await next();
    await this.#desktop.act("read", wizard, "label", "Sending mail");
    await look("sending");
    await next();
    await this.#desktop.act("press", wizard, "button", "Save");
    await this.#desktop.act("await", `.*${address}@`);
  }

  /**
   * One of its windows, as PNG.
   *
   * @param title - a part of the window's
   */
  async screenshot(title: "Setup Wizard" | "Compose message" | "@"): Promise<Buffer> {
    const png = await this.#desktop.run(
      `${windowNamed(title)}
      eval "$(xdotool getwindowgeometry --shell "$window")"
      scrot --overwrite --autoselect $X,$Y,$WIDTH,$HEIGHT /tmp/window.png
      base64 /tmp/window.png`,
    );
    return Buffer.from(png, "base64");
  }

  /** Opens the inbox in its window. */
  async openInbox(): Promise<void> {
    await this.#desktop.run(
      `claws-mail --select "$(claws-mail --status-full | grep -o '#\\S*/INBOX$')"; sleep 2`,
    );
  }

  /** The servers of the account, as it keeps them. */
  account(): Promise<string> {
    return this.#desktop.run(
      "grep -E '^(receive_server|smtp_server|user_id|ssl_imap|ssl_smtp|smtp_port)=' " +
        "/home/person/.claws-mail/accountrc | sort",
    );
  }

  /**
   * Writes a message in its window and sends it.
   *
   * @param look - called before it is sent
   */
  async send(to: string, subject: string, look: () => Promise<void> = async () => {}): Promise<void> {
    await this.#desktop.run(
      `claws-mail --compose 'mailto:${to}?subject=${encodeURIComponent(subject)}&body=Text.'`,
    );
    await this.#desktop.act("read", composer, "button", "Send");
    await look();
    await this.#desktop.act("press", composer, "button", "Send");
  }

  /** Asks for new mail; the number of messages in the inbox, as its window shows it by then. */
  async receive(): Promise<number | undefined> {
    const lines = await this.#desktop.run("claws-mail --receive-all; sleep 1; claws-mail --status-full");
    const found = /^\s*\d+\s+\d+\s+(\d+)\s+\S+\/INBOX$/m.exec(lines);
    return found === null ? undefined : Number(found[1]);
  }
}

/** Waits for a window and leaves its number in `$window`. */
function windowNamed(name: string): string {
  return `for attempt in $(seq 60); do
        window=$(xdotool search --onlyvisible --name '${name}' | tail -1)
        [ -z "$window" ] || break
        sleep 0.5
      done
      [ -n "$window" ]`;
}
