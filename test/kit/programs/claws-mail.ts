import { randomInt } from "node:crypto";
import type { ProgramContainer } from "./program-container.ts";

/** Debian's packages that {@link ClawsMail} needs in its container. */
export const clawsMailPackages = [
  ...["adwaita-icon-theme", "claws-mail", "dbus-x11", "fonts-dejavu-core", "procps", "scrot", "xdotool"],
  "xvfb",
];

/** Where the parts of its wizard are, on a screen of 1000 by 800 without a window manager. */
const wizard = {
  next: "520 631",
  save: "621 631",
  name: "575 242",
  serverType: "565 242",
  autoConfigure: "303 276",
  password: "565 386",
} as const;

/** A claws-mail on a screen of its own, handled by the mouse and the keyboard. It trusts what the system trusts. */
export class ClawsMail {
  readonly #container: ProgramContainer;
  readonly #display: string;

  private constructor(container: ProgramContainer, display: string) {
    this.#container = container;
    this.#display = display;
  }

  /** Starts it for the first time, with its wizard. */
  static async start(container: ProgramContainer): Promise<ClawsMail> {
    const claws = new ClawsMail(container, `:${randomInt(30_000, 40_000)}`);
    await container.start(
      `export DISPLAY=${claws.#display} HOME=/home/person
      Xvfb $DISPLAY -screen 0 1000x800x24 >/dev/null 2>&1 &
      sleep 1
      exec dbus-run-session claws-mail >/tmp/claws.log 2>&1`,
      "person",
    );
    await claws.#run(`${windowNamed("Setup Wizard")}; sleep 1`);
    return claws;
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
    const click = (place: keyof typeof wizard) => `xdotool mousemove ${wizard[place]} click 1; sleep 1`;
    await this.#run(
      [
        click("next"),
        click("name"),
        `xdotool key ctrl+a type '${name}'`,
        `xdotool key Tab key ctrl+a type '${address}'; sleep 1`,
      ].join("\n"),
    );
    await look("name");
    await this.#run(
      [
        click("next"),
        click("serverType"),
        "xdotool key Down key Return; sleep 1",
        `${click("autoConfigure")}; sleep 3`,
        click("password"),
        `xdotool type '${password}'; sleep 1`,
      ].join("\n"),
    );
    await look("receiving");
    await this.#run(click("next"));
    await look("sending");
    await this.#run([click("next"), click("save"), windowNamed(`${address}@`)].join("\n"));
  }

  /**
   * One of its windows, as PNG.
   *
   * @param title - a part of the window's
   */
  async screenshot(title: "Setup Wizard" | "Compose message" | "@"): Promise<Buffer> {
    const png = await this.#run(
      `${windowNamed(title)}
      eval "$(xdotool getwindowgeometry --shell "$window")"
      scrot --overwrite --autoselect $X,$Y,$WIDTH,$HEIGHT /tmp/window.png
      base64 /tmp/window.png`,
    );
    return Buffer.from(png, "base64");
  }

  /** Opens the inbox in its window. */
  async openInbox(): Promise<void> {
    await this.#run(`claws-mail --select "$(claws-mail --status-full | grep -o '#\\S*/INBOX$')"; sleep 2`);
  }

  /** The servers of the account, as it keeps them. */
  account(): Promise<string> {
    return this.#container.run(
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
    await this.#run(
      `claws-mail --compose 'mailto:${to}?subject=${encodeURIComponent(subject)}&body=Text.'
      ${windowNamed("Compose message")}
      sleep 1`,
    );
    await look();
    await this.#run(
      `${windowNamed("Compose message")}
      xdotool windowfocus --sync "$window" key ctrl+Return`,
    );
  }

  /** Asks for new mail; the number of messages in the inbox as its window shows it. */
  async receive(): Promise<number> {
    const lines = await this.#run("claws-mail --receive-all; sleep 3; claws-mail --status-full");
    return Number(/^\s*\d+\s+\d+\s+(\d+)\s+\S+\/INBOX$/m.exec(lines)?.[1]);
  }

  #run(script: string): Promise<string> {
    return this.#container.run(
      `export DISPLAY=${this.#display} HOME=/home/person
      session=$(tr '\\0' '\\n' </proc/$(pgrep -x claws-mail | head -1)/environ | grep ^DBUS_SESSION_BUS_ADDRESS= || true)
      [ -z "$session" ] || export "$session"
      ${script}`,
      "person",
    );
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
