import { describe, expect, test } from "vitest";
import type { DockerEngine } from "../../engine/docker-engine.ts";
import { OutputsError, parseRunningStack, type RunningStack } from "../../outputs/running-stack.ts";
import { publishedPortsCheck } from "../../verify/checks/published-ports.ts";
import { planChecks } from "../../verify/plan.ts";
import { resolverAt } from "../../verify/probes/dns.ts";
import { noChoices, parseChoices, type UserChoices } from "../../verify/user-choices.ts";
import { labClients } from "../clients/lab.ts";
import { labStack } from "../outputs/lab-stack.ts";

const idsOf = (running: RunningStack) =>
  planChecks(running)
    .flat()
    .map(({ id }) => id);

test("what is advised for a certificate that ends is what whoever issues it can do", () => {
  const advice = (certificateIssuer: RunningStack["certificateIssuer"]) =>
    planChecks({ ...labStack, certificateIssuer })
      .flat()
      .find(({ id }) => id === "tls.smtp.mail.vaamonde.pti")?.remedy;
  expect(advice("private")).toContain("If it has expired: Run `npm run up`, which renews it");
  expect(advice("files")).toContain(
    "If it has expired: Write the renewed certificate in place of the one in",
  );
});

describe("services at several addresses", () => {
  const { endpoint } = labStack;
  const addresses = {
    dns: ["127.0.0.1", "127.0.0.2"],
    smtp: ["127.0.0.1"],
    imaps: ["127.0.0.3", "127.0.0.4", "::1"],
    sieve: ["127.0.0.3"],
  };
  const running: RunningStack = { ...labStack, endpoint: { ...endpoint, addresses } };

  test("each is asked where it is, and at each further address", () => {
    const checks = planChecks(running).flat();
    const { length } = planChecks(labStack).flat();
    const further = checks.filter(({ id }) => id.startsWith("at."));
    expect(further.map(({ id, title }) => `${id}: ${title}`)).toEqual([
      "at.dns.127.0.0.2: the name server answers at 127.0.0.2:53",
      "at.imaps.127.0.0.4: imaps answers at 127.0.0.4:993",
      "at.imaps.::1: imaps answers at [::1]:993",
    ]);
    expect(checks).toHaveLength(length + further.length);
    const remedy = (id: string) => checks.find((check) => check.id === id)?.remedy;
    expect(remedy("tls.imaps.imap.vaamonde.pti")).toContain("-connect 127.0.0.3:993 ");
    expect(remedy("at.imaps.127.0.0.4")).toContain("-connect 127.0.0.4:993 ");
    expect(remedy("tls.smtp.mail.vaamonde.pti")).toContain("-connect 127.0.0.1:25 ");
  });

  test.each([
    ["all as declared", ["127.0.0.1 25", "127.0.0.3 993", "127.0.0.4 993", "::1 993"], undefined],
    ["a port that nobody has declared", ["127.0.0.1 25", "127.0.0.1 9100"], "also 9100"],
    ["one at another address", ["0.0.0.0 25", "127.0.0.1 993"], "also 0.0.0.0:25, 127.0.0.1:993"],
  ])("published ports: %s", async (_, places, seen) => {
    const Ports = Object.fromEntries(
      places.map((place, index) => {
        const [HostIp, HostPort] = place.split(" ");
        return [`${index}/tcp`, [{ HostIp, HostPort }]];
      }),
    );
    const engine = { inspect: async () => ({ NetworkSettings: { Ports } }) } as unknown as DockerEngine;
    const outcome = await publishedPortsCheck(running, engine).run();
    expect(outcome.status === "ok" ? undefined : outcome.seen).toBe(seen);
  });
});

describe("planChecks", () => {
  test("asks everything of the lab, the containers first", () => {
    const [first = [], second = []] = planChecks(labStack);
    expect(first.map(({ id }) => id)).toMatchInlineSnapshot(`
      [
        "container.maildomain-lab-mail-server",
        "generation.maildomain-lab-mail-server",
        "files.maildomain-lab-mail-server",
        "container.maildomain-lab-dns-server",
        "generation.maildomain-lab-dns-server",
        "files.maildomain-lab-dns-server",
        "ports.published",
      ]
    `);
    expect(second.map(({ id }) => id)).toMatchInlineSnapshot(`
      [
        "dns.mx.vaamonde.pti",
        "dns.a.mail.vaamonde.pti",
        "dns.txt.rsa1._domainkey.vaamonde.pti",
        "dkim.key.rsa1._domainkey.vaamonde.pti",
        "tls.smtp.mail.vaamonde.pti",
        "tls.submission.smtp.vaamonde.pti",
        "tls.submissions.smtp.vaamonde.pti",
        "tls.imaps.imap.vaamonde.pti",
        "tls.pop3s.pop3.vaamonde.pti",
        "tls.sieve.imap.vaamonde.pti",
        "tls.old.smtp",
        "tls.old.submission",
        "tls.old.submissions",
        "tls.old.imaps",
        "tls.old.pop3s",
        "tls.old.sieve",
        "closed.imap",
        "closed.pop3",
        "greeting.smtp",
        "greeting.submission",
        "latency.smtp",
        "latency.submission",
        "latency.submissions",
        "latency.imaps",
        "latency.pop3s",
        "latency.sieve",
        "starttls.submission",
        "auth.smtp",
        "auth.submission.plain",
        "auth.sieve.plain",
        "clients.127.0.0.1",
        "disk.maildomain-lab-mail-server",
        "disk.maildomain-lab-dns-server",
        "queue",
        "clock",
        "restarts.maildomain-lab-mail-server",
        "restarts.maildomain-lab-dns-server",
        "backup.maildomain-lab-mail-server",
        "versions.maildomain-lab-mail-server",
        "versions.maildomain-lab-dns-server",
        "login.submission.robsonvaamonde@vaamonde.pti",
        "login.submission.robsonvaamonde",
        "login.submissions.robsonvaamonde@vaamonde.pti",
        "login.submissions.robsonvaamonde",
        "login.imaps.robsonvaamonde@vaamonde.pti",
        "login.imaps.robsonvaamonde",
        "login.pop3s.robsonvaamonde@vaamonde.pti",
        "login.pop3s.robsonvaamonde",
        "login.sieve.robsonvaamonde@vaamonde.pti",
        "login.sieve.robsonvaamonde",
        "mail.imap.submission.vaamonde.pti",
        "mail.pop3.submission.vaamonde.pti",
        "mail.authentication.submission.vaamonde.pti",
        "mail.imap.submissions.vaamonde.pti",
        "mail.pop3.submissions.vaamonde.pti",
        "mail.authentication.submissions.vaamonde.pti",
        "forged.envelope.vaamonde.pti",
        "forged.header.vaamonde.pti",
        "forged.null.vaamonde.pti",
        "spf.vaamonde.pti",
        "spf.strangers.vaamonde.pti",
        "relay.vaamonde.pti",
        "relay.own-sender.vaamonde.pti",
        "unknown-user.vaamonde.pti",
        "receive.vaamonde.pti",
      ]
    `);
  });

  test("gives each check a name of its own, also with several domains", () => {
    const [domain] = labStack.domains as [RunningStack["domains"][number]];
    const rename = (text: string) => text.replaceAll("vaamonde.pti", "example.org");
    const other = JSON.parse(rename(JSON.stringify(domain))) as RunningStack["domains"][number];
    const passwords = Object.entries(labStack.passwords).map(([address, password]) => [
      rename(address),
      password,
    ]);
    const ids = idsOf({
      ...labStack,
      domains: [domain, other],
      passwords: { ...labStack.passwords, ...Object.fromEntries(passwords) },
    });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("login.imaps.vaamonde@example.org".replace("vaamonde", "robsonvaamonde"));
    // Bare names are the first domain's.
    expect(ids.filter((id) => id === "login.imaps.robsonvaamonde")).toHaveLength(1);
  });

  test("asks for STARTTLS on the old ports where they are open, and for nothing there otherwise", () => {
    const { endpoint } = labStack;
    const legacy = { ...endpoint, ports: { ...endpoint.ports, imap: 143, pop3: 110 } };
    const ids = idsOf({ ...labStack, endpoint: legacy });
    expect(ids).toEqual(
      expect.arrayContaining(["auth.imap.plain", "auth.pop3.plain", "tls.imap.imap.vaamonde.pti"]),
    );
    expect(ids.filter((id) => id.startsWith("closed."))).toEqual([]);
  });

  test("asks the web server for everything that it has, and for nothing where there is none", () => {
    const [first] = labStack.domains as [RunningStack["domains"][number]];
    const policy = { mode: "enforce" as const, mx: ["mail.vaamonde.pti"], maxAge: 86_400 };
    const hostNames = ["vaamonde.pti", "mail.vaamonde.pti", "autodiscover.vaamonde.pti"];
    const web = { page: "https://mail.vaamonde.pti/", hostNames, clients: labClients, policy };
    const { endpoint } = labStack;
    const served = { ...endpoint, ports: { ...endpoint.ports, https: 443, http: 80 } };
    const ids = idsOf({ ...labStack, endpoint: served, domains: [{ ...first, web }] });
    expect(ids.filter((id) => id.startsWith("web."))).toEqual([
      "web.mta-sts.vaamonde.pti",
      "web.autoconfig.https.autoconfig.vaamonde.pti",
      "web.autoconfig.http.autoconfig.vaamonde.pti",
      "web.autoconfig.https.vaamonde.pti",
      "web.autodiscover.vaamonde.pti",
      "web.autodiscover.autodiscover.vaamonde.pti",
      "web.page.vaamonde.pti",
    ]);
    expect(idsOf(labStack).filter((id) => id.startsWith("web."))).toEqual([]);
  });

  test("leaves the old ports alone where the stack's ports have moved: they are somebody else's", () => {
    const { endpoint } = labStack;
    const moved = { ...endpoint, ports: { ...endpoint.ports, imaps: 2993 } };
    expect(idsOf({ ...labStack, endpoint: moved }).filter((id) => id.startsWith("closed."))).toEqual([
      "closed.pop3",
    ]);
  });

  test("asks a resolver as well where anything of the stack is known outside, and where one is named", () => {
    const seen = (running: RunningStack, resolver = false) =>
      planChecks(running, resolver ? { resolver: resolverAt("192.0.2.53") } : {})
        .flat()
        .map(({ id }) => id)
        .filter((id) => id.startsWith("resolver."));
    const [zone] = labStack.zones as [RunningStack["zones"][number]];
    const elsewhere = { ...labStack, zones: [{ ...zone, publisher: "cloudflare" as const }] };
    const known = { ...zone, records: zone.records.map((record) => ({ ...record, content: "192.0.2.25" })) };
    expect(seen(labStack)).toEqual([]);
    for (const found of [seen(labStack, true), seen(elsewhere), seen({ ...labStack, zones: [known] })])
      expect(found).toEqual(["resolver.vaamonde.pti"]);
  });

  test("says that logins could not be checked where no password is known", async () => {
    const checks = planChecks({ ...labStack, passwords: {} }).flat();
    const check = checks.find(({ id }) => id === "mail.vaamonde.pti");
    expect(() => check?.run()).toThrow("the program has no password for the domain");
  });

  const robson = "robsonvaamonde@vaamonde.pti";
  const vaamonde = "vaamonde@vaamonde.pti";
  const [declared] = labStack.domains as [RunningStack["domains"][number]];
  const withMailboxes = (of: object, ofOther: object = {}): RunningStack => ({
    ...labStack,
    domains: [
      {
        ...declared,
        mailboxes: [
          { address: robson, ...of },
          { address: vaamonde, ...ofOther },
        ],
      },
    ],
  });
  const chosen = (passwords: readonly string[], rules: readonly string[] = []) => ({
    passwords: new Set(passwords),
    rules: new Set(rules),
  });
  const anybody = chosen([]);
  const all = ["submission", "submissions", "imaps", "pop3s", "sieve"];

  test.each<[string, RunningStack, UserChoices, readonly string[], string, RegExp | undefined]>([
    ["anybody", labStack, anybody, all, `${robson} to ${vaamonde}`, undefined],
    [
      "the first has a password of its own",
      labStack,
      chosen([robson]),
      all,
      `${vaamonde} to ${vaamonde}`,
      undefined,
    ],
    ["each has", labStack, chosen([robson, vaamonde]), [], "", /each user .* has a password of their own/],
    [
      "the other has rules of its own",
      labStack,
      chosen([], [vaamonde]),
      all,
      `${robson} to ${robson}`,
      undefined,
    ],
    ["both have", labStack, chosen([], [robson, vaamonde]), all, "", /without rules or a forward/],
    [
      "declared rules",
      withMailboxes({}, { movesMail: true }),
      anybody,
      all,
      `${robson} to ${robson}`,
      undefined,
    ],
    ["no mail", withMailboxes({}, { receives: false }), anybody, all, `${robson} to ${robson}`, undefined],
    [
      "IMAP alone",
      withMailboxes({ protocols: ["imap"] }),
      anybody,
      all,
      `${vaamonde} to ${robson}`,
      undefined,
    ],
    [
      "the only one suspended",
      withMailboxes({ protocols: [] }, { protocols: ["imap", "submission"] }),
      anybody,
      ["submission", "submissions", "imaps"],
      `${vaamonde} to ${vaamonde}`,
      undefined,
    ],
  ])("logs in, writes and reads as who may: %s", async (_, running, choices, logins, way, note) => {
    const checks = planChecks(running, { choices }).flat();
    const named = checks.flatMap(({ id }) => /^login\.(\w+)\./.exec(id)?.[1] ?? []);
    expect([...new Set(named)]).toEqual(logins);
    const trip = checks.find(({ id }) => id === "mail.imap.submission.vaamonde.pti");
    expect(/sent from (.*)\.$/.exec(trip?.remedy ?? "")?.[1] ?? "").toBe(way);
    const outcome = await checks.find(({ id }) => id === "mail.vaamonde.pti")?.run();
    // Nobody can do anything about it: it turns nothing red.
    expect(outcome?.status).toBe(note && "ok");
    if (note !== undefined) expect(outcome?.seen).toMatch(note);
  });

  test("knows what was declared: a catch-all, whose mail may be forged by declaration, a server in an unsigned zone", () => {
    const find = (running: RunningStack, id: string) =>
      planChecks(running)
        .flat()
        .find((check) => check.id === id);
    const caught = { ...labStack, domains: [{ ...declared, catchAll: true }] };
    expect(find(labStack, "unknown-user.vaamonde.pti")?.title).toMatch(/is refused/);
    expect(find(caught, "unknown-user.vaamonde.pti")?.title).toMatch(/is accepted, as declared/);
    expect(find(withMailboxes({ sendAs: [vaamonde] }), "forged.header.vaamonde.pti")).toBeUndefined();
    const [zone] = labStack.zones as [RunningStack["zones"][number]];
    const tlsa = (host: string): RunningStack => ({
      ...labStack,
      zones: [
        zone,
        {
          ...zone,
          name: "signed.test",
          records: [{ name: `_25._tcp.${host}`, type: "TLSA", ttl: 60, content: "3 1 1 00", why: "" }],
        },
      ],
    });
    expect(find(tlsa("mx.signed.test"), "tlsa.mail.vaamonde.pti")).toBeUndefined();
    expect(find(tlsa("mail.vaamonde.pti"), "tlsa.mail.vaamonde.pti")).toBeDefined();
  });
});

test("what users have chosen, as the server lists it", () => {
  expect(parseChoices("password ana@a.org\nrules rui@a.org\n\n")).toEqual({
    passwords: new Set(["ana@a.org"]),
    rules: new Set(["rui@a.org"]),
  });
  expect(parseChoices("")).toEqual(noChoices);
});

describe("parseRunningStack", () => {
  test("takes the outputs of a stack", () => {
    expect(parseRunningStack(JSON.parse(JSON.stringify(labStack)))).toEqual(labStack);
  });

  test("names everything that is missing", () => {
    expect(() => parseRunningStack({ ...labStack, hostName: undefined, domains: [] })).toThrow(OutputsError);
    expect(() =>
      parseRunningStack({ ...labStack, hostName: undefined, domains: [] }),
    ).toThrowErrorMatchingInlineSnapshot(`
      [OutputsError: The outputs of the stack do not describe a mail domain. Run \`npm run up\` first.
        hostName: Invalid input: expected string, received undefined
        domains: Too small: expected array to have >=1 items]
    `);
    expect(() => parseRunningStack({})).toThrow(/Run `npm run up` first/);
  });
});
