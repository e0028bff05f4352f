import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { objectName, parseObjectName, type StackObject } from "../../naming/engine.ts";
import * as names from "../../naming/resources.ts";
import {
  furtherMailServer,
  furtherNameProblem,
  isMailServer,
  type NamedServer,
  parseServerName,
  ServerRole,
  serverName,
} from "../../naming/servers.ts";
import { parseUrn } from "../../naming/urn.ts";

/** Labels that read as a part of other names are the interesting ones. */
const words = [
  "mail-server",
  "dns-server",
  "configuration",
  "mailboxes",
  "x-dkim-y",
  "zone",
  "container",
  "a",
];
const label = fc.oneof(
  fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/),
  fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("-")),
);
/** What the schema takes. */
const hostName = fc
  .array(label, { minLength: 2, maxLength: 4 })
  .map((labels) => labels.join("."))
  .filter((name) => names.reservedLabelProblem(name) === undefined);
const selector = label;
const server: fc.Arbitrary<NamedServer> = fc.oneof(
  fc.constantFrom(...Object.values(ServerRole)).map((role) => ({ role })),
  fc
    .oneof(hostName, label)
    .filter((name) => furtherNameProblem(name) === undefined)
    .map((name) => ({ role: ServerRole.mailServer, name })),
);
const stackName = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,11}$/);
const volumeUses = {
  [ServerRole.mailServer]: ["configuration", "mailboxes", "queue", "filter"],
  [ServerRole.dnsServer]: ["configuration", "journal"],
  [ServerRole.innerDnsServer]: ["configuration", "journal"],
  [ServerRole.webServer]: ["configuration"],
  [ServerRole.webmail]: ["configuration", "database"],
  [ServerRole.certificateAgent]: ["configuration"],
} as const;
const engineObject: fc.Arbitrary<StackObject> = fc.oneof(
  fc.record({
    kind: fc.constant("container" as const),
    server,
    use: fc.constantFrom("server" as const, "configuration" as const),
  }),
  server.chain((owner) =>
    fc
      .constantFrom<(typeof volumeUses)[ServerRole][number]>(...volumeUses[owner.role])
      .map((use): StackObject => ({ kind: "volume", server: owner, use })),
  ),
  fc
    .constantFrom("identity" as const, "certificates" as const)
    .map((use): StackObject => ({ kind: "volume", use })),
  fc.constantFrom(...Object.values(names.NetworkName)).map((use): StackObject => ({ kind: "network", use })),
);

test("names are those that stand in states and on engines", () => {
  const further = furtherMailServer("mx.two.example");
  expect({
    container: names.containerResource(further),
    image: names.imageResource("mail-server"),
    configuration: names.configurationName(further),
    served: names.servedResource(names.configurationName(further)),
    configurationVolume: names.configurationVolume(names.configurationName(further)),
    volume: names.volumeName(further, "queue"),
    credentials: names.credentialsResource(names.loginsResource(further)),
    sessionKey: names.sessionKeyResource("webmail"),
    certificates: ["mail-server", "web-server", further].map(names.certificateName),
    authority: names.authorityResource(names.certificateName("mail-server")),
    leaf: names.leafResource(names.certificateName("web-server")),
    mailboxTable: names.mailboxTable("two.example"),
    stages: names.domainStages("two.example"),
    dkimKey: names.dkimKey("two.example", "rsa1"),
    zone: names.zoneResource("two.example"),
    dnssecKey: names.dnssecKey("two.example"),
    record: names.recordResource(
      names.zoneResource("two.example"),
      names.recordName("two.example", "mx.two.example", "host"),
    ),
    apexRecord: names.recordName("two.example", "two.example", "mx"),
    onEngine: objectName(
      { project: "maildomain", stack: "lab" },
      { kind: "volume", server: { role: "mail-server", name: "mx.two.example" }, use: "mailboxes" },
    ),
  }).toMatchInlineSnapshot(`
    {
      "apexRecord": "mx",
      "authority": "certificate-authority",
      "certificates": [
        "certificate",
        "web-certificate",
        "mail-server-mx.two.example-certificate",
      ],
      "configuration": "mail-server-mx.two.example-configuration",
      "configurationVolume": "mail-server-mx.two.example-configuration-volume",
      "container": "mail-server-mx.two.example-container",
      "credentials": "mail-server-mx.two.example-directory-credentials",
      "dkimKey": "two.example-dkim-rsa1",
      "dnssecKey": "two.example-zone-key",
      "image": "mail-server-image",
      "leaf": "web-certificate-server",
      "mailboxTable": "two.example-mailboxes",
      "onEngine": "maildomain-lab-mail-server-mx.two.example-mailboxes",
      "record": "two.example-zone-mx.two.example-host",
      "served": "mail-server-mx.two.example-configuration-served",
      "sessionKey": "webmail-key",
      "stages": "two.example-stages",
      "volume": "mail-server-mx.two.example-queue",
      "zone": "two.example-zone",
    }
  `);
});

describe("what is read back is what was named", () => {
  test("of servers", () => {
    fc.assert(
      fc.property(server, (named) => {
        expect(parseServerName(serverName(named))).toEqual(named);
        expect(isMailServer(serverName(named))).toBe(named.role === ServerRole.mailServer);
      }),
    );
  });

  test("of resources, below servers of any name", () => {
    const anyServer = fc.oneof(server.map(serverName), label);
    fc.assert(
      fc.property(anyServer, fc.constantFrom(...Object.values(names.VolumeUse)), (name, use) => {
        const configuration = names.configurationName(name);
        expect(names.serverOfConfiguration(configuration)).toBe(name);
        expect(names.serverOfContainer(names.containerResource(name))).toBe(name);
        expect(names.serverOfServed(names.servedResource(configuration))).toBe(name);
        expect(names.isFormerCarrier(`${configuration}-generation`)).toBe(true);
        expect(names.isFormerCarrier(names.containerResource(name))).toBe(false);
        expect(names.parseVolumeName(names.volumeName(name, use))).toEqual({ server: name, use });
        expect(names.parseVolumeName(names.configurationVolume(configuration))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(server.map(serverName), (name) => {
        expect(names.serverOfLeaf(names.leafResource(names.certificateName(name)))).toBe(name);
      }),
    );
  });

  test("of DKIM keys", () => {
    fc.assert(
      fc.property(hostName, selector, (domain, key) => {
        expect(names.parseDkimKey(names.dkimKey(domain, key))).toEqual({ domain, selector: key });
      }),
    );
    for (const other of ["rsa1", "-dkim-rsa1", "example.org-dkim-", "example.org-stages"])
      expect(names.parseDkimKey(other)).toBeUndefined();
  });

  test("of an engine's objects, and of its own stack alone", () => {
    const project = "maildomain";
    fc.assert(
      fc.property(engineObject, stackName, stackName, (object, stack, more) => {
        const name = objectName({ project, stack }, object);
        expect(parseObjectName({ project, stack }, object.kind, name)).toEqual(object);
        // A stack whose name begins as this one's does, in either direction.
        const longer = { project, stack: `${stack}-${more}` };
        expect(parseObjectName(longer, object.kind, name)).toBeUndefined();
        const others = objectName(longer, object);
        if (!more.startsWith("mail-server"))
          expect(parseObjectName({ project, stack }, object.kind, others)).toBeUndefined();
        expect(parseObjectName({ project: "one-domain", stack }, object.kind, name)).toBeUndefined();
      }),
    );
  });

  test("of a URN, whose resource may have the separator in its name", () => {
    expect(parseUrn("urn:pulumi:lab::maildomain::a:b:Parent$docker:index/volume:Volume::x::y")).toEqual({
      type: "docker:index/volume:Volume",
      name: "x::y",
    });
  });
});

/** All names of one type of resource, or of one kind on the engine, for a stack of these servers and domains. */
function namesOf(servers: readonly NamedServer[], domains: readonly string[], selectors: readonly string[]) {
  const own = [...new Set(servers.map(serverName))];
  const zones = [...new Set(domains)];
  const configurations = own.map(names.configurationName);
  const stack = { project: "maildomain", stack: "lab" };
  const unique = [...new Map(servers.map((each) => [serverName(each), each])).values()];
  return {
    containers: own.map(names.containerResource),
    volumes: [
      ...configurations.map(names.configurationVolume),
      ...own.flatMap((name) => Object.values(names.VolumeUse).map((use) => names.volumeName(name, use))),
    ],
    certificates: own.map((name) => names.leafResource(names.certificateName(name))),
    dkimKeys: zones.flatMap((domain) => [...new Set(selectors)].map((key) => names.dkimKey(domain, key))),
    records: zones.flatMap((zone) =>
      [zone, `mail.${zone}`].flatMap((owner) =>
        ["mx", "host", "dkim-rsa1"].map((role) =>
          names.recordResource(names.zoneResource(zone), names.recordName(zone, owner, role)),
        ),
      ),
    ),
    enginesContainers: unique.flatMap((each) =>
      (["server", "configuration"] as const).map((use) =>
        objectName(stack, { kind: "container", server: each, use }),
      ),
    ),
    enginesVolumes: unique.flatMap((each) =>
      volumeUses[each.role].map((use) => objectName(stack, { kind: "volume", server: each, use })),
    ),
  };
}

test("no two things of a stack have one name", () => {
  const several = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(several(server), several(hostName), several(selector), (servers, domains, selectors) => {
      for (const found of Object.values(namesOf(servers, domains, selectors)))
        expect(found.toSorted()).toEqual([...new Set(found)].toSorted());
    }),
  );
});

test.each([
  ["mx.example.lab-configuration", true],
  ["example.lab-dkim-x", true],
  ["example.lab-zone-x", true],
  ["my-dkim-key.example.org", false],
  ["mail.x-configuration.example.my-lab", false],
  ["example.xn--p1ai", false],
])("the last label of %s is one that names of the program have: %s", (name, is) => {
  expect(names.reservedLabelProblem(name) !== undefined).toBe(is);
});
