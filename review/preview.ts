/** What `pulumi preview --json` says, reduced to what a review may use. */
import { parseUrn } from "../naming/urn.ts";
import { unaskedEngine } from "../outputs/unasked-engine.ts";
import { uncheckedRules } from "../outputs/unchecked-rules.ts";
import { DEFAULT_KEEP_REMOVED_MAIL_DAYS } from "../servers/mail-server/description.ts";

/** What Pulumi writes for a value that is known only once it is made. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** How a review writes it. */
export const madeByUp = "(made by `up`)";

const operations = ["create", "update", "replace", "delete", "discard", "same"] as const;
export type Operation = (typeof operations)[number];

export type Properties = Readonly<Record<string, unknown>>;

/** What will happen to one resource. */
export interface Step {
  readonly operation: Operation;
  /** @example "maildomain:index:Mailbox" */
  readonly type: string;
  readonly name: string;
  /** Inputs; empty where the resource was not, or will not be. */
  readonly before: Properties;
  readonly after: Properties;
  /** Why it is replaced, by property; empty unless it is. */
  readonly replaceReasons: readonly string[];
  /** Whether the real thing stays when the resource is removed. */
  readonly retained: boolean;
}

/** The preview cannot be read, or says that it failed: nothing is known of the change. */
export class PreviewError extends Error {
  override readonly name = "PreviewError";
}

/**
 * Reads the output of `pulumi preview --json`.
 *
 * Of a resource only its inputs are kept, and callers pick the properties that they show by name. The stack's
 * configuration is dropped but for one setting: passwords that a lab declares are in it in plain text.
 *
 * @throws PreviewError whose message repeats nothing of the text
 */
export function readPreview(text: string): readonly Step[] {
  const document = parse(text);
  const { steps, diagnostics } = document;
  if (listOf(diagnostics).some((entry) => propertiesOf(entry).severity === "error")) {
    throw new PreviewError("The preview failed: run `npm run preview` to see why.");
  }
  if (!Array.isArray(steps)) {
    throw new PreviewError("This is not a preview: use the output of `pulumi preview --json`.");
  }
  // The engine's own order differs from run to run, and a comment should not.
  const place = ({ type, name }: Step) => `${type} ${name}`;
  return lastOfEach(steps.map(propertiesOf))
    .map(readStep)
    .toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** Whether the engine that runs the stack answered when the program asked for its identity. */
export function engineWasAsked(text: string): boolean {
  return !listOf(parse(text).diagnostics).some((entry) =>
    String(propertiesOf(entry).message).includes(unaskedEngine),
  );
}

/** Whether a mail server has compiled the rules that are declared, as far as there are any. */
export function rulesWereChecked(text: string): boolean {
  return !listOf(parse(text).diagnostics).some((entry) =>
    String(propertiesOf(entry).message).includes(uncheckedRules),
  );
}

/** For how many days servers keep the mail of removed mailboxes once the change is made. */
export function keepRemovedMailDaysIn(text: string): number {
  // No other setting is read: passwords that a lab declares are among them.
  const written = propertiesOf(parse(text).config)["maildomain:keepRemovedMail"];
  return written === undefined
    ? DEFAULT_KEEP_REMOVED_MAIL_DAYS
    : Number(propertiesOf(written).value ?? written);
}

function parse(text: string): Properties {
  try {
    return propertiesOf(JSON.parse(text));
  } catch {
    // The parser's own message quotes the text, and that is state.
    throw new PreviewError("The preview is not JSON: use the output of `pulumi preview --json`.");
  }
}

/**
 * With `--refresh` the engine first reports what it found of each resource (`refresh`, or `update` and `delete` where
 * that differs from the state), and then what will happen to it.
 */
function lastOfEach(steps: readonly Properties[]): readonly Properties[] {
  return [...new Map(steps.map((step) => [step.urn, step])).values()].filter(({ op }) => op !== "refresh");
}

function readStep({ op, urn, oldState, newState, replaceReasons }: Properties): Step {
  const operation = operations.find((name) => name === op);
  if (typeof urn !== "string") throw new PreviewError("A step of the preview has no resource.");
  if (operation === undefined) {
    throw new PreviewError(`The preview has an operation that a review does not know: ${String(op)}.`);
  }
  return {
    operation,
    ...parseUrn(urn),
    before: propertiesOf(propertiesOf(oldState).inputs),
    after: propertiesOf(propertiesOf(newState).inputs),
    replaceReasons: listOf(replaceReasons).map(String),
    retained: propertiesOf(oldState).retainOnDelete === true,
  };
}

/** An object's properties; none for anything else. */
export function propertiesOf(value: unknown): Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text or number as a review shows it; undefined where there is none. */
export function textOf(value: unknown): string | undefined {
  if (value === UNKNOWN) return madeByUp;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** The steps of one type of resource that change something. */
export function stepsOf(steps: readonly Step[], type: string): readonly Step[] {
  return steps.filter((step) => step.type === type && step.operation !== "same");
}

export function isRemoved({ operation }: Step): boolean {
  return operation === "delete" || operation === "discard";
}

/** The keys of two maps, sorted, with the value of each. */
export function compare<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
): readonly { readonly key: string; readonly before: T | undefined; readonly after: T | undefined }[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].toSorted().map((key) => ({ key, before: before[key], after: after[key] }));
}
