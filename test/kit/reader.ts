import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import type { CodeBlock, Mark } from "../docs/pages.ts";
import { hasStackByDefault } from "../docs/written-commands.ts";
import { Checkouts } from "./checkout.ts";
import type { Lab, Outcome } from "./lab.ts";

/** A person who follows the pages with a stack of their own, which the pages call `company` or `lab`. */
export class Reader {
  readonly #lab: Lab;
  readonly #checkouts: Checkouts;
  readonly #files: Readonly<Record<string, string>>;
  readonly #folder: string;
  /** The stack's file as the reader has written it. */
  readonly #written: string;
  /** The lines that have run since the stack was changed. */
  #seen = new Set<string>();
  /** The page's own one, where it begins without a stack. */
  #newFolder: string | undefined;

  private constructor(
    lab: Lab,
    checkouts: Checkouts,
    files: Readonly<Record<string, string>>,
    folder: string,
    written: string,
  ) {
    this.#lab = lab;
    this.#checkouts = checkouts;
    this.#files = files;
    this.#folder = folder;
    this.#written = written;
  }

  /**
   * @param written - the stack's file as people write it
   * @param files - what the reader has beside the checkout's own files, by path
   */
  static async of(lab: Lab, written: string, files: Readonly<Record<string, string>>): Promise<Reader> {
    const checkouts = await Checkouts.of(lab);
    const folder = await checkouts.make();
    const reader = new Reader(lab, checkouts, files, folder, written);
    await rm(reader.#stackFile);
    await reader.#putFiles(folder);
    await writeFile(reader.#stackFile, written);
    return reader;
  }

  get #stackFile(): string {
    return join(this.#folder, `stacks/Pulumi.${this.#lab.stack}.yaml`);
  }

  /** What the stack's file says now. */
  stackFile(): Promise<string> {
    return readFile(this.#stackFile, "utf8");
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#folder, { recursive: true });
    await this.#checkouts.remove();
  }

  /** Leaves a page: the next one begins in a new shell, with the stack file as it was. */
  async close(): Promise<void> {
    await writeFile(this.#stackFile, this.#written);
    await rm(environmentIn(this.#folder), { force: true });
    if (this.#newFolder !== undefined) await rm(this.#newFolder, { recursive: true });
    this.#newFolder = undefined;
  }

  /**
   * Runs a block, without what another one has shown and nothing has changed since.
   *
   * @throws Error with what it printed, where a command of it fails
   */
  async follow(block: CodeBlock): Promise<void> {
    const lines = linesOf(block, this.#lab);
    const isAsWritten = (await this.stackFile()) === this.#written;
    const left = lines.filter((line) => !(isAsWritten && isRepeatable(line) && this.#seen.has(line)));
    const { status, output } = await this.#run(left.join("\n"), block.marks);
    if (status !== 0) throw new Error(`exit status ${status} of:\n${left.join("\n")}\n\n${output}`);
    const isChanged = !isAsWritten || lines.some((line) => line.includes("config set"));
    if (!isChanged) this.#seen = new Set([...this.#seen, ...lines]);
    else if (lines.some((line) => line.startsWith("npm run up "))) this.#seen = new Set();
  }

  async #run(script: string, marks: readonly Mark[]): Promise<Outcome> {
    const isNew = isInNewCheckout(marks);
    const folder = isNew ? await this.#newCheckout() : this.#folder;
    const shell = environmentIn(folder);
    // What a block exports is there in the next one.
    const whole = `test ! -e ${shell} || . ${shell}\ntrap 'export -p >${shell}' EXIT\n${script}`;
    const typed = marks.flatMap(({ kind, text }) => (kind === "typed" ? [`${text}\n`] : [])).join("");
    const { PATH = "" } = process.env;
    return await this.#lab.shell(
      whole,
      folder,
      {
        PATH: [...this.#checkouts.path, join(folder, "node_modules/.bin"), PATH].join(delimiter),
        ...(isNew ? { PULUMI_BACKEND_URL: `file://${join(folder, "state")}` } : {}),
      },
      typed,
    );
  }

  async #newCheckout(): Promise<string> {
    if (this.#newFolder !== undefined) return this.#newFolder;
    const folder = await this.#checkouts.make();
    this.#newFolder = folder;
    await mkdir(join(folder, "state"));
    await this.#putFiles(folder);
    return folder;
  }

  async #putFiles(folder: string): Promise<void> {
    for (const [path, text] of Object.entries(this.#files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  }
}

function environmentIn(folder: string): string {
  return join(folder, "reader.environment");
}

/** What looks only, or makes it so again, and takes its time. */
function isRepeatable(line: string): boolean {
  return /^(?:npm run (?:up|preview|review|verify)|npx pulumi preview) /.test(line);
}

/** A block as it is typed: without what is an example, and with the reader's own stack. */
export function linesOf(
  { content, marks }: Pick<CodeBlock, "content" | "marks">,
  lab: Pick<Lab, "stack" | "prefix" | "address">,
): string[] {
  const kept = wholeLines(content).filter((line) => !marksOf("example", line, marks));
  return kept.map((line) => {
    const own = withoutComment(isInNewCheckout(marks) ? line : withOwnStack(line, lab));
    return marksOf("exit status 1", line, marks) ? endingWithOne(own) : own;
  });
}

/** What of a block is not run, each with its reason. */
export function examplesIn(marks: readonly Mark[]): string[] {
  return marks.flatMap(({ kind, of, text }) =>
    kind === "example" ? [of === undefined ? text : `${of}: ${text}`] : [],
  );
}

/** @returns the marks that are about no command of their block */
export function strayMarks({ content, marks }: Pick<CodeBlock, "content" | "marks">): string[] {
  const lines = wholeLines(content);
  return marks.filter((mark) => !lines.some((line) => isOf(mark, line))).map(({ of = "" }) => of);
}

function isInNewCheckout(marks: readonly Mark[]): boolean {
  return marks.some(({ kind }) => kind === "new checkout");
}

function marksOf(kind: Mark["kind"], line: string, marks: readonly Mark[]): boolean {
  return marks.some((mark) => mark.kind === kind && isOf(mark, line));
}

function isOf({ kind, of }: Mark, line: string): boolean {
  if (of === undefined) return true;
  return kind === "exit status 1" ? withoutComment(line) === of : line.includes(of);
}

function withoutComment(line: string): string {
  return line.replace(/\s+#.*$/, "");
}

/** A command that is continued is one line. */
function wholeLines(content: string): string[] {
  return content
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function endingWithOne(line: string): string {
  return `status=0; ${line} || status=$?; test $status = 1`;
}

function withOwnStack(line: string, { stack, prefix, address }: Pick<Lab, "stack" | "prefix" | "address">) {
  return line
    .replace(/--stack (?:company|lab|production)\b/g, `--stack ${stack}`)
    .replace(/\bmaildomain-company\b/g, prefix)
    .replace("/srv/backup", "$PWD")
    .replace(/(?<=^nslookup .*)127\.0\.0\.1$/, address)
    .replace(/\bnpm run (?:--silent )?([a-z]+)([^&|;)>#]*)/g, (whole, name: string, words: string) =>
      hasStackByDefault(name) && !words.includes("--stack")
        ? `${whole.slice(0, whole.length - words.length)} -- --stack ${stack}${words.replace(/^ --(?= |$)/, "")}`
        : whole,
    );
}
