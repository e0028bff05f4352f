import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What Marionette gives for an element, and takes for it again. */
export type ElementReference = Readonly<Record<string, string>>;

/**
 * As much of Mozilla's remote control as a person's hands and eyes need: `length:JSON` over TCP.
 *
 * @see https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
 */
export class Marionette {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #last = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket
      .on("error", () => undefined)
      .on("data", (chunk: Buffer) => {
        this.#received = Buffer.concat([this.#received, chunk]);
        socket.emit("more");
      });
  }

  /** A session in the program's own windows. Fails as long as the program does not listen. */
  static async connect(port: number): Promise<Marionette> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const marionette = new Marionette(socket);
    await marionette.#message();
    // Dialogs are for the test to answer.
    await marionette.ask("WebDriver:NewSession", { unhandledPromptBehavior: "ignore" });
    await marionette.ask("Marionette:SetContext", { value: "chrome" });
    return marionette;
  }

  async #message(): Promise<unknown> {
    for (;;) {
      const colon = this.#received.indexOf(":");
      const end = colon + 1 + Number(this.#received.subarray(0, Math.max(colon, 0)).toString());
      if (colon > 0 && this.#received.length >= end) {
        const message = this.#received.subarray(colon + 1, end).toString();
        this.#received = this.#received.subarray(end);
        return JSON.parse(message);
      }
      await once(this.#socket, "more", { signal: AbortSignal.timeout(180_000) });
    }
  }

  /** @throws Error with the program's reason. */
  async ask(command: string, parameters: object = {}): Promise<unknown> {
    this.#last += 1;
    const text = JSON.stringify([0, this.#last, command, parameters]);
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    const [, , error, result] = (await this.#message()) as [
      number,
      number,
      { message: string } | null,
      unknown,
    ];
    if (error !== null) throw new Error(`${command}: ${error.message}`);
    return result;
  }

  /** Runs the body of a function in the current window. */
  async run(script: string, ...args: unknown[]): Promise<unknown> {
    const answer = await this.ask("WebDriver:ExecuteScript", { script, args, newSandbox: false });
    return (answer as { value: unknown }).value;
  }

  /** Presses the keys, one after the other, as if they came from the keyboard. */
  async type(element: ElementReference, text: string): Promise<void> {
    await this.ask("WebDriver:ElementSendKeys", { id: idOf(element), text });
  }

  async click(element: ElementReference): Promise<void> {
    await this.ask("WebDriver:ElementClick", { id: idOf(element) });
  }

  async windows(): Promise<string[]> {
    return (await this.ask("WebDriver:GetWindowHandles")) as string[];
  }

  async toWindow(handle: string): Promise<void> {
    await this.ask("WebDriver:SwitchToWindow", { handle });
  }

  /** The current window, as PNG. */
  async screenshot(): Promise<Buffer> {
    const { value } = (await this.ask("WebDriver:TakeScreenshot", { full: false })) as { value: string };
    return Buffer.from(value, "base64");
  }

  close(): void {
    this.#socket.destroy();
  }
}

function idOf(element: ElementReference): string | undefined {
  return Object.values(element)[0];
}
