import type { Result } from "./check.ts";

/** The report as JUnit XML, which continuous integration shows as tests: one suite per group, one case per check. */
export function toJUnit(results: readonly Result[]): string {
  const suites = [...Map.groupBy(results, ({ group }) => group)].map(([group, members]) => {
    const cases = members.map((result) => `    ${formatCase(result)}\n`).join("");
    return `  <testsuite ${attributes({ name: group, ...counts(members) })}>\n${cases}  </testsuite>\n`;
  });
  const head = attributes({ name: "verify", ...counts(results) });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${head}>\n${suites.join("")}</testsuites>\n`;
}

function counts(results: readonly Result[]) {
  const count = (status: string) => results.filter(({ outcome }) => outcome.status === status).length;
  const milliseconds = results.reduce((sum, result) => sum + result.milliseconds, 0);
  return {
    tests: results.length,
    failures: count("failed"),
    skipped: count("skipped"),
    time: milliseconds / 1000,
  };
}

function formatCase({ id, title, why, outcome, milliseconds }: Result): string {
  const head = attributes({ classname: id, name: title, time: milliseconds / 1000 });
  if (outcome.status === "ok")
    return `<testcase ${head}><system-out>${escapeXml(outcome.seen)}</system-out></testcase>`;
  const message = attributes({ message: outcome.seen });
  const text = escapeXml(`why: ${why}\nfix: ${outcome.remedy}`);
  const element = outcome.status === "failed" ? "failure" : "skipped";
  return `<testcase ${head}><${element} ${message}>${text}</${element}></testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value))}"`)
    .join(" ");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML has no way at all to write most control characters (XML 1.0 section 2.2), and a server's reply may hold any. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\x20-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\u{fffd}")
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
