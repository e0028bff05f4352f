/** A stack with its DNS at Cloudflare, through the real engine, against the API's stand-in. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareZones, importFileOf, openedZones } from "../../commands/adopt.ts";
import { recordsInState } from "../../commands/exported-state.ts";
import { liveZones } from "../../stacks/program/live-zones.ts";
import { stackSchema } from "../../stacks/schema/config.ts";
import { pulumiHome } from "../../toolchain/pulumi-home.ts";
import { projectFolder, versions } from "../../toolchain/versions.ts";
import { zoneInUse } from "../adopt/zone-in-use.ts";
import { CloudflareStandIn } from "../cloudflare/stand-in.ts";
import { objectsOf } from "../kit/engine.ts";
import { Lab, type Settings } from "../kit/lab.ts";

const plugin = `resource-cloudflare-v${versions.pluginOf("@pulumi/cloudflare")}`;
const hasPlugin = existsSync(join(pulumiHome(), "plugins", plugin));
const pluginStandIn = fileURLToPath(new URL("../cloudflare/plugin", import.meta.url));

describe.skipIf(!hasPlugin)(
  hasPlugin
    ? "a Cloudflare stack with the real plugin"
    : `a Cloudflare stack with the real plugin: this machine has no ${plugin}`,
  () => stackTests({}),
);

describe("a Cloudflare stack with a stand-in of the plugin", () =>
  stackTests({
    PATH: [pluginStandIn, join(projectFolder, "node_modules/.bin"), process.env.PATH].join(delimiter),
  }));

function stackTests(environment: NodeJS.ProcessEnv): void {
  let standIn: CloudflareStandIn;
  let zone: string;
  let access: { readonly token: string; readonly baseUrl: string };
  let lab: Lab;
  let folder: string;

  /** Names of records that are not the stack's, and must be as they were at the end. */
  const others = ["www.example.org", "status.example.org", "lists.example.org", "_mta-sts.example.org"];
  const live = () => standIn.records(zone).all;
  /** The web site's, beside which mail's records are as beside any address: it is published as addresses. */
  const isSite = ({ name, type }: { readonly name: string; readonly type: string }) =>
    name === "example.org" && type === "CNAME";
  const othersNow = () =>
    live().filter(
      (record) => others.includes(record.name) || record.content.includes("google") || isSite(record),
    );

  /** Those of the old provider stay, until no mail in transit needs them. */
  const keys = [
    { selector: "rsa2", algorithm: "rsa-2048" },
    { selector: "ed2", algorithm: "ed25519" },
  ];

  /** The same once another key has taken over. */
  const rotated = [
    { selector: "rsa2", algorithm: "rsa-2048" },
    { selector: "ed3", algorithm: "ed25519" },
  ];

  function settings(changes: Settings = {}, dkim: readonly object[] = keys): Settings {
    return {
      lab: true,
      publicAddresses: { ipv4: "192.0.2.25" },
      // The stand-in answers no question of the DNS.
      askNameServers: false,
      // The zone has an MTA-STS policy of its own, which is to be left alone.
      web: { enabled: false },
      domains: [
        {
          name: "example.org",
          dns: "cloudflare",
          cloudflareZone: zone,
          mailboxes: [{ name: "ana", password: "123456" }],
          dkim,
          spf: { includes: ["_spf.old.example"], relays: ["198.51.100.7", "app.example.org"] },
        },
      ],
      ...changes,
    };
  }

  const configured = (changes: Settings = {}, dkim: readonly object[] = keys): Settings => ({
    ...settings(changes, dkim),
    "cloudflare:apiToken": access.token,
    "cloudflare:baseUrl": access.baseUrl,
  });

  async function adopt(takeOver: readonly string[]) {
    const zones = liveZones(stackSchema.parse(settings()));
    const held = recordsInState(await lab.exportState());
    const credentials = { "cloudflare:apiToken": access.token, "cloudflare:baseUrl": access.baseUrl };
    const adoption = await compareZones(zones, openedZones(zones, credentials), {
      takeOver: new Set(takeOver),
      held,
    });
    const [first] = adoption;
    if (first === undefined) expect.fail("there is no zone");
    return { ...first.comparison, file: importFileOf(zones, adoption) };
  }

  async function plan(): Promise<Record<string, string[]>> {
    const { status, output } = await lab.operate("preview", ["--json"]);
    expect(status, output).toBe(0);
    const { steps } = JSON.parse(output.slice(output.indexOf("{"))) as {
      steps: { op: string; urn: string }[];
    };
    const records = steps.filter(({ urn }) => urn.includes("dnsRecord:DnsRecord"));
    const byOperation = Map.groupBy(records, ({ op }) => op);
    return Object.fromEntries(
      [...byOperation].map(([op, list]) => [
        op,
        list.map(({ urn }) => urn.split("::").at(-1) ?? "").toSorted(),
      ]),
    );
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maildomain-cloudflare-"));
    standIn = await CloudflareStandIn.start();
    zone = standIn.addZone("example.org");
    // Least privilege: nothing but the records of this one zone.
    const token = standIn.addToken({ rights: ["dns:edit"], zones: ["example.org"] });
    access = { token, baseUrl: standIn.baseUrl };
    for (const body of zoneInUse) standIn.records(zone).create(body as Record<string, unknown>);
    lab = await Lab.create(configured(), environment);
  });
  afterAll(async () => {
    await lab?.takeDown();
    await standIn?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test("a token that may not write is one error, before anything is made", async () => {
    const reader = standIn.addToken({ rights: ["dns:read"], zones: ["example.org"] });
    await lab.configure({ ...configured(), "cloudflare:apiToken": reader });
    const { status, output } = await lab.operate("up", ["--yes", "--skip-preview"]);
    expect(status, output).not.toBe(0);
    const reported = output.slice(output.indexOf("Diagnostics:")).match(/^.*cloudflare.*$/gm);
    expect(reported).toEqual([
      expect.stringMatching(
        /cloudflare:apiToken: the token may read .* of example\.org, but not write them: give/,
      ),
    ]);
    expect(output).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(await objectsOf(lab.prefix)).toEqual([]);
    expect(live()).toHaveLength(zoneInUse.length);
    await lab.configure(configured());
  });

  test("a preview without Cloudflare warns, and shows what would be made", async () => {
    // Nobody listens on port 1.
    await lab.configure({ ...configured(), "cloudflare:baseUrl": "http://127.0.0.1:1/client/v4" });
    const { status, output } = await lab.operate("preview");
    expect(status, output).toBe(0);
    expect(output).toMatch(/warning: cloudflare:baseUrl: .* cannot be reached/);
    expect(output).toContain("example.org-zone-mx");
    await lab.configure(configured());
  });

  const taken = ["mx", "spf", "dmarc", "host-smtp"].map((role) => `example.org-zone-${role}`);
  let before: ReturnType<typeof live>;

  test("what adopt finds right is imported, and a preview makes none of it again", async () => {
    before = othersNow();
    expect(before).toHaveLength(6);
    const alias = live().find(({ name }) => name === "imap.example.org");
    // As the report says, before the names get their addresses.
    standIn.records(zone).remove(alias?.id ?? "");
    const { matches, conflicts, file } = await adopt(taken);
    expect(conflicts).toEqual([]);
    const imported = matches.map(({ wanted }) => wanted.resource).toSorted();
    expect(imported).toEqual(expect.arrayContaining(taken));
    await writeFile(join(folder, "import.json"), file);
    standIn.requests.length = 0;
    const options = ["--file", join(folder, "import.json"), "--yes", "--skip-preview"];
    const outcome = await lab.operate("import", [...options, "--protect=false", "--generate-code=false"]);
    expect(outcome.status, outcome.output).toBe(0);
    expect(standIn.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
    const { create, ...rest } = await plan();
    expect(Object.keys(rest)).toEqual(["update"]);
    expect(rest.update).toEqual(imported);
    expect(create).not.toEqual(expect.arrayContaining(imported));
  });

  test("up changes those in place, makes the others, and touches nothing else", async () => {
    const ids = recordsInState(await lab.exportState());
    await lab.up();
    const held = recordsInState(await lab.exportState());
    for (const [resource, id] of ids) expect(held.get(resource)).toBe(id);
    expect(othersNow()).toEqual(before);
    const { matches, creations, conflicts } = await adopt([]);
    expect({ matches, creations, conflicts }).toEqual({ matches: [], creations: [], conflicts: [] });
    const policies = live().filter(({ content }) => content.includes("v=spf1") && content.includes("mx"));
    expect(policies.map(({ content }) => content)).toEqual([
      '"v=spf1 mx ip4:198.51.100.7 a:app.example.org include:_spf.old.example -all"',
    ]);
    const proxied = live().filter((record) => record.proxied && !isSite(record));
    expect(proxied.map(({ name }) => name)).toEqual(["www.example.org"]);
  });

  test("a second up changes nothing", async () => {
    const records = live();
    await lab.up(["--expect-no-changes"]);
    expect(live()).toEqual(records);
  });

  test("a key that is changed: the new one is published beside the old, which goes later", async () => {
    const selectors = () =>
      live()
        .flatMap(({ name }) => /^(\w+)\._domainkey/.exec(name)?.[1] ?? [])
        .toSorted();
    const ids = () => new Map(live().map(({ id, modified_on }) => [id, modified_on]));
    const kept = ids();
    const stages = (ed2: string, ed3: string) => [
      { selector: "rsa2", algorithm: "rsa-2048" },
      { selector: "ed2", algorithm: "ed25519", stage: ed2 },
      { selector: "ed3", algorithm: "ed25519", stage: ed3 },
    ];
    await lab.configure(configured({}, stages("signing", "published")));
    await lab.up();
    expect(selectors()).toEqual(["ed2", "ed3", "rsa1", "rsa2"]);
    for (const [id, modified] of kept) expect(ids().get(id)).toBe(modified);
    await lab.letPass(3600);
    await lab.configure(configured({}, stages("retired", "signing")));
    await lab.up();
    expect(selectors()).toEqual(["ed2", "ed3", "rsa1", "rsa2"]);
    await lab.letPass(5 * 86_400 + 3600);
    await lab.configure(configured({}, rotated));
    await lab.up();
    expect(selectors()).toEqual(["ed3", "rsa1", "rsa2"]);
    expect(live()).toHaveLength(kept.size);
  });

  test("a server that is renamed has both names until the TTL of the MX has passed, and each record of the former that stays is the same one", async () => {
    const find = (type: string, name: string) =>
      live().find((each) => each.type === type && each.name === name);
    const exchanges = () =>
      live()
        .filter(({ type, name }) => type === "MX" && name === "example.org")
        .map(({ priority, content }) => `${priority} ${content}`)
        .toSorted();
    const [mx, former] = [find("MX", "example.org"), find("A", "mail.example.org")];
    await lab.configure(configured({ hostName: "mx1.example.org" }, rotated));
    await lab.up();
    expect(live().find(({ id }) => id === mx?.id)).toMatchObject({
      content: "mx1.example.org",
      priority: 10,
    });
    expect(exchanges()).toEqual(["10 mx1.example.org", "20 mail.example.org"]);
    expect(find("A", "mail.example.org")).toMatchObject({ id: former?.id, content: former?.content });
    expect(othersNow()).toEqual(before);
    // The MX led there once that had an address, and not before.
    const { deployment } = JSON.parse(await lab.exportState()) as {
      deployment: { resources: { id?: string; urn: string; dependencies?: string[] }[] };
    };
    const stored = (id: string | undefined) => deployment.resources.find((resource) => resource.id === id);
    const host = find("A", "mx1.example.org");
    expect(stored(mx?.id)?.dependencies).toEqual([stored(host?.id)?.urn]);

    await lab.letPass(3600);
    await lab.up();
    expect(exchanges()).toEqual(["10 mx1.example.org"]);
    expect(find("A", "mail.example.org")).toMatchObject({ id: former?.id, content: former?.content });
    expect(othersNow()).toEqual(before);
  });

  test("down takes away what up made, and nothing else", async () => {
    const { status, output } = await lab.operate("destroy", ["--yes", "--skip-preview"]);
    expect(status, output).toBe(0);
    const left = live().filter((record) => !others.includes(record.name) && !isSite(record));
    // The old provider's key, and the two at the apex that say nothing of mail.
    expect(left.map(({ name, type }) => `${name} ${type}`).toSorted()).toEqual([
      "example.org CAA",
      "example.org TXT",
      "rsa1._domainkey.example.org TXT",
    ]);
    expect(othersNow()).toEqual(before);
  });
}
