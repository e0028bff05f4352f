import type { PublisherFacts } from "../publishers/facts.ts";
import { publisherFacts } from "../publishers/list.ts";
import type { Change } from "./change.ts";
import { propertiesOf, type Step } from "./preview.ts";
import { fromInputs, fromLine } from "./previewed-record.ts";

/** The names under which people find webmail: the records have them, whoever publishes these and certifies the names. */
export function reviewWebmailNames(steps: readonly Step[]): Change[] {
  const former = webmailNames(publishedNames(steps, "before"));
  const next = webmailNames(publishedNames(steps, "after"));
  return [...new Set([...former, ...next])].toSorted().flatMap((name): Change[] => {
    if (former.includes(name) === next.includes(name)) return [];
    const change = { subject: "client setting", name, property: "webmail" } as const;
    return next.includes(name)
      ? [
          {
            ...change,
            kind: "added",
            effect: "One more way to connect, for browsers that trust the authority.",
          },
        ]
      : [
          {
            ...change,
            kind: "removed",
            effect: "Bookmarks to it stop working; mail clients keep their settings.",
          },
        ];
  });
}

/** Every name that has an address, at whichever publisher. */
function publishedNames(steps: readonly Step[], when: "before" | "after"): Set<string> {
  const records = publisherFacts.flatMap(({ form }: PublisherFacts) =>
    form.kind === "zone"
      ? steps
          .filter(({ type }) => type === form.zoneType)
          .flatMap((step) => Object.values(propertiesOf(step[when][form.lines])).map(fromLine))
      : steps.filter(({ type }) => type === form.recordType).map((step) => fromInputs(form, step[when])),
  );
  return new Set(
    records.flatMap((record) => (record && /^(?:A|AAAA|CNAME)$/.test(record.type) ? [record.name] : [])),
  );
}

/** Of a domain that is served: a domain may itself be called `webmail.example.org`. */
function webmailNames(names: ReadonlySet<string>): string[] {
  return [...names].filter(
    (name) => name.startsWith("webmail.") && names.has(name.replace("webmail.", "autoconfig.")),
  );
}
