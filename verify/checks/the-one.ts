import { FindingError } from "../check.ts";

/** What makes a text one of a standard's records, of which a name has one. */
export interface RecordKind {
  readonly isOne: (text: string) => boolean;
  /** Matches what was meant as one, too. */
  readonly meant: RegExp;
  /** @example "TLS-RPT" */
  readonly standard: string;
  readonly rule: string;
  /** What it begins with. @example "v=TLSRPTv1;" */
  readonly start: string;
}

/**
 * The one record of its kind among the texts at a name.
 *
 * @returns nothing where there is none.
 * @throws FindingError where several count as none, or where one that was meant does not count.
 */
export function theOne(name: string, texts: readonly string[], kind: RecordKind): string | undefined {
  const { isOne, meant, standard, rule, start } = kind;
  const [text, ...more] = texts.filter(isOne);
  if (more.length > 0) throw several(name, [text ?? "", ...more], standard, rule);
  const lost = text === undefined ? texts.find((other) => meant.test(other)) : undefined;
  if (lost !== undefined) {
    throw new FindingError(
      `"${lost}" does not count for ${standard}`,
      `Let the record at ${name} begin with ${start}, in this case and without anything before it (${rule}).`,
    );
  }
  return text;
}

/** Several records of a kind of which a name has one. */
export function several(
  name: string,
  texts: readonly string[],
  standard: string,
  rule: string,
): FindingError {
  return new FindingError(
    `${texts.length} ${standard} records, so that none counts: ${texts.join(" and ")}`,
    `Keep one ${standard} record at ${name} and remove the others (${rule}).`,
  );
}
