import { expect, test } from "vitest";
import { applicationOfTrust } from "../../clients/authority-stores.ts";
import { clientsHint, closingText } from "../../clients/card.ts";
import { applicationOfNames } from "../../clients/local-names.ts";
import { summarizeChanges } from "../../commands/up.ts";
import { UpdateOutput } from "../../commands/update-output.ts";
import { parseRunningStack } from "../../outputs/running-stack.ts";
import { stackFileProblems } from "../../stacks/reading/stack-file-problems.ts";
import { Report } from "../../toolchain/report.ts";
import type { Outcome, Result } from "../../verify/check.ts";
import { planChecks } from "../../verify/plan.ts";
import { formatReport } from "../../verify/report.ts";
import { labStack } from "../outputs/lab-stack.ts";

const running = parseRunningStack({
  ...labStack,
  domains: labStack.domains.map((domain) => ({
    ...domain,
    web: {
      page: "https://mail.vaamonde.pti/",
      webmail: "https://webmail.vaamonde.pti/",
      hostNames: ["mail.vaamonde.pti"],
      clients: { domain: domain.name, incoming: [], outgoing: [] },
    },
  })),
});
const authority = { fingerprint: "c0ffee".repeat(11).slice(2), trustCommand: applicationOfTrust("lab") };
const columns = 80;
/** npm's own lines above, and the prompt below. */
const rows = 24 - 4 - 1;

/** Every check of the lab, all well but those that are given. */
function results(not: Readonly<Record<string, Outcome>> = {}): Result[] {
  return planChecks(running)
    .flat()
    .map(({ run: _, remedy: __, timeoutMs: ___, ...check }) => ({
      ...check,
      outcome: not[check.id] ?? { status: "ok", seen: "as declared" },
      milliseconds: 7,
    }));
}

function said(say: (report: Report) => void): string {
  let text = "";
  say(new Report({ write: (line: string) => (text += line), columns }));
  return text;
}

function updated(lines: string): string {
  const output = new UpdateOutput(() => undefined);
  output.add(`Updating (lab):\n@ updating....\n${lines}\nDuration: 9s\n`);
  return output.end();
}

const checked = (not?: Readonly<Record<string, Outcome>>) => formatReport(results(not), { columns });

const screens: Readonly<Record<string, () => string>> = {
  "first-up": () =>
    said((report) => report.done(summarizeChanges({ create: 66 }))) +
    checked() +
    `\n${closingText(running, "lab", { namesCommand: applicationOfNames("lab"), authority })}`,
  "nothing-to-do": () =>
    `${said((report) => report.done(summarizeChanges({ same: 66 }))) + checked()}\n${clientsHint("lab")}`,
  "mailbox-added": () =>
    updated(
      [
        " +  maildomain:index:Mailbox leandro@vaamonde.pti creating (0s)",
        " ~  maildomain:index:Credentials mail-server-directory-credentials updating (0s)",
        " ++ docker:index/container:Container mail-server-configuration-generation creating replacement (0s)",
        " ~  maildomain:index:ServedGeneration mail-server-configuration-served updating (0s)",
      ].join("\n"),
    ) +
    said((report) => report.done(summarizeChanges({ create: 1, replace: 1, update: 2, same: 63 }))) +
    checked() +
    `\n${clientsHint("lab")}`,
  "wrong-stack-file": () =>
    said((report) =>
      report.fail(
        stackFileProblems(
          "stacks/Pulumi.lab.yaml",
          "lab",
          `config:
  maildomain:lab: true
  maildomain:ports: { imaps: "993" }
  maildomain:legacyPort: true
  maildomain:domains:
    - name: vaamonde..pti
      mailboxes:
        - { name: ana, password: 123456 }
        - { name: rui, quota: 5 GB }
`,
          () => new Uint8Array(),
        ) ?? "",
      ),
    ),
  "failed-check": () =>
    checked({
      "closed.imap": {
        status: "failed",
        seen: "mail.vaamonde.pti:143 is open",
        remedy:
          "legacyPorts is off for this stack, so another program has the port: see `ss -ltnp 'sport = :143'`.",
      },
    }),
};

test.each(Object.entries(screens))("%s fits on a screen of 80 × 24", async (name, screen) => {
  const text = screen();
  const lines = text.trimEnd().split("\n");
  expect(lines.length, text).toBeLessThanOrEqual(rows);
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
  await expect(text).toMatchFileSnapshot(`golden/screen-${name}.txt`);
});

test("the failed check is on its screen, and last", () => {
  expect(screens["failed-check"]?.()).toMatch(/FAILED +port 143 closed[\s\S]*why: [\s\S]*fix: /);
});
