import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ProgramContainer } from "./program-container.ts";

/** Debian's packages that a {@link Desktop} needs in its container. */
export const desktopPackages = ["dbus-daemon", "fonts-dejavu-core", "xvfb"];
/** The same where {@link Desktop.act} is used. */
export const accessiblePackages = [...desktopPackages, "at-spi2-core", "python3-pyatspi"];

const script = "/tmp/accessibility.py";

/** A person's screen and session bus, without a window manager, in a container. */
export class Desktop {
  readonly display: string;
  readonly home: string;
  readonly #container: ProgramContainer;
  readonly #environment: string;

  private constructor(container: ProgramContainer, number: number, home: string) {
    this.#container = container;
    this.display = `:${number}`;
    this.home = home;
    this.#environment = [
      `export DISPLAY=${this.display} HOME=${home} LANG=C.UTF-8`,
      `DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/bus-${number}`,
    ].join(" ");
  }

  /**
   * Starts both. Programs can use them at once.
   *
   * @param options.size - of the screen in pixels. @default 1280x900
   * @param options.home - the person's home, which is made where it does not exist. @default an empty one
   */
  static async start(
    container: ProgramContainer,
    { size = "1280x900", home }: { readonly size?: string; readonly home?: string } = {},
  ): Promise<Desktop> {
    const number = randomInt(20_000, 50_000);
    const desktop = new Desktop(container, number, home ?? `/home/person/${number}`);
    const text = await readFile(new URL("accessibility.py", import.meta.url), "utf8");
    await container.run(`cat >${script} <<'END'\n${text}END`);
    await desktop.run(
      `mkdir -p $HOME
      ready=$(mktemp)
      Xvfb $DISPLAY -screen 0 ${size}x24 -displayfd 3 3>$ready >/dev/null 2>&1 &
      echo $! >/tmp/processes-${number}
      until [ -s $ready ]; do kill -0 $!; sleep 0.1; done
      # It listens once its parent has ended.
      dbus-daemon --session --address=$DBUS_SESSION_BUS_ADDRESS --fork --print-pid >>/tmp/processes-${number}`,
    );
    return desktop;
  }

  /** Starts a program, and does not wait for it. */
  launch(program: string): Promise<void> {
    return this.#container.start(`${this.#environment}\n${program}`, "person");
  }

  /** What a script prints, which may use the screen and the bus. */
  run(commands: string): Promise<string> {
    return this.#container.run(`${this.#environment}\n${commands}`, "person");
  }

  /** Does what a screen reader does for its user: `accessibility.py` has the words. Waits for what it needs. */
  act(
    action: "press" | "type" | "choose" | "select" | "read" | "await" | "show",
    ...words: readonly string[]
  ): Promise<string> {
    return this.run(`python3 ${script} ${[action, ...words].map((word) => `'${word}'`).join(" ")}`);
  }

  /** Takes the screen and the bus away, and with them the programs that use them. */
  async stop(): Promise<void> {
    await this.run(`kill $(cat /tmp/processes-${this.display.slice(1)}) || true`);
  }
}
