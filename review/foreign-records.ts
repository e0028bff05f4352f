/**
 * Records that somebody else has put where ours belong. A zone at another publisher is not the stack's alone, and
 * of what was entered there by hand a preview knows nothing: the DNS does.
 */
import type { PreviewForm } from "../publishers/facts.ts";
import { publisherFacts } from "../publishers/list.ts";
import { isWithin, rivalry, saysTheSame } from "../records/index.ts";
import type { Risk } from "./change.ts";
import { type Step, textOf } from "./preview.ts";
import { fromInputs, type PreviewedRecord } from "./previewed-record.ts";

/** What the DNS is to be asked for. */
export interface Question {
  readonly name: string;
  readonly type: string;
}

/** The contents, in the notation of zone files, by `name type`; none where there was no answer. */
export type Answers = ReadonlyMap<string, readonly string[]>;

export function answerKey({ name, type }: Question): string {
  return `${name} ${type}`;
}

/** Of the zones that are not the stack's alone. */
const forms = publisherFacts.map(({ form }): PreviewForm => form).filter((form) => form.kind === "record");

/** Types that must not exist beside an alias (RFC 1034 section 3.6.2) and are found at names of mail. */
const besideNoAlias = ["A", "AAAA", "MX", "TXT"];

export class ForeignRecords {
  /** What the state has: it is ours, wherever it is declared now. */
  readonly #held: readonly PreviewedRecord[];
  readonly #newcomers: readonly PreviewedRecord[];
  readonly #zones: readonly string[];
  readonly #answers: Answers;

  constructor(steps: readonly Step[], answers: Answers = new Map()) {
    const records = forms.flatMap((form) =>
      steps
        .filter(({ type }) => type === form.recordType)
        .map(({ before, after }) => ({ before: fromInputs(form, before), after: fromInputs(form, after) })),
    );
    this.#held = records.flatMap(({ before }) => before ?? []);
    this.#newcomers = records.flatMap(({ before, after }) => newcomer(before, after) ?? []);
    this.#zones = steps
      .filter(({ type }) => forms.some(({ zoneType }) => zoneType === type))
      .flatMap(({ before, after }) => textOf(after.domain) ?? textOf(before.domain) ?? []);
    this.#answers = answers;
  }

  /** Each once. */
  get questions(): Question[] {
    const all = this.#newcomers.flatMap(({ name, type }) =>
      [name, ...this.#wildcardsOver(name)].flatMap((owner) =>
        ["CNAME", type, ...(type === "CNAME" ? besideNoAlias : [])].map((asked) => ({
          name: owner,
          type: asked,
        })),
      ),
    );
    return [...new Map(all.map((question) => [answerKey(question), question])).values()];
  }

  get areUnknown(): boolean {
    return this.questions.some((question) => !this.#answers.has(answerKey(question)));
  }

  /** The zone that a name is in, of those that the steps name: of two, the one below. */
  zoneOf(name: string): string | undefined {
    return this.#zones.filter((zone) => isWithin(name, zone)).toSorted((a, b) => b.length - a.length)[0];
  }

  /**
   * @param publisher - how people know who would have to take the record.
   * @returns nothing unless the record is new and another is in its place.
   */
  riskOf(
    before: PreviewedRecord | undefined,
    after: PreviewedRecord | undefined,
    publisher: string,
  ): Risk | undefined {
    const record = newcomer(before, after);
    if (record === undefined) return undefined;
    const found = this.#foreignAlias(record, publisher) ?? this.#foreignInSlot(record, publisher);
    if (found === undefined) return undefined;
    return { id: "record-not-ours", reason: `${found} npm run adopt shows what to do.` };
  }

  #foreignAlias({ name, type }: PreviewedRecord, publisher: string): string | undefined {
    const [alias] = this.#others(name, "CNAME");
    if (alias !== undefined && type !== "CNAME") {
      return `The name is an alias of ${alias} that this stack has not made, which allows no other record at its name: ${publisher} refuses the record.`;
    }
    if (alias !== undefined || type !== "CNAME") return undefined;
    const beside = besideNoAlias.find((other) => this.#others(name, other).length > 0);
    return beside === undefined
      ? undefined
      : `The name has ${beside} records that this stack has not made, which allow no alias at their name: ${publisher} refuses it.`;
  }

  #foreignInSlot(record: PreviewedRecord, publisher: string): string | undefined {
    const { name, type } = record;
    const others = this.#others(name, type).map((content) => ({ name, type, content }));
    if (others.some((other) => saysTheSame(other, record))) {
      return `The same record exists and is not this stack's: ${publisher} refuses a second one.`;
    }
    const ours = this.#asOne(record);
    for (const other of others) {
      const effect = rivalry(ours, other);
      if (effect === undefined) continue;
      return `${shorten(other.content)} exists, is not this stack's, and stays: ${effect}`;
    }
    return undefined;
  }

  /** The record itself; of a set of CAA records, which counts as a whole, all of them with the first new one. */
  #asOne(record: PreviewedRecord): readonly PreviewedRecord[] {
    const { name, type, content } = record;
    if (type !== "CAA") return [record];
    const isHere = (other: PreviewedRecord): boolean => other.name === name && other.type === type;
    const added = this.#newcomers.filter(isHere);
    return added[0]?.content === content ? [...this.#held.filter(isHere), ...added] : [];
  }

  /** What a name has by itself and not from us: a wildcard does not apply to names that have records. */
  #others(name: string, type: string): readonly string[] {
    const wild = this.#wildcardsOver(name).flatMap((owner) => this.#answer({ name: owner, type }));
    return this.#answer({ name, type }).filter(
      (content) =>
        !wild.includes(content) && !this.#held.some((held) => saysTheSame(held, { name, type, content })),
    );
  }

  #answer(question: Question): readonly string[] {
    return this.#answers.get(answerKey(question)) ?? [];
  }

  /** @example "a.b.example.org" has "*.b.example.org" and "*.example.org" */
  #wildcardsOver(name: string): string[] {
    const labels = name.split(".");
    return labels
      .map((_, index) => labels.slice(index + 1).join("."))
      .filter((parent) => this.#zones.some((zone) => isWithin(parent, zone)))
      .map((parent) => `*.${parent}`);
  }
}

/** The record where it comes to a name and type that it has not had. */
function newcomer(
  before: PreviewedRecord | undefined,
  after: PreviewedRecord | undefined,
): PreviewedRecord | undefined {
  return before?.name === after?.name && before?.type === after?.type ? undefined : after;
}

function shorten(content: string): string {
  return content.length > 80 ? `${content.slice(0, 80)}…` : content;
}
