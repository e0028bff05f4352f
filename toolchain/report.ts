import { styleText } from "node:util";
import { shown, shownInLine } from "../naming/unseen.mjs";
import { wrapped } from "../naming/wrapped.mjs";

/** Where progress is written; the shape of `process.stderr`. */
export interface ReportStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const TICK_MS = 100;
/** Without a terminal, a line at most this often says that long work is still running. */
const QUIET_MS = 15_000;

/**
 * Progress for people, one line per piece of work. On a terminal the line of the work at hand is redrawn with
 * the elapsed time; elsewhere a line is written every 15 s. It writes to stderr, so that stdout stays a
 * command's result.
 */
export class Report {
  readonly #stream: ReportStream;
  readonly #quietMs: number;
  #open: OpenWork | undefined;

  constructor(stream: ReportStream = process.stderr, quietMs: number = QUIET_MS) {
    this.#stream = stream;
    this.#quietMs = quietMs;
  }

  done(text: string, milliseconds?: number): void {
    this.#line("green", "✔", text, milliseconds);
  }

  fail(text: string, milliseconds?: number): void {
    this.#line("red", "✘", text, milliseconds);
  }

  note(text: string): void {
    this.#line("yellow", "•", text);
  }

  /** Shows `text` as running while `work` runs. Its own outcome line is the caller's. */
  async during<T>(text: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    const outer = this.#open;
    const open = new OpenWork(this.#stream, text, this.#quietMs);
    outer?.pause();
    this.#open = open;
    open.resume();
    try {
      return await work((detail) => open.describe(detail));
    } finally {
      open.pause();
      this.#open = outer;
      outer?.resume();
    }
  }

  #line(color: "green" | "red" | "yellow", mark: string, text: string, milliseconds?: number): void {
    this.#open?.erase();
    const time = milliseconds === undefined ? "" : ` (${formatDuration(milliseconds)})`;
    const columns = (this.#stream.columns || Number.POSITIVE_INFINITY) - 2;
    const lines = shown(text)
      .split("\n")
      .flatMap((line) => wrapped(line, columns, " ".repeat(2 + line.search(/\S|$/))));
    this.#stream.write(
      `${paint(this.#stream, color, mark)} ${lines.join("\n")}${paint(this.#stream, "dim", time)}\n`,
    );
  }
}

class OpenWork {
  readonly #stream: ReportStream;
  readonly #text: string;
  readonly #quietMs: number;
  readonly #started = performance.now();
  #detail = "";
  #timer: NodeJS.Timeout | undefined;
  #drawn = false;
  #frame = 0;

  constructor(stream: ReportStream, text: string, quietMs: number) {
    this.#stream = stream;
    this.#text = shownInLine(text);
    this.#quietMs = quietMs;
  }

  describe(detail: string): void {
    this.#detail = shownInLine(detail.trim());
  }

  resume(): void {
    const interval = this.#stream.isTTY ? TICK_MS : this.#quietMs;
    this.#timer = setInterval(() => this.#draw(), interval);
  }

  pause(): void {
    clearInterval(this.#timer);
    this.erase();
  }

  erase(): void {
    if (this.#drawn) this.#stream.write("\r\x1b[2K");
    this.#drawn = false;
  }

  #draw(): void {
    const elapsed = formatDuration(performance.now() - this.#started);
    const detail = this.#detail === "" ? "" : `: ${this.#detail}`;
    if (!this.#stream.isTTY) {
      this.#stream.write(`… ${this.#text} (${elapsed})${detail}\n`);
      return;
    }
    this.#frame = (this.#frame + 1) % SPINNER.length;
    const line = `${SPINNER[this.#frame]} ${this.#text} (${elapsed})${detail}`;
    // A wrapped line could not be erased by one carriage return.
    this.#stream.write(`\r\x1b[2K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
    this.#drawn = true;
  }
}

function paint(stream: ReportStream, color: "green" | "red" | "yellow" | "dim", text: string): string {
  return stream.isTTY && text !== "" ? styleText(color, text, { validateStream: false }) : text;
}

/** `950` -> `1.0 s`, `12_400` -> `12 s`, `83_000` -> `1 min 23 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
