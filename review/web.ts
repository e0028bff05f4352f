import type { Change } from "./change.ts";
import { isRemoved, listOf, type Step, stepsOf } from "./preview.ts";

/** The names under which people find webmail. The web server's certificate has them, whoever serves the zones. */
export function reviewWebmailNames(steps: readonly Step[]): Change[] {
  return stepsOf(steps, "maildomain:index:ServerCertificate").flatMap((step) => {
    const former = step.operation === "create" ? [] : webmailNames(step.before.hostNames);
    const next = isRemoved(step) ? [] : webmailNames(step.after.hostNames);
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
  });
}

/** Of a domain that is served: a domain may itself be called `webmail.example.org`. */
function webmailNames(hostNames: unknown): string[] {
  const names = listOf(hostNames).map(String);
  return names.filter(
    (name) => name.startsWith("webmail.") && names.includes(name.replace("webmail.", "autoconfig.")),
  );
}
