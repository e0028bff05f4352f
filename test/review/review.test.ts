import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import { identityLabel } from "../../naming/engine.ts";
import { textOfMap } from "../../naming/large-map.ts";
import { unaskedEngine } from "../../outputs/unasked-engine.ts";
import { uncheckedRules } from "../../outputs/unchecked-rules.ts";
import { type RiskId, riskIds } from "../../review/change.ts";
import { consequenceOf } from "../../review/consequence.ts";
import { summary, toMarkdown, toShort } from "../../review/markdown.ts";
import { PreviewError, UNKNOWN } from "../../review/preview.ts";
import { previewFromEvents } from "../../review/preview-events.ts";
import { formatSeconds } from "../../review/records.ts";
import { parseRiskIds, reviewPreview, withIds } from "../../review/review.ts";
import { formatBytes } from "../../review/sizes.ts";
import { makeAuthority, makeKey, makeLeaf } from "../kit/certificates.ts";
import { scenarios, transitions } from "./scenarios.ts";

const saved = (name: string) => readFile(new URL(`previews/${name}.json`, import.meta.url), "utf8");

test.each(["first", ...Object.keys(scenarios), ...Object.keys(transitions)])(
  "%s, from a real preview",
  async (name) => {
    const markdown = toMarkdown(reviewPreview(await saved(name)), "company");
    await expect(markdown).toMatchFileSnapshot(`golden/${name}.md`);
  },
);

/** As the CLI logs the events of a preview that it prints as {@link saved}. */
function eventsOf(preview: string): string {
  const {
    config,
    steps,
    diagnostics = [],
  } = JSON.parse(preview) as {
    readonly config?: object;
    readonly steps: readonly Record<string, unknown>[];
    readonly diagnostics?: readonly object[];
  };
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" };
  const sealed = (value: unknown) =>
    value && JSON.parse(JSON.stringify(value).replaceAll('"[secret]"', JSON.stringify(secret)));
  const halves = (step: Record<string, unknown>): Record<string, unknown>[] =>
    step.op === "replace"
      ? [
          { ...step, op: "delete-replaced" },
          { ...step, op: "create-replacement" },
        ]
      : [];
  const events = [
    { preludeEvent: { config } },
    { resourcePreEvent: { metadata: { op: "same", urn: "urn:pulumi:company::maildomain::a:b:C::same" } } },
    {
      resourcePreEvent: {
        metadata: {
          op: "create",
          urn: "urn:pulumi:company::maildomain::pulumi:providers:docker::default_5_2_0",
        },
      },
    },
    { diagnosticEvent: { severity: "debug", message: unaskedEngine } },
    ...diagnostics.map((diagnosticEvent) => ({ diagnosticEvent })),
    ...steps
      .flatMap((step) => [step, ...halves(step)])
      .map(({ op, urn, replaceReasons, oldState, newState }) => ({
        resourcePreEvent: {
          metadata: { op, urn, keys: replaceReasons, old: sealed(oldState), new: sealed(newState) },
        },
      })),
    { summaryEvent: {} },
  ];
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

test.each(["first", ...Object.keys(scenarios), ...Object.keys(transitions)])(
  "%s: the events of a preview for people mean the same",
  async (name) => {
    const json = await saved(name);
    expect(reviewPreview(previewFromEvents(eventsOf(json)))).toEqual(reviewPreview(json));
  },
);

test("a log of events that is cut off is not read as a preview", async () => {
  const log = eventsOf(await saved("mailboxes"));
  for (const cut of [10, 25]) expect(() => previewFromEvents(log.slice(0, -cut))).toThrow(PreviewError);
  const failed = { diagnosticEvent: { severity: "error", message: "x" } };
  expect(() => reviewPreview(previewFromEvents(`${log}${JSON.stringify(failed)}\n`))).toThrow(PreviewError);
});

interface MadeUpStep {
  readonly op: string;
  readonly type: string;
  readonly name: string;
  readonly old?: object;
  readonly next?: object;
  readonly retainOnDelete?: boolean;
}

/** For what a lab cannot be brought to. */
function preview(...steps: readonly MadeUpStep[]): string {
  return JSON.stringify({
    steps: steps.map(({ op, type, name, old, next, retainOnDelete }) => ({
      op,
      urn: `urn:pulumi:company::maildomain::maildomain:index:Parent$${type}::${name}`,
      ...(old && { oldState: { inputs: old, retainOnDelete } }),
      ...(next && { newState: { inputs: next } }),
    })),
  });
}

const zone = (before: object, after: object): MadeUpStep => ({
  op: "update",
  type: "maildomain:index:LocalZone",
  name: "example.org-zone",
  old: { domain: "example.org", records: before },
  next: { domain: "example.org", records: after },
});
const dmarc = (policy: string) => ({ dmarc: `_dmarc.example.org 3600 TXT v=DMARC1; p=${policy}` });
const respelt = (policy: string) => ({ dmarc: `_dmarc.example.org 3600 TXT v = DMARC1 ; p = ${policy}` });
const spf = (count: number) => ({
  spf: `example.org 300 TXT v=spf1 mx ${Array.from({ length: count }, (_, index) => `include:_${index}.example.net`).join(" ")} -all`,
});
const dnssecKey = (op: string): MadeUpStep => ({
  op,
  type: "maildomain:index:DnssecKey",
  name: "example.org-zone-key",
  old: { zone: "example.org" },
  ...(op === "replace" && { next: { zone: "example.org" } }),
});
const dkimKey = {
  type: "maildomain:index:DkimKey",
  name: "example.org-dkim-rsa1",
  old: { algorithm: "rsa-2048" },
};
const stages = (type: string, before: object, after: object): MadeUpStep => ({
  op: "update",
  type: `maildomain:index:${type}`,
  name: "example.org-stages",
  old: { domain: "example.org", ...before },
  next: { domain: "example.org", ...after },
});
const volume = { type: "docker:index/volume:Volume", name: "mail-server-mailboxes", old: { name: "mail" } };
const container = (ports: readonly number[]) => ({
  ports: ports.map((internal) => ({ internal, external: internal, ip: "192.0.2.25" })),
});

const provider = (op: string, old: string | undefined, next: string | undefined): MadeUpStep => ({
  op,
  type: "pulumi:providers:docker",
  name: "engine",
  ...(old !== undefined && { old: { host: old } }),
  ...(next !== undefined && { next: { host: next } }),
});

const identity = (op: string, value = "5f0c"): MadeUpStep => {
  const inputs = (text: string) => ({ labels: [{ label: identityLabel, value: text }] });
  return {
    op,
    type: "docker:index/volume:Volume",
    name: "identity-volume",
    ...(op !== "create" && { old: inputs("5f0c") }),
    next: inputs(value),
  };
};
const program = (op: string): MadeUpStep => ({ op, type: "pulumi:pulumi:Stack", name: "maildomain-company" });
const server = (op: string): MadeUpStep => ({
  op,
  type: "docker:index/container:Container",
  name: "mail-server-container",
  old: {},
  next: {},
});
const unasked = {
  diagnostics: [{ severity: "warning", message: `dockerHost: ${unaskedEngine}: no route to host` }],
};
const [isOther, mayBeOther] = ["It is another engine", "Unless both addresses lead to one engine"];
const addresses = "ssh://a → ssh://b";

test.each<[string, readonly MadeUpStep[], object, string | undefined, string | undefined]>([
  [
    "another address of the one that was asked",
    [provider("update", "ssh://a", "ssh://b")],
    {},
    addresses,
    undefined,
  ],
  [
    "another address of one that could not be asked",
    [provider("update", "ssh://a", "ssh://b")],
    unasked,
    addresses,
    mayBeOther,
  ],
  [
    "another address, before its first identity",
    [provider("update", "ssh://a", "ssh://b"), identity("create")],
    {},
    addresses,
    mayBeOther,
  ],
  [
    "another one at another address",
    [provider("update", "ssh://a", "ssh://b"), identity("replace", "none")],
    {},
    addresses,
    isOther,
  ],
  ["another one at the same address", [identity("replace", "9d41")], {}, "5f0c → 9d41", isOther],
  ["an identity at last", [identity("create")], {}, undefined, undefined],
  [
    "from the environment's",
    [provider("create", undefined, "ssh://b")],
    unasked,
    "the environment's → ssh://b",
    mayBeOther,
  ],
  [
    "to the environment's",
    [provider("delete", "ssh://a", undefined)],
    unasked,
    "ssh://a → the environment's",
    mayBeOther,
  ],
  ["the same address", [provider("update", "ssh://a", "ssh://a")], unasked, undefined, undefined],
  [
    "the first up",
    [program("create"), provider("create", undefined, "ssh://a"), server("create")],
    {},
    undefined,
    undefined,
  ],
  [
    "the end of a stack",
    [program("delete"), provider("delete", "ssh://a", undefined), server("delete")],
    {},
    undefined,
    undefined,
  ],
])("an engine: %s", (_, steps, diagnostics, expected, reason) => {
  const text = JSON.stringify({ ...JSON.parse(preview(...steps)), ...diagnostics });
  const { changes, risks, unknown } = reviewPreview(text);
  const found = changes.filter(({ subject }) => subject === "engine");
  expect(found.map(({ before, after }) => `${before} → ${after}`)).toEqual(
    expected === undefined ? [] : [expected],
  );
  const risk = risks.find(({ id }) => id === "engine-changed")?.reason;
  if (reason === undefined) expect(risk).toBeUndefined();
  else expect(risk).toContain(reason);
  // Whoever approves it has to know what becomes of the mail.
  if (reason !== undefined)
    expect(risk).toMatch(/all mail and the queue stay on the volumes of the former one/);
  if (expected?.startsWith("ssh://a") && reason !== undefined) expect(risk).toContain("former one (ssh://a)");
  expect(unknown.some((sentence) => sentence.includes("the one that the stack runs on"))).toBe(
    diagnostics === unasked,
  );
});

test.each([
  [{ op: "create", next: { sieve: "keep;" } }, 1],
  [{ op: "update", old: { sieve: "stop;" }, next: { sieve: "keep;" } }, 1],
  [{ op: "update", old: { sieve: "stop;" }, next: {} }, 0],
  [{ op: "update", old: { sieve: "stop;" }, next: { sieve: "stop;", quotaBytes: 1 } }, 0],
])("rules that nobody could compile are a risk where a mailbox gets them: %j", (step, count) => {
  const steps = preview({ type: "maildomain:index:Mailbox", name: "ana@example.org", ...step });
  const warned = {
    diagnostics: [{ severity: "warning", message: `${uncheckedRules}: no mail server runs` }],
  };
  const risksOf = (text: string) =>
    reviewPreview(text).risks.filter(({ id }) => id === "rules-not-checked").length;
  expect(risksOf(JSON.stringify({ ...JSON.parse(steps), ...warned }))).toBe(count);
  expect(risksOf(steps)).toBe(0);
});

test("what would be made on another engine does not count as a restart, and its volumes as no loss", () => {
  const moved = [provider("update", "ssh://a", "ssh://b"), identity("replace", "none"), server("replace")];
  const { changes, risks } = reviewPreview(preview(...moved));
  expect(risks.map(({ id }) => id)).toEqual(["engine-changed"]);
  expect(changes.map(({ subject, kind, name }) => `${subject} ${kind} ${name}`)).toEqual([
    "engine replaced where the stack runs",
    "server replaced mail-server",
  ]);
});

test("no change, and nobody could ask the engine: it says so", () => {
  const text = JSON.stringify({ steps: [], ...unasked });
  expect(toMarkdown(reviewPreview(text), "company")).toBe(
    "**company**: no change.\n\n### What the preview does not show\n\n- Whether the engine is the one that the stack runs on: it could not be asked, and only its address was compared.\n",
  );
});

test("mailboxes of a table read like those of their own, and one that only moves into it does not change", () => {
  const GiB = 2 ** 30;
  const entry = (quotaBytes: number, aliases: readonly string[] = []) => ({ quotaBytes, aliases });
  const own = (name: string) => ({
    op: "delete",
    type: "maildomain:index:Mailbox",
    name,
    old: { address: name, ...entry(GiB) },
  });
  const table = { type: "maildomain:index:MailboxTable", name: "a.org-mailboxes" };
  const reported = (...steps: MadeUpStep[]) =>
    reviewPreview(preview(...steps)).changes.map(({ subject, kind, name, property, before, after, risk }) =>
      [subject, kind, name, property, before, after, risk?.id].filter(Boolean).join(" "),
    );
  const changed = reported({
    op: "update",
    ...table,
    old: {
      mailboxes: {
        "ana@a.org": entry(GiB),
        "rui@a.org": entry(5 * GiB),
        "eva@a.org": entry(GiB),
        "leo@a.org": entry(GiB),
      },
    },
    next: {
      mailboxes: {
        "ana@a.org": entry(5 * GiB),
        // What is usual is left out; a table of an earlier version has it.
        "rui@a.org": {},
        "leo@a.org": { aliases: ["l@a.org"] },
        "bia@a.org": {},
      },
    },
  });
  expect(changed.join("\n")).toMatchInlineSnapshot(`
    "mailbox changed ana@a.org quota 1 GiB 5 GiB
    mailbox added bia@a.org quota 1 GiB
    mailbox removed eva@a.org mailbox-removed
    mailbox changed rui@a.org quota 5 GiB 1 GiB quota-lowered
    alias added l@a.org leo@a.org"
  `);
  // A state from before has them as a map, and what follows from it is the same.
  const one = { "ana@a.org": entry(GiB), "rui@a.org": entry(GiB) };
  const other = { ...one, "rui@a.org": entry(5 * GiB) };
  expect(
    reported({ op: "update", ...table, old: { mailboxes: one }, next: { mailboxes: textOfMap(other) } }),
  ).toEqual(["mailbox changed rui@a.org quota 1 GiB 5 GiB"]);
  expect(
    reported({ op: "update", ...table, old: { mailboxes: one }, next: { mailboxes: textOfMap(one) } }),
  ).toEqual([]);
  const credentials = { type: "maildomain:index:Credentials", name: "logins" };
  expect(
    reported({
      op: "update",
      ...credentials,
      old: { changedAt: { "ana@a.org": "1", "rui@a.org": "1" }, generate: textOfMap({ "eva@a.org": "1" }) },
      next: {
        changedAt: textOfMap({ "ana@a.org": "2", "rui@a.org": "1" }),
        generate: textOfMap({ "eva@a.org": "1" }),
      },
    }),
  ).toEqual(["client setting changed ana@a.org password"]);
  const moved = {
    op: "create",
    ...table,
    next: { mailboxes: { "ana@a.org": entry(GiB), "rui@a.org": entry(GiB) } },
  };
  expect(reported(own("ana@a.org"), moved)).toEqual(["mailbox added rui@a.org quota 1 GiB"]);
});

test.each<[string, MadeUpStep, RiskId[]]>([
  ["DMARC none → reject", zone(dmarc("none"), dmarc("reject")), ["dmarc-stricter"]],
  ["DMARC reject → none", zone(dmarc("reject"), dmarc("none")), ["dmarc-weaker"]],
  ["DMARC goes", zone(dmarc("quarantine"), {}), ["dmarc-weaker"]],
  ["DMARC comes", zone({}, dmarc("reject")), []],
  ["permission for reports goes", zone({ r: "a.net._report._dmarc.example.org 60 TXT v=DMARC1" }, {}), []],
  ["a policy in another spelling", zone(dmarc("reject"), respelt("reject")), []],
  ["a weaker one in another spelling", zone(dmarc("reject"), respelt("none")), ["dmarc-weaker"]],
  ["SPF with 10 look-ups", zone(spf(1), spf(9)), []],
  ["SPF with 11 look-ups", zone(spf(1), spf(10)), ["spf-lookups"]],
  ["a null MX goes", zone({ mx: "imap.example.org 60 MX 0 ." }, {}), []],
  ["MX goes", zone({ mx: "example.org 60 MX 10 mail.example.org" }, {}), ["mx-changed"]],
  ["mail volume is removed", { ...volume, op: "delete" }, ["volume-deleted"]],
  ["mail volume replaced", { ...volume, op: "replace", next: { name: "other" } }, ["volume-replaced"]],
  [
    "DKIM key replaced",
    { ...dkimKey, op: "replace", next: { algorithm: "rsa-2048" } },
    ["dkim-key-replaced"],
  ],
  ["an unknown DKIM key is removed", { ...dkimKey, op: "delete" }, ["dkim-key-removed"]],
  [
    "authority replaced",
    { op: "replace", type: "maildomain:index:CertificateAuthority", name: "a", old: {}, next: {} },
    ["authority-replaced"],
  ],
  ["DNSSEC key replaced", dnssecKey("replace"), ["dnssec-key-replaced"]],
  ["zone no longer signed", dnssecKey("delete"), ["dnssec-key-removed"]],
  [
    "port 25 closes",
    {
      op: "update",
      type: "docker:index/container:Container",
      name: "mail-server-container",
      old: container([25, 993]),
      next: container([993]),
    },
    ["port-changed"],
  ],
  ["an image of its own", { op: "update", type: "docker:index/remoteImage:RemoteImage", name: "i" }, []],
])("%s", (_, step, expected) => {
  expect(reviewPreview(preview(step)).risks.map(({ id }) => id)).toEqual(expected);
});

test("a key on its way", () => {
  const staged = (stage: string) => ({
    stage,
    since: "2026-01-01T00:00:00Z",
    nextFrom: "2026-01-06T01:00:00Z",
  });
  const dkim = (before: object, after: object) => stages("DomainStages", { dkim: before }, { dkim: after });
  const certificate = (before: object, after: object) =>
    stages("ServerCertificate", { keys: before }, { keys: after });
  const reported = (...steps: MadeUpStep[]) =>
    reviewPreview(preview(...steps)).changes.map(({ kind, name, before, after, effect, risk }) =>
      [kind, name, before, after, effect, risk?.id].join(" | "),
    );
  expect([
    ...reported(dkim({ rsa1: staged("signing") }, { rsa1: staged("retired") })),
    ...reported(dkim({ rsa1: staged("retired") }, {}), { ...dkimKey, op: "delete" }),
    ...reported(certificate({ a: staged("serving") }, { a: staged("serving"), b: staged("published") })),
    ...reported(
      certificate(
        { a: staged("serving"), b: staged("published") },
        { a: staged("retired"), b: staged("serving") },
      ),
    ),
    ...reported(stages("DomainStages", { dnssec: staged("signed") }, { dnssec: staged("withdrawn") })),
    ...reported(stages("DomainStages", { dnssec: staged("withdrawn") }, { dnssec: staged("unsigned") })),
    ...reported(certificate({ a: staged("retired"), b: staged("serving") }, { b: staged("serving") })),
  ]).toMatchInlineSnapshot(`
    [
      "changed | DKIM rsa1 of example.org | signing | retired | No longer signs. Its record has to stay until 2026-01-06 01:00:00 UTC, for mail in transit. | ",
      "removed | DKIM rsa1 of example.org | rsa-2048 |  | No mail in transit needs it any longer. | ",
      "added | server key b of example.org-stages |  | published | Published by its TLSA record; the server does not show it yet. It may be shown from 2026-01-06 01:00:00 UTC on. | ",
      "changed | server key a of example.org-stages | serving | retired | No longer shown. Its TLSA record has to stay until 2026-01-06 01:00:00 UTC. | ",
      "changed | server key b of example.org-stages | published | serving | The server shows it from \`up\` on. Other servers know it by its TLSA record; clients that pinned the old key refuse it. | ",
      "changed | DNSSEC of example.org | signed | withdrawn | The parent is declared to have no DS record for it any longer. Its signatures have to stay until 2026-01-06 01:00:00 UTC. | ",
      "changed | DNSSEC of example.org | withdrawn | unsigned | The zone is no longer signed, and DANE ends with the signatures. | ",
      "removed | server key a of example.org-stages | retired |  | Its TLSA record is removed; the server shows another key. | ",
    ]
  `);
});

/** One that the state of an earlier version has says nothing of the settings. */
const settings = (old: object, next: object): MadeUpStep => ({
  op: "update",
  type: "maildomain:index:MailServer",
  name: "mail-server",
  old: { hostName: "mail.example.org", ...old },
  next: { hostName: "mail.example.org", ...next },
});
const keep = (days: number) => ({ keepRemovedMailDays: days });
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000 - 60_000);
const kept = new Map([
  [
    "mail.example.org",
    [
      { address: "eva@example.org", removed: daysAgo(3), bytes: 1.5 * 2 ** 30 },
      { address: "leo@example.org", removed: daysAgo(20), bytes: 2048 },
    ],
  ],
]);
const bothGo =
  /1\.5 GiB of mail .*, of eva@example\.org \(1\.5 GiB, removed 20\d\d-\d\d-\d\d\), leo@example\.org \(2 KiB/;

test.each<[string, object, object, typeof kept | undefined, RegExp | undefined]>([
  ["nothing is kept any longer", keep(30), keep(0), kept, bothGo],
  [
    "less than the older has",
    keep(30),
    keep(7),
    kept,
    /: 2 KiB of mail that was set aside, of leo@\S+ \(2 KiB, removed \S+\)\./,
  ],
  ["as long as both have", keep(90), keep(30), kept, undefined],
  ["longer", keep(30), keep(90), kept, undefined],
  ["nobody could ask", keep(30), keep(0), undefined, /All mail .* could not be asked whose, and how much/],
  [
    "nobody could ask this server",
    keep(30),
    keep(7),
    new Map(),
    /set aside 7 days ago or earlier .* could not/,
  ],
  ["nothing is there", keep(30), keep(0), new Map([["mail.example.org", []]]), undefined],
  ["the state does not say how long", {}, keep(7), kept, /leo@/],
  ["the state does not say, the default, nobody asked", {}, keep(30), undefined, undefined],
  ["the state does not say, less than the default, nobody asked", {}, keep(5), undefined, /set aside 5 days/],
])("mail of removed mailboxes: %s", (_, old, next, keptMail, reason) => {
  const { risks } = reviewPreview(preview(settings(old, next)), { keptMail });
  expect(risks.map(({ id }) => id)).toEqual(reason === undefined ? [] : ["kept-mail-deleted"]);
  if (reason !== undefined) expect(risks[0]?.reason).toMatch(reason);
});

test("a removed mailbox: for how long its mail is kept, in the number that is declared", () => {
  const removed = { op: "delete", type: "maildomain:index:Mailbox", name: "eva@example.org", old: {} };
  const effectOf = (config: object) => {
    const text = JSON.stringify({ ...JSON.parse(preview(removed)), config });
    const [change] = reviewPreview(text).changes;
    return `${change?.effect} ${change?.risk?.reason}`;
  };
  expect(effectOf({})).toContain("set aside for 30 days;");
  expect(effectOf({ "maildomain:keepRemovedMail": "90" })).toContain("set aside for 90 days;");
  expect(effectOf({ "maildomain:keepRemovedMail": "0" })).toMatch(/deleted at once.*is deleted for good\./);
});

test("a server's settings: what its files hide, and which of it is a risk", () => {
  const mtaSts = (stage: string, maxAge = 604_800, mx = ["mail.example.org"]) => ({
    mtaSts: { stage, maxAge, mx, since: "2026-01-01T00:00:00Z", nextFrom: "2026-01-08T01:00:00Z" },
  });
  const policy = (old: object, next: object) => stages("DomainStages", old, next);
  const reported = (...steps: MadeUpStep[]) =>
    reviewPreview(preview(...steps)).changes.map(({ subject, name, property, before, after, risk }) =>
      [subject, name, property, before, after, risk?.id].join(" | "),
    );
  expect(
    [
      ...reported(settings({ isSealed: true, keepMail: false }, { isSealed: false, keepMail: true })),
      ...reported(settings({ isSealed: false, keepMail: true }, { isSealed: true, keepMail: false })),
      ...reported(settings({ keepMail: true }, { isSealed: false, keepMail: true })),
      ...reported(
        settings(
          { messageSizeLimitBytes: 50 * 2 ** 20, loginLimits: { perLogin: 100, perAddress: 100 } },
          { messageSizeLimitBytes: 25 * 2 ** 20, loginLimits: { perLogin: 20, perAddress: 100 } },
        ),
      ),
      ...reported(policy({}, mtaSts("testing"))),
      ...reported(policy(mtaSts("testing"), mtaSts("enforce"))),
      ...reported(policy(mtaSts("enforce"), mtaSts("testing"))),
      ...reported(policy(mtaSts("enforce"), mtaSts("none"))),
      ...reported(policy(mtaSts("none"), {})),
      ...reported(
        policy(mtaSts("enforce"), mtaSts("enforce", 86_400, ["mail.example.org", "mx2.example.org"])),
      ),
      ...reported(policy(mtaSts("enforce"), mtaSts("enforce"))),
    ].join("\n"),
  ).toMatchInlineSnapshot(`
    "setting | mail-server | mail to others | stays on the machine (lab) | goes to their servers | lab-ends
    setting | mail-server | mail when the server is removed | deleted | stays | 
    setting | mail-server | mail to others | goes to their servers | stays on the machine (lab) | lab-begins
    setting | mail-server | mail when the server is removed | stays | deleted | mail-not-kept
    setting | mail-server | size of a message | 50 MiB | 25 MiB | 
    setting | mail-server | wrong passwords per hour, for one login | 100 | 20 | 
    domain | example.org | MTA-STS |  | testing | 
    domain | example.org | MTA-STS | testing | enforce | mta-sts-stricter
    domain | example.org | MTA-STS | enforce | testing | mta-sts-weaker
    domain | example.org | MTA-STS | enforce | none | mta-sts-weaker
    domain | example.org | MTA-STS | none |  | 
    domain | example.org | MTA-STS, kept for | 7 d | 1 d | 
    domain | example.org | MTA-STS, hosts | mail.example.org | mail.example.org, mx2.example.org | "
  `);
});

test("a volume that the engine keeps is not called deleted", () => {
  const [kept] = reviewPreview(preview({ ...volume, op: "delete", retainOnDelete: true })).changes;
  const [lost] = reviewPreview(preview({ ...volume, op: "delete" })).changes;
  expect(kept?.effect).toBe("The old volume stays on the engine, with its contents.");
  expect(lost?.effect).toBe("Deleted for good: all mail.");
});

test("a web server that is replaced costs nobody's mail", () => {
  const step = { op: "replace", type: "docker:index/container:Container", name: "web-server-container" };
  const { risks } = reviewPreview(preview({ ...step, old: container([443]), next: container([443]) }));
  expect(risks.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([
    "container-replaced: New clients find no settings meanwhile, and other servers no MTA-STS policy; servers that know the policy keep it.",
  ]);
});

test("an image that is still to be built: its server may be replaced, and nothing is said of keys", () => {
  const step = { op: "replace", type: "docker:index/container:Container", name: "mail-server-container" };
  const text = JSON.parse(preview({ ...step, old: { image: "sha256:1" }, next: { image: UNKNOWN } }));
  const because = (...reasons: string[]) =>
    reviewPreview(JSON.stringify({ steps: [{ ...text.steps[0], replaceReasons: reasons }] }));
  const review = because("image");
  expect(summary(review)).toBe("mail-server may be replaced; **1 risk**.");
  expect(review.risks[0]?.reason).toMatch(/^If the new image is another one: all sessions are cut/);
  expect(review.changes[0]?.effect).toMatch(
    /once the image has served this configuration .*, and no other server is being replaced: unreachable .* less than 5 s/,
  );
  expect(review.unknown).toEqual(["Whether a new image differs from the present one: `up` builds it."]);
  expect(summary(because("image", "ports"))).toBe("mail-server replaced; **1 risk**.");
  // Without a reason there is no empty one.
  expect(because().changes[0]?.property).toBeUndefined();
});

test("several records at one name: only those that come and go are reported", () => {
  const at = (...hosts: string[]) =>
    Object.fromEntries(hosts.map((host) => [host, `1.0.0.127.in-addr.arpa 60 PTR ${host}`]));
  const changed = reviewPreview(preview(zone(at("mail.a", "mail.b"), at("mail.b", "mail.c")))).changes;
  expect(changed.map(({ kind, before, after }) => [kind, before ?? after])).toEqual([
    ["removed", "mail.a (TTL 1 min)"],
    ["added", "mail.c (TTL 1 min)"],
  ]);
});

test("a catch-all is called by what it is", () => {
  const domain = { op: "update", type: "maildomain:index:MailDomain", name: "a.org" };
  const [change] = reviewPreview(
    preview({ ...domain, old: { aliases: { "@a.org": ["ana@a.org"] } }, next: { aliases: {} } }),
  ).changes;
  expect(change?.name).toBe("catch-all of a.org");
  expect(change?.risk?.reason).toMatch(/^Mail to addresses of a\.org that are not declared is refused/);
});

test("webmail that is replaced", () => {
  const step = { op: "replace", type: "docker:index/container:Container", name: "webmail-container" };
  const { risks } = reviewPreview(preview({ ...step, old: container([]), next: container([]) }));
  expect(risks.map(({ reason }) => reason)).toEqual([
    "Nobody can read or write mail in a browser meanwhile; sessions continue afterwards, and every other client works.",
  ]);
});

test("what goes for good, what stays on the engine, and what loses nothing", () => {
  const goes = { op: "delete", old: { name: "the-engine's-name" } };
  const risksOf = (...steps: Omit<MadeUpStep, "type">[]) =>
    steps.flatMap((step) =>
      reviewPreview(preview({ type: volume.type, ...step })).risks.map(
        ({ id, reason }) => `${id}: ${reason}`,
      ),
    );
  const database = { ...goes, name: "webmail-database" };
  expect(
    risksOf(
      database,
      { ...database, retainOnDelete: true },
      { ...goes, name: "webmail-configuration-volume" },
      { ...goes, op: "replace", name: "web-server-configuration-volume" },
    ).join("\n"),
  ).toMatchInlineSnapshot(`
    "volume-deleted: Lost for good: webmail's address books, identities and settings.
    volume-detached: Out of reach: webmail's address books, identities and settings. It stays on the engine's volume the-engine's-name; it is used again when its server is added again under the same name."
  `);
});

test("which names get which certificate, a change of issuer, and what clients notice", async () => {
  const root = await makeAuthority("Example root");
  const [one, two] = [makeKey(), makeKey()];
  const from = new Date("2026-01-01T00:00:00Z");
  const own = async (key = one, names = ["mx.example.org", "*.example.org"]) => ({
    hostNames: ["mx.example.org"],
    keys: { own: { stage: "serving" } },
    issuedAt: "2026-01-01T00:00:00Z",
    ownCertificates: {
      own: { certificate: await makeLeaf(names, root, { key, from, days: 90 }), chain: "" },
    },
  });
  const leaf = await makeLeaf(["mx.example.org"], root, { key: one, from, days: 90 });
  const here = {
    hostNames: ["mx.example.org"],
    days: 365,
    keys: { key1: { stage: "serving" } },
    issuedAt: "2025-01-01T00:00:00Z",
  };
  const certificate = (old: object | undefined, next: object | undefined): MadeUpStep => ({
    op: old === undefined ? "create" : next === undefined ? "delete" : "update",
    type: "maildomain:index:ServerCertificate",
    name: "certificate-server",
    ...(old && { old }),
    ...(next && { next }),
  });
  const authority = (op: string): MadeUpStep => {
    const text = { commonName: "example.org authority" };
    return {
      op,
      type: "maildomain:index:CertificateAuthority",
      name: "certificate-authority",
      old: text,
      next: text,
    };
  };
  const server = (isSealed: boolean): MadeUpStep => ({
    op: "same",
    type: "maildomain:index:MailServer",
    name: "mail-server",
    old: { isSealed },
    next: { isSealed },
  });
  const enforce: MadeUpStep = {
    op: "update",
    type: "maildomain:index:DomainStages",
    name: "example.org-stages",
    old: { domain: "example.org", mtaSts: { stage: "testing" } },
    next: { domain: "example.org", mtaSts: { stage: "enforce", maxAge: 86_400 } },
  };
  const reported = (...steps: MadeUpStep[]) =>
    reviewPreview(preview(...steps)).changes.flatMap(
      ({ subject, kind, name, property, before, after, effect, risk }) =>
        subject === "key" && property !== "stage"
          ? [[kind, name, property, before, after, effect, risk?.id].join(" | ")]
          : [],
    );
  expect({
    added: reported(certificate(undefined, await own())),
    renewed: reported(certificate(await own(), { ...(await own()), issuedAt: "2026-03-01T00:00:00Z" })),
    "another key and name": reported(certificate(await own(), await own(two, ["*.example.org"]))),
    "from the private authority to one that clients need": reported(
      certificate(here, await own()),
      authority("delete"),
      server(false),
    ),
    "from the private authority to a public one": reported(
      certificate(here, {
        ...here,
        ownCertificates: { key1: { certificate: leaf, chain: rootCertificates[0] } },
      }),
      authority("delete"),
      server(false),
    ),
    "to the private authority": reported(certificate(await own(), here), authority("create"), server(false)),
    "the same in a lab": reported(certificate(await own(), here), authority("create"), server(true), enforce),
    "MTA-STS with it": reported({ ...certificate(here, here), op: "same" }, server(false), enforce),
    "MTA-STS with one's own": reported(
      { ...certificate(here, await own()), op: "same" },
      server(false),
      enforce,
    ),
  }).toMatchInlineSnapshot(`
    {
      "MTA-STS with it": [
        "changed | MTA-STS of example.org | certificate |  |  | The policy is served with a certificate of the stack's own authority. | private-authority",
      ],
      "MTA-STS with one's own": [],
      "added": [
        "added | mail-server certificate |  |  | until 2026-04-01 | Issued by Example root for mx.example.org, *.example.org. | ",
      ],
      "another key and name": [
        "changed | mail-server certificate | names | mx.example.org |  | Issued again by the same authority for a different private key: clients that pinned the old key refuse it. | ",
      ],
      "from the private authority to a public one": [
        "removed | certificate authority |  | example.org authority | example.org authority | No server needs it any longer: clients trust the new certificates already, and may forget it. | ",
        "changed | mail-server certificate | issuer | the stack's own authority | Example root | Issued by Example root for a different private key: clients that pinned the old key refuse it. | ",
        "changed | mail-server certificate | validity | 365 days | until 2026-04-01 | Issued by Example root for a different private key: clients that pinned the old key refuse it. | ",
      ],
      "from the private authority to one that clients need": [
        "removed | certificate authority |  | example.org authority | example.org authority |  | authority-replaced",
        "changed | mail-server certificate | issuer | the stack's own authority | Example root | Issued by Example root for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | names |  | *.example.org | Issued by Example root for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | validity | 365 days | until 2026-04-01 | Issued by Example root for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | issued | 2025-01-01T00:00:00Z | 2026-01-01T00:00:00Z | Issued by Example root for a different private key: clients refuse it until they have been given that authority. | ",
      ],
      "renewed": [
        "changed | mail-server certificate | issued | 2026-01-01T00:00:00Z | 2026-03-01T00:00:00Z | Issued again by the same authority for the same private key: clients notice nothing. | ",
      ],
      "the same in a lab": [
        "added | certificate authority |  | example.org authority | example.org authority | Clients have to trust it once. | ",
        "changed | mail-server certificate | issuer | Example root | the stack's own authority | Issued by the stack's own authority for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | names | *.example.org |  | Issued by the stack's own authority for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | validity | until 2026-04-01 | 365 days | Issued by the stack's own authority for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | issued | 2026-01-01T00:00:00Z | 2025-01-01T00:00:00Z | Issued by the stack's own authority for a different private key: clients refuse it until they have been given that authority. | ",
      ],
      "to the private authority": [
        "added | certificate authority |  | example.org authority | example.org authority | Clients have to trust it once. | private-authority",
        "changed | mail-server certificate | issuer | Example root | the stack's own authority | Issued by the stack's own authority for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | names | *.example.org |  | Issued by the stack's own authority for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | validity | until 2026-04-01 | 365 days | Issued by the stack's own authority for a different private key: clients refuse it until they have been given that authority. | ",
        "changed | mail-server certificate | issued | 2026-01-01T00:00:00Z | 2025-01-01T00:00:00Z | Issued by the stack's own authority for a different private key: clients refuse it until they have been given that authority. | ",
      ],
    }
  `);
});

test("a server that is turned off takes its certificate along; one that stays without its certificate is a risk", () => {
  const container = (role: string) =>
    ({ op: "delete", type: "docker:index/container:Container", name: `${role}-container` }) as const;
  const certificate = {
    op: "delete",
    type: "maildomain:index:ServerCertificate",
    name: "web-certificate-server",
  };
  const risksOf = (...steps: MadeUpStep[]) =>
    reviewPreview(preview(...steps)).risks.map(({ id, name }) => `${id} ${name}`);
  expect(risksOf(certificate)).toEqual(["tls-key-replaced web-server certificate"]);
  const roles = ["web-server", "webmail", "dns-server", "dns-server-inside", "mail-server-mx2.example.org"];
  expect(risksOf(certificate, ...roles.map(container))).toEqual(
    roles.toSorted().map((role) => `server-removed ${role}`),
  );
});

test("the certificates of domains, and the one that they replace on the web server: nobody has their keys in a TLSA record", () => {
  const step = (op: "create" | "delete", name: string) =>
    ({ op, type: "maildomain:index:ServerCertificate", name: `${name}-server` }) as const;
  const pairs = ["domain-example.org-certificate", "web-example.org-certificate"];
  const reviewed = (...steps: MadeUpStep[]) => {
    const { changes, risks } = reviewPreview(preview(...steps));
    return { changes: changes.map(({ kind, name }) => `${kind} ${name}`), risks: risks.map(({ id }) => id) };
  };
  // To an authority by ACME.
  expect(reviewed(step("delete", "web-certificate"), ...pairs.map((name) => step("create", name)))).toEqual({
    changes: [
      "added domain-example.org certificate",
      "removed web-server certificate",
      "added web-example.org certificate",
    ],
    risks: [],
  });
  // And back.
  expect(reviewed(step("create", "web-certificate"), ...pairs.map((name) => step("delete", name)))).toEqual({
    changes: [
      "removed domain-example.org certificate",
      "added web-server certificate",
      "removed web-example.org certificate",
    ],
    risks: [],
  });
  expect(reviewed(step("delete", "certificate")).risks).toEqual(["tls-key-replaced"]);
});

test("names that move to a certificate that is ordered: who is shown what until it is there", () => {
  const names = ["mail.example.org", "imap.example.org"];
  const type = "maildomain:index:ServerCertificate";
  const step = (op: string, name: string, hostNames: string[]) =>
    op === "create"
      ? { op, type, name: `${name}-server`, next: { hostNames, temporary: true } }
      : { op, type, name: `${name}-server`, old: { hostNames, days: 365 }, next: { hostNames, days: 365 } };
  const reported = (...steps: MadeUpStep[]) =>
    reviewPreview(preview(...steps))
      .changes.filter(({ kind }) => kind === "added")
      .map((change) => `${change.effect} | ${consequenceOf(change).who}`);
  const pairs = ["domain", "web"].map((server) =>
    step("create", `${server}-example.org-certificate`, ["imap.example.org"]),
  );
  expect(
    reported(step("update", "certificate", names), step("delete", "web-certificate", names), ...pairs),
  ).toMatchInlineSnapshot(`
    [
      "Ordered from an authority for imap.example.org; the server shows the former one until it is there. | nobody",
      "Ordered from an authority for imap.example.org; the server shows a temporary one until it is there, usually some seconds: browsers warn. | whoever opens its pages, or sets up a client, until it is there",
    ]
  `);
  expect(reported(...pairs)).toEqual(
    Array(2).fill(expect.stringMatching(/ shows a temporary one until it is there\. \| nobody$/)),
  );
});

test("a further mail server is reported of as the first: its sessions, and its ports by its name", () => {
  const step = { op: "replace", type: "docker:index/container:Container" };
  const { risks } = reviewPreview(
    preview({
      ...step,
      name: "mail-server-mx2.example.org-container",
      old: container([993]),
      next: container([]),
    }),
  );
  expect(risks.map(({ id, name, reason }) => `${id} ${name}: ${reason}`).join("\n")).toMatchInlineSnapshot(`
    "container-replaced mail-server-mx2.example.org: All sessions are cut and nobody can send or read meanwhile; mail from others waits at the sending servers, which try again (RFC 5321 section 4.5.4.1).
    port-changed IMAP (TLS) of mx2.example.org: Everybody who uses it must change the port in every client, and cannot connect until then."
  `);
});

test("a moved port is called by its own service, and one that nobody knows by its number", () => {
  const ports = [25, 587, 465, 993, 995, 143, 110, 4190, 20_025, 9100];
  const step = { op: "replace", type: "docker:index/container:Container", name: "mail-server-container" };
  const moved = {
    ports: container(ports).ports.map((port) => ({ ...port, external: port.external + 10_000 })),
  };
  const { changes } = reviewPreview(preview({ ...step, old: container(ports), next: moved }));
  const reported = changes.flatMap(({ subject, name, risk }) =>
    subject === "client setting" ? `${name}: ${risk?.reason.split(" ", 2).join(" ")}` : [],
  );
  expect(reported.join("\n")).toMatchInlineSnapshot(`
    "SMTP from other servers: Other servers
    SMTP (STARTTLS): Everybody who
    SMTP (TLS): Everybody who
    IMAP (TLS): Everybody who
    POP3 (TLS): Everybody who
    IMAP (STARTTLS): Everybody who
    POP3 (STARTTLS): Everybody who
    ManageSieve (STARTTLS): Everybody who
    SMTP from other servers behind load balancers: Until the
    port 9100 in the container: Everybody who"
  `);
});

test("a port at other addresses of the host: who still reaches it, whatever the engine's order is", () => {
  const step = { op: "replace", type: "docker:index/container:Container", name: "mail-server-container" };
  const at = (...places: readonly string[]) => ({
    ports: places.map((place) => {
      const [ip = "", internal] = place.split(" ");
      return { internal: Number(internal), external: Number(internal), ip, protocol: "tcp" };
    }),
  });
  const reported = (old: object, next: object) =>
    reviewPreview(preview({ ...step, old, next })).changes.flatMap(
      ({ subject, name, kind, before, after, effect, risk }) =>
        subject === "client setting"
          ? `${kind} ${name}: ${before} -> ${after}: ${risk?.reason ?? effect}`
          : [],
    );
  expect(reported(at("0.0.0.0 25", ":: 25"), at(":: 25", "0.0.0.0 25"))).toEqual([]);
  expect(
    [
      ...reported(at("192.0.2.25 993"), at("192.0.2.25 993", "10.0.0.5 993")),
      ...reported(at("192.0.2.25 993"), at("0.0.0.0 993")),
      ...reported(at("0.0.0.0 993", ":: 993"), at("10.0.0.5 993", ":: 993")),
      ...reported(at("192.0.2.25 25", "::1 25"), at("10.0.0.5 25")),
    ].join("\n"),
  ).toMatchInlineSnapshot(`
    "changed IMAP (TLS): 192.0.2.25:993 -> 10.0.0.5:993, 192.0.2.25:993: One more way to connect; nobody has to change anything.
    changed IMAP (TLS): 192.0.2.25:993 -> 0.0.0.0:993: One more way to connect; nobody has to change anything.
    changed IMAP (TLS): [::]:993, 0.0.0.0:993 -> [::]:993, 10.0.0.5:993: At 0.0.0.0 nobody can connect any longer: the names that people and servers use have to lead elsewhere.
    changed SMTP from other servers: [::1]:25, 192.0.2.25:25 -> 10.0.0.5:25: At ::1, 192.0.2.25 no mail from other servers arrives any longer: the names that people and servers use have to lead elsewhere."
  `);
});

test("webmail's names come and go with their records, and a domain's own name is none", () => {
  const zone = (names: readonly string[]) => ({
    domain: "a.org",
    records: Object.fromEntries(names.map((name) => [name, `${name} 3600 A 192.0.2.80`])),
  });
  const served = ["mail.a.org", "autoconfig.a.org"];
  const step = { type: "maildomain:index:LocalZone", name: "a.org-zone" };
  const reported = (made: Partial<MadeUpStep>) =>
    reviewPreview(preview({ op: "update", ...step, ...made }))
      .changes.filter(({ subject }) => subject === "client setting")
      .map(({ kind, name }) => `${kind} ${name}`);
  const [off, on] = [zone(served), zone([...served, "webmail.a.org"])];
  expect(reported({ old: off, next: on })).toEqual(["added webmail.a.org"]);
  expect(reported({ old: on, next: off })).toEqual(["removed webmail.a.org"]);
  expect(reported({ op: "create", next: on })).toEqual(["added webmail.a.org"]);
  expect(reported({ op: "delete", old: on })).toEqual(["removed webmail.a.org"]);
  expect(reported({ old: off, next: zone([...served, "webmail.b.org"]) })).toEqual([]);
});

test("a record whose text is still to be made has its name from before", () => {
  const old = { "dkim-a": "a._domainkey.example.org 60 TXT v=DKIM1; p=x" };
  const [change] = reviewPreview(preview(zone(old, { "dkim-a": UNKNOWN }))).changes;
  expect(change).toMatchObject({
    kind: "changed",
    name: "a._domainkey.example.org TXT",
    after: "(made by `up`)",
  });
});

test("names from a preview are neither Markdown, nor HTML, nor a mention", () => {
  const name = "a|b*<img src=x>@team";
  const step = { op: "delete", type: "maildomain:index:Mailbox", name, old: { address: name } };
  const [visible = ""] = toMarkdown(reviewPreview(preview(step)), "company").split("<details>");
  expect(visible).not.toMatch(/<img|@team|[^\\]\|b/);
});

test.each([
  ["no JSON", "secret{", /is not JSON/],
  ["no preview", "{}", /is not a preview/],
  [
    "a failed one",
    JSON.stringify({ steps: [], diagnostics: [{ severity: "error", message: "secret" }] }),
    /failed/,
  ],
  [
    "an operation of a later Pulumi",
    preview({ op: "teleport", type: "t", name: "n" }),
    /does not know: teleport/,
  ],
])("%s is refused, and not repeated", (_, text, message) => {
  expect(() => reviewPreview(text)).toThrow(PreviewError);
  expect(() => reviewPreview(text)).toThrow(message);
  expect(() => reviewPreview(text)).not.toThrow(/secret/);
});

test("units of people", () => {
  expect([2 ** 30, 1.5 * 2 ** 30, 1000, 5 * 2 ** 40].map(formatBytes)).toEqual([
    "1 GiB",
    "1536 MiB",
    "1000 bytes",
    "5 TiB",
  ]);
  expect([3600, 86_400, 300, 90].map(formatSeconds)).toEqual(["1 h", "1 d", "5 min", "90 s"]);
});

test("--fail-on", () => {
  expect(parseRiskIds("volume-deleted, port-changed")).toEqual(["volume-deleted", "port-changed"]);
  expect(parseRiskIds(riskIds.join(","))).toEqual(riskIds);
  expect(() => parseRiskIds("volumes")).toThrow('"volumes" is not a risk: use some of domain-removed');
});

test("docs/review.md has every risk", async () => {
  const page = await readFile(new URL("../../docs/review.md", import.meta.url), "utf8");
  for (const id of riskIds) expect(page).toContain(`| \`${id}\` |`);
});

test("no change is one line", async () => {
  const review = reviewPreview(await saved("no-change"));
  expect(summary(review)).toBe("no change.");
  expect(toMarkdown(review, "company")).toBe("**company**: no change.\n");
});

test("a thousand mailboxes: reviewed at once, and short enough for a comment", () => {
  const mailbox = (number: number, quotaBytes: number) => ({
    address: `user${number}@example.org`,
    quotaBytes,
    aliases: [],
  });
  const steps = Array.from({ length: 1000 }, (_, number) => ({
    op: number % 2 === 0 ? "update" : "delete",
    type: "maildomain:index:Mailbox",
    name: `user${number}@example.org`,
    old: mailbox(number, 2 ** 30),
    ...(number % 2 === 0 && { next: mailbox(number, 2 ** 31) }),
  }));
  const start = performance.now();
  const review = reviewPreview(preview(...steps));
  const markdown = toMarkdown(review, "company");
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(review.changes).toHaveLength(1000);
  expect(review.risks).toHaveLength(500);
  // Rows of one kind are one, which can be opened, and none with a risk is cut off.
  expect(markdown).toContain("<summary>and 499 more</summary>");
  expect(markdown).toContain("<summary>quota of 500 mailboxes</summary>");
  expect(markdown).toContain("<summary>500 mailboxes of example.org</summary>");
  expect(markdown.split("Pulumi:")[0]).not.toContain("`--json` has all");
  expect(markdown.length).toBeLessThan(64_000);
});

test("names as long as they may be: fewer rows, and still short enough for a comment", () => {
  const address = (number: number) => `${String(number).padStart(64, "_")}@${"a.".repeat(120)}example.org`;
  const steps = Array.from({ length: 100 }, (_, number) => ({
    op: "update",
    type: "maildomain:index:Mailbox",
    name: address(number),
    old: { address: address(number), quotaBytes: 2 ** 30, aliases: [] },
    next: { address: address(number), quotaBytes: 2 ** 20, aliases: [address(number + 100)] },
  }));
  const markdown = toMarkdown(reviewPreview(preview(...steps)), "company");
  expect(markdown.length).toBeLessThan(60_000);
  expect(markdown).toContain("… and 90 more: `--json` has all.");
});

test("a TTL of many records is one row, and what has a risk stays before it", () => {
  const records = (ttl: number, policy: string) =>
    Object.fromEntries([
      ...Array.from({ length: 81 }, (_, index) => [`a${index}`, `h${index}.example.org ${ttl} A 192.0.2.1`]),
      ["dmarc", `_dmarc.example.org ${ttl} TXT v=DMARC1; p=${policy}`],
    ]);
  const review = reviewPreview(preview(zone(records(3600, "none"), records(600, "reject"))));
  const rows = toMarkdown(review, "company")
    .split("\n")
    .filter((line) => line.startsWith("| ~"))
    .map((line) => line.replace(/<\/summary>.*<\/details>/, ""));
  expect(rows.join("\n")).toMatchInlineSnapshot(`
    "| ~ | \\_dmarc.example.org TXT | \`v=DMARC1; p=none (TTL 1 h)\` | \`v=DMARC1; p=reject (TTL 10 min)\` | Others may see the old one until 1 h after \`up\`. ⚠ \`dmarc-stricter\` | whoever looks it up, from \`up\` on; caches keep the former answer for its TTL | the former value: caches keep this one for its TTL |
    | ~ | <details><summary>TTL of 81 records | \`1 h\` | \`10 min\` | Others may see the old one until 1 h after \`up\`. | whoever looks it up, from \`up\` on; caches keep the former answer for its TTL | the former value: caches keep this one for its TTL |"
  `);
  expect(review.changes.filter(({ property }) => property === "TTL")).toHaveLength(81);
});

test("one line for a commit status, with the risks first, and never too long for one", async () => {
  expect(toShort(reviewPreview(await saved("mailboxes")))).toMatchInlineSnapshot(
    `"risks: quota-lowered, mailbox-removed; 1 mailbox added, 1 removed, 1 changed; 2 aliases added, 1 changed; 1 client setting changed; reload …"`,
  );
  expect(toShort(reviewPreview(await saved("no-change")))).toBe("no change.");
  expect(toShort(reviewPreview(await saved("message-size")))).toMatchInlineSnapshot(
    `"1 setting changed; reload only, nothing restarts; no risk found."`,
  );
  for (const name of Object.keys(scenarios)) {
    const line = toShort(reviewPreview(await saved(name)));
    expect(line.length).toBeLessThanOrEqual(140);
    expect(line).not.toMatch(/[*\n]/);
  }
});

test("each change has an id of its own, the same in each review", async () => {
  const idsOf = async (name: string) => withIds(reviewPreview(await saved(name)).changes).map(({ id }) => id);
  const ids = await idsOf("mailboxes");
  expect(ids).toContain("mailbox/changed/ana@example.org/quota");
  expect(await idsOf("mailboxes")).toEqual(ids);
  for (const name of ["first", ...Object.keys(scenarios), ...Object.keys(transitions)]) {
    const all = await idsOf(name);
    expect(new Set(all).size, name).toBe(all.length);
  }
});

test("a table of contents where there are more than five sections", async () => {
  const contents = async (name: string) =>
    toMarkdown(reviewPreview(await saved(name)), "company").match(/^\[.*\]\(#.*\)$/m)?.[0];
  expect(await contents("message-size")).toBeUndefined();
  expect(await contents("mailboxes")).toContain("[⚠ Risks](#-risks) · [Mailboxes](#mailboxes)");
});

test("what a mailbox may do, a row a property", () => {
  const old = { address: "ana@example.org", quotaBytes: 1024 };
  const next = {
    ...old,
    enabled: false,
    protocols: [],
    receives: false,
    forward: { to: ["ana@example.net"], keepCopy: false },
    subAddressing: false,
    sendAs: ["sales@example.org"],
    recipientsPerHour: 50,
    sieve: "keep;\nstop;",
    appPasswords: [{ name: "phone", expires: "2027-01-31" }, { name: "tablet" }],
  };
  const step = { op: "update", type: "maildomain:index:Mailbox", name: "ana@example.org" };
  const rows = (from: object, to: object) =>
    reviewPreview(preview({ ...step, old: from, next: to })).changes.map(
      ({ property, before, after }) => `${property}: ${before} → ${after}`,
    );
  expect(rows(old, next).join("\n")).toMatchInlineSnapshot(`
    "user: may log in → suspended
    mail: taken → refused
    forward: none → ana@example.net without a copy here
    sub-addresses: taken → refused
    sends as: itself → sales@example.org
    recipients per hour: any number → 50
    declared rules: none → 2 lines
    app passwords: none → phone until 2027-01-31, tablet"
  `);
  expect(rows(next, old)).toHaveLength(8);
  expect(rows(old, { ...old, protocols: ["imap", "sieve"] })).toEqual(["protocols: all → imap, sieve"]);
});
