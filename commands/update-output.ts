/** What an update prints, for people who want to know what it waits for, what it has changed and what went wrong. */

import { printError } from "../toolchain/print.mjs";
import type { Report } from "../toolchain/report.ts";
import type { Shown } from "./pulumi.ts";

/** More than these are a first `up` or a great change, of which the counts say more. */
const MAX_CHANGES = 6;

/** What is new comes first, and what is removed last. */
const SIGNS = "+~±-";

/** A resource's line: a sign, its type, its name and what happens. @example " +  docker:index/network:Network lab creating (0s)" */
const RESOURCE = /^(?<sign>[ +\-~=<>]{0,3}) +(?<type>[\w-]+:[\w./-]*:?[\w-]+) (?<name>\S+)/;

type Section = "progress" | "text" | "counts";

/** What begins with a line, if anything does. */
function sectionOf(line: string): Section | undefined {
  if (/^(?:Previewing update|Updating) \(/.test(line)) return "progress";
  if (/^(?:Resources:|Duration: )/.test(line)) return "counts";
  return /^\S.*:$/.test(line) ? "text" : undefined;
}

/**
 * The CLI's output, a line after another. Of its lines without a terminal those on resources are progress, and the
 * counts are said by `up`; anything else is for people: diagnostics, policies, whatever a later CLI prints.
 */
export class UpdateOutput {
  readonly #onResource: (progress: string) => void;
  #rest = "";
  #isUpdate = false;
  #section: Section = "progress";
  #others: string[] = [];
  /** The sign of each resource that is changed. */
  readonly #changes = new Map<string, string>();

  constructor(onResource: (progress: string) => void) {
    this.#onResource = onResource;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line.trimEnd());
  }

  /** What is to be printed after the CLI has ended. */
  end(): string {
    if (this.#rest !== "") this.#line(this.#rest);
    const isShown = this.#isUpdate && this.#changes.size <= MAX_CHANGES;
    // The engine's own order differs from run to run.
    const inOrder = [...this.#changes].toSorted(
      ([a, one], [b, other]) => SIGNS.indexOf(one) - SIGNS.indexOf(other) || (a < b ? -1 : 1),
    );
    const changes = isShown ? inOrder.map(([what, sign]) => `  ${sign} ${what}`) : [];
    const others = this.#others
      .join("\n")
      .replaceAll(/\n{3,}/g, "\n\n")
      .trim();
    return [...changes, ...(others === "" ? [] : [others])].map((line) => `${line}\n`).join("");
  }

  #line(line: string): void {
    const section = sectionOf(line);
    if (section !== undefined) this.#section = section;
    if (/^(?:Previewing update|Updating) \(/.test(line)) {
      this.#isUpdate = line.startsWith("Updating");
      // It says what the preview has said once more.
      this.#others = [];
      this.#changes.clear();
      return;
    }
    if (this.#section === "counts" || /^@ /.test(line)) return;
    const resource = this.#section === "progress" ? RESOURCE.exec(line)?.groups : undefined;
    if (resource === undefined) this.#others.push(line);
    else this.#resource(resource);
  }

  #resource({ sign = "", type = "", name = "" }: Partial<Record<string, string>>): void {
    if (type === "pulumi:pulumi:Stack" || sign.trim() === "") return;
    const what = `${type.slice(type.lastIndexOf(":") + 1)} ${name}`;
    // A replacement has a line for what is made and one for what is deleted.
    const isReplaced = /\+\+|--|\+-/.test(sign);
    this.#changes.set(what, isReplaced ? "±" : sign.trim());
    const count = this.#changes.size === 1 ? "1 resource" : `${this.#changes.size} resources`;
    this.#onResource(`${this.#isUpdate ? "" : "preview, "}${count}, now ${what}`);
  }
}

/**
 * Runs an update with one line of progress in place of a line per resource and step.
 *
 * @returns its exit status
 */
export async function showBriefly(
  report: Report,
  update: (shown: Shown) => Promise<number>,
): Promise<number> {
  let errors = "";
  let output: UpdateOutput | undefined;
  try {
    return await report.during("changing the stack", (detail) => {
      const lines = new UpdateOutput(detail);
      output = lines;
      return update({ stdout: (text) => lines.add(text), stderr: (text) => (errors += text) });
    });
  } finally {
    // After the line of progress, and before whatever else is said.
    printError(`${output?.end() ?? ""}${errors}`);
  }
}
