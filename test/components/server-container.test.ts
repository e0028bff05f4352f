import { Volume } from "@pulumi/docker/volume.js";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { ConfigurationVolume, sealed } from "../../components/configuration-volume.ts";
import {
  LocalDnsServer,
  MailDomain,
  MailServer,
  Rollout,
  Webmail,
  WebServer,
  type WebServerAddresses,
} from "../../components/index.ts";
import type { BoundPort } from "../../components/rollout.ts";
import { areListed } from "../../components/server-container.ts";
import { generationId } from "../../servers/generation/generation-id.ts";
import { accessOf, contentsOf, generationOf, inputsOf, plainContentsOf } from "./carried.ts";
import { type Recorded, record, tree, value } from "./recorder.ts";
import { StubServer, stubSecret } from "./stub-server.ts";

function declare(engineIdentity?: string) {
  const domain = new MailDomain("example.org", {
    domain: "example.org",
    hostName: "mail.example.org",
    addresses: { ipv4: "192.0.2.25" },
    mailboxes: [{ address: "ana@example.org" }],
  });
  const certificate = { privateKey: pulumi.secret("key"), certificate: "leaf", chain: "" };
  const place = { address: "127.0.0.1", network: "lab", engineIdentity };
  return {
    domain,
    stub: new StubServer("stub", pulumi.secret("only here")),
    mail: new MailServer("mail-server", {
      ...place,
      hostName: "mail.example.org",
      domains: [domain],
      certificate,
    }),
    dns: new LocalDnsServer("dns-server", { ...place, zones: [], port: 5353 }),
    web: new WebServer("web-server", { ...place, domains: [], certificate, ports: { https: 8443 } }),
    webmail: new Webmail("webmail", {
      servers: [{ hostName: "mail.example.org", container: "maildomain-test-mail-server", domains: [] }],
      network: "lab",
      engineIdentity,
      networkAddress: "198.19.162.49",
    }),
  };
}

const servers = ["dns-server", "mail-server", "web-server", "webmail"];

test("a server of a kind that does not exist yet: everything that it is made of, the same in a first preview", async () => {
  const declareStub = () => new StubServer("stub", pulumi.secret("only here"));
  const [{ nodes, generation }, resources] = await record(declareStub);
  expect(tree(resources)).toMatchInlineSnapshot(`
    "stub: maildomain:test:StubServer
    stub-configuration: maildomain:index:ConfigurationVolume
    stub-configuration-served: maildomain:index:ServedGeneration
    stub-configuration-volume: docker:index/volume:Volume
    stub-container: docker:index/container:Container
    stub-database: docker:index/volume:Volume
    stub-last-known-good: docker:index/volume:Volume"
  `);
  const [, previewed] = await record(declareStub, true);
  expect(tree(previewed)).toBe(tree(resources));
  expect(contentsOf(resources, "stub")).toEqual({ listening: "tcp 7\n", "stub/secret": "only here\n" });
  expect(accessOf(resources, "stub")).toEqual(["640 root:stub stub/secret"]);
  expect(await value(generation)).toBe(generationId(generationOf(resources, "stub")));
  expect(await pulumi.isSecret(generation)).toBe(false);
  expect(nodes.volumes.database).toBeInstanceOf(Volume);
  expect(await value(nodes.volumes.database.name)).toBe("maildomain-test-stub-database");
});

test("of what holds a secret, however it became one, a server alone is given the text", async () => {
  const files = [
    { path: "plain", content: "text" },
    { path: "later", content: pulumi.output("text") },
    { path: "secret", content: pulumi.secret("text") },
    { path: "made/of-a-secret", content: pulumi.interpolate`of ${pulumi.secret("text")}` },
    ...sealed([stubSecret], pulumi.output("text")),
  ];
  const volume = () => new ConfigurationVolume("stub-configuration", { image: "sha256:stub", files });
  const [, resources] = await record(volume);
  expect(Object.keys(contentsOf(resources, "stub")).toSorted()).toEqual(
    files.map(({ path }) => path).toSorted(),
  );
  expect(plainContentsOf(resources, "stub")).toEqual({ later: "text", plain: "text" });
});

const container = (resources: readonly Recorded[], server: string) =>
  inputsOf(resources, `${server}-container`);

test("what every container is given", async () => {
  const [, resources] = await record(() => declare());
  expect(container(resources, "stub")).toMatchInlineSnapshot(`
    {
      "capabilities": {
        "adds": [],
        "drops": [
          "ALL",
        ],
      },
      "cpuPeriod": 100000,
      "cpuQuota": 200000,
      "destroyGraceSeconds": 10,
      "hostname": "stub",
      "image": "sha256:stub",
      "logDriver": "local",
      "logOpts": {
        "max-file": "5",
        "max-size": "20m",
      },
      "memory": 256,
      "memorySwap": 256,
      "name": "maildomain-test-stub",
      "ports": [
        {
          "external": 7007,
          "internal": 7,
          "ip": "127.0.0.1",
          "protocol": "tcp",
        },
      ],
      "readOnly": true,
      "restart": "unless-stopped",
      "securityOpts": [
        "no-new-privileges",
      ],
      "tmpfs": {
        "/run": "",
        "/tmp": "",
      },
      "volumes": [
        {
          "containerPath": "/configuration",
          "readOnly": true,
          "volumeName": "maildomain-test-stub-configuration",
        },
        {
          "containerPath": "/var/lib/stub",
          "volumeName": "maildomain-test-stub-database",
        },
        {
          "containerPath": "/last-known-good",
          "volumeName": "maildomain-test-stub-last-known-good",
        },
      ],
      "wait": true,
      "waitTimeout": 120,
    }
  `);
});

test("in what the four servers' containers differ from it", async () => {
  const [, resources] = await record(() => declare());
  const common = container(resources, "stub");
  const differences = servers.map((server) => {
    const { image: _, ...inputs } = container(resources, server);
    const names = new Set(
      [...Object.keys(common), ...Object.keys(inputs)].filter((name) => name !== "image"),
    );
    const different = [...names].filter(
      (name) => JSON.stringify(inputs[name]) !== JSON.stringify(common[name]),
    );
    return different.map((name) => `${server} ${name} ${JSON.stringify(inputs[name]) ?? "none"}`).sort();
  });
  expect(differences.flat().join("\n")).toMatchInlineSnapshot(`
    "dns-server cpuQuota 100000
    dns-server hostname "dns-server"
    dns-server memory 512
    dns-server memorySwap 512
    dns-server name "maildomain-test-dns-server"
    dns-server networksAdvanced [{"name":"lab"}]
    dns-server ports [{"external":5353,"internal":53,"ip":"127.0.0.1","protocol":"udp"},{"external":5353,"internal":53,"ip":"127.0.0.1","protocol":"tcp"}]
    dns-server volumes [{"containerPath":"/configuration","readOnly":true,"volumeName":"maildomain-test-dns-server-configuration"},{"containerPath":"/var/lib/knot","volumeName":"maildomain-test-dns-server-journal"},{"containerPath":"/last-known-good","volumeName":"maildomain-test-dns-server-last-known-good"}]
    mail-server capabilities {"adds":["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_KILL","CAP_SETGID","CAP_SETUID","CAP_SYS_CHROOT"],"drops":["ALL"]}
    mail-server dns ["127.0.0.1"]
    mail-server dnsSearches ["."]
    mail-server hostname "mail-server"
    mail-server memory 4096
    mail-server memorySwap 4096
    mail-server name "maildomain-test-mail-server"
    mail-server networksAdvanced [{"name":"lab"}]
    mail-server ports [{"external":25,"internal":25,"ip":"127.0.0.1","protocol":"tcp"},{"external":587,"internal":587,"ip":"127.0.0.1","protocol":"tcp"},{"external":465,"internal":465,"ip":"127.0.0.1","protocol":"tcp"},{"external":993,"internal":993,"ip":"127.0.0.1","protocol":"tcp"},{"external":995,"internal":995,"ip":"127.0.0.1","protocol":"tcp"},{"external":4190,"internal":4190,"ip":"127.0.0.1","protocol":"tcp"}]
    mail-server volumes [{"containerPath":"/configuration","readOnly":true,"volumeName":"maildomain-test-mail-server-configuration"},{"containerPath":"/var/mail/v","volumeName":"maildomain-test-mail-server-mailboxes"},{"containerPath":"/var/spool/postfix","volumeName":"maildomain-test-mail-server-queue"},{"containerPath":"/var/lib/rspamd","volumeName":"maildomain-test-mail-server-filter"},{"containerPath":"/last-known-good","volumeName":"maildomain-test-mail-server-last-known-good"}]
    mail-server waitTimeout 180
    web-server cpuQuota 100000
    web-server hostname "web-server"
    web-server memory 512
    web-server memorySwap 512
    web-server name "maildomain-test-web-server"
    web-server networksAdvanced [{"name":"lab"}]
    web-server ports [{"external":80,"internal":80,"ip":"127.0.0.1","protocol":"tcp"},{"external":8443,"internal":443,"ip":"127.0.0.1","protocol":"tcp"}]
    web-server volumes [{"containerPath":"/configuration","readOnly":true,"volumeName":"maildomain-test-web-server-configuration"},{"containerPath":"/last-known-good","volumeName":"maildomain-test-web-server-last-known-good"}]
    webmail cpuQuota 100000
    webmail hostname "webmail"
    webmail memory 1024
    webmail memorySwap 1024
    webmail name "maildomain-test-webmail"
    webmail networksAdvanced [{"ipv4Address":"198.19.162.49","name":"lab"}]
    webmail ports none
    webmail volumes [{"containerPath":"/configuration","readOnly":true,"volumeName":"maildomain-test-webmail-configuration"},{"containerPath":"/var/lib/webmail","volumeName":"maildomain-test-webmail-database"},{"containerPath":"/last-known-good","volumeName":"maildomain-test-webmail-last-known-good"}]"
  `);
});

test("the identity of their engine is on every container, and on no volume: theirs may hold mail", async () => {
  const [, resources] = await record(() => declare("5f0c"));
  const labelled = resources.filter(({ inputs }) => inputs.labels !== undefined);
  const containers = resources.filter(
    ({ type, name }) => type === "docker:index/container:Container" && !name.startsWith("stub"),
  );
  expect(labelled.map(({ name }) => name)).toEqual(containers.map(({ name }) => name));
  expect(containers).toHaveLength(4);
  for (const { inputs } of labelled) {
    expect(inputs.labels).toEqual([{ label: "maildomain.identity", value: "5f0c" }]);
  }
});

test("who reads the secrets of each server; whatever says nothing is its first user's alone", async () => {
  const [, resources] = await record(() => declare());
  const secret = (line: string) => !line.startsWith("644 root ");
  const access = servers.map((server) => [server, accessOf(resources, server).filter(secret)]);
  expect(Object.fromEntries(access)).toMatchInlineSnapshot(`
    {
      "dns-server": [],
      "mail-server": [
        "600 root dovecot/app-passwords",
        "640 root:dovecot dovecot/passwd",
        "640 root:_rspamd rspamd/dkim/example.org.ed1.key",
        "640 root:_rspamd rspamd/dkim/example.org.rsa1.key",
        "640 root:generations services",
        "600 root tls/pair.pem",
      ],
      "web-server": [
        "600 nginx tls/pair.pem",
      ],
      "webmail": [
        "600 webmail roundcube/key",
      ],
    }
  `);
});

test("the resources below each component are within reach", async () => {
  const [{ domain, mail, dns, web, webmail }] = await record(() => declare());
  expect(await value(mail.nodes.volumes.mailboxes.name)).toBe("maildomain-test-mail-server-mailboxes");
  expect(await value(dns.nodes.volumes.journal.name)).toBe("maildomain-test-dns-server-journal");
  expect(await value(webmail.nodes.volumes.database.name)).toBe("maildomain-test-webmail-database");
  expect(await value(web.nodes.container.name)).toBe("maildomain-test-web-server");
  expect(web.nodes.image).toBeDefined();
  expect(Object.keys(domain.nodes.dkimKeys)).toEqual(["rsa1", "ed1"]);
});

test('every address of both families is two: at "::" the engine binds IPv6 alone', async () => {
  const [, resources] = await record(() => {
    const certificate = { privateKey: "key", certificate: "leaf", chain: "" };
    return new WebServer("web-server", {
      address: pulumi.output("::"),
      network: "lab",
      domains: [],
      certificate,
    });
  });
  expect(container(resources, "web-server").ports).toEqual([
    { internal: 80, external: 80, ip: "0.0.0.0", protocol: "tcp" },
    { internal: 80, external: 80, ip: "::", protocol: "tcp" },
    { internal: 443, external: 443, ip: "0.0.0.0", protocol: "tcp" },
    { internal: 443, external: 443, ip: "::", protocol: "tcp" },
  ]);
});

test("each service is bound at its own addresses, and the others where the server is", async () => {
  const [, resources] = await record(() => {
    const { domain } = declare();
    const certificate = { privateKey: "key", certificate: "leaf", chain: "" };
    return {
      mail: new MailServer("other-mail-server", {
        hostName: "mail.example.net",
        domains: [domain],
        certificate,
        address: "192.0.2.25",
        addresses: {
          imaps: [pulumi.output("10.0.0.5"), "::1"],
          imap: ["127.0.0.1"],
          submissions: ["10.0.0.5"],
        },
        ports: { imaps: 1993 },
        proxyProtocol: { from: ["10.0.0.9"], ports: { smtp: 10_025, imaps: 10_993 } },
      }),
      behind: new MailServer("behind-mail-server", {
        hostName: "mail.example.com",
        domains: [domain],
        certificate,
        address: "192.0.2.25",
        proxyProtocol: { from: ["10.0.0.0/24"], address: "10.0.0.5", ports: { smtp: 25 } },
      }),
      dns: new LocalDnsServer("other-dns-server", { zones: [], addresses: ["192.0.2.25", "::"] }),
    };
  });
  const places = (server: string) =>
    (
      container(resources, server).ports as {
        ip: string;
        external: number;
        internal: number;
        protocol: string;
      }[]
    ).map(({ ip, external, internal, protocol }) => `${ip} ${external} ${internal}/${protocol}`);
  expect(places("other-mail-server")).toEqual([
    "192.0.2.25 25 25/tcp",
    "192.0.2.25 587 587/tcp",
    "10.0.0.5 465 465/tcp",
    "10.0.0.5 1993 993/tcp",
    "::1 1993 993/tcp",
    "192.0.2.25 995 995/tcp",
    "192.0.2.25 4190 4190/tcp",
    "192.0.2.25 10025 20025/tcp",
    "10.0.0.5 10993 20993/tcp",
    "::1 10993 20993/tcp",
  ]);
  expect(places("behind-mail-server").at(-1)).toBe("10.0.0.5 25 20025/tcp");
  expect(contentsOf(resources, "behind-mail-server")["postfix/front"]).toContain(
    "from 10.0.0.0/24\nproxied 20025 smtpd ",
  );
  expect(places("other-dns-server")).toEqual(
    ["udp", "tcp"].flatMap((protocol) =>
      ["192.0.2.25", "0.0.0.0", "::"].map((address) => `${address} 53 53/${protocol}`),
    ),
  );
});

test.each([
  ["in any order", [443, 80], (bound: BoundPort[]) => bound.toReversed(), true],
  ["and one that is missing", [443, 80], (bound: BoundPort[]) => bound.slice(1), false],
  ["that lead to each other's port", [80, 443], (bound: BoundPort[]) => bound, false],
])("a container's ports are those that are declared: %s", (_, internal, change, expected) => {
  const ports = [443, 80].map(
    (external) => ({ internal: external, external, ip: "::", protocol: "tcp" }) as const,
  );
  const bound = [443, 80].flatMap((port, n) =>
    ["0.0.0.0", "::"].map((ip) => ({ address: ip, port, internal: internal[n] ?? 0, protocol: "tcp" })),
  );
  expect(areListed(ports, change(bound))).toBe(expected);
});

test("an engine's own order of the addresses of a port changes nothing, and another set of them does", async () => {
  const certificate = { privateKey: "key", certificate: "leaf", chain: "" };
  const listed = [
    { address: "::", port: 80, internal: 80, protocol: "tcp" },
    { address: "0.0.0.0", port: 80, internal: 80, protocol: "tcp" },
    { address: "::", port: 443, internal: 443, protocol: "tcp" },
    { address: "0.0.0.0", port: 443, internal: 443, protocol: "tcp" },
  ];
  const declaredAt = async (address: string, addresses?: WebServerAddresses, now = listed) => {
    const [, resources] = await record(async () => {
      const ports = new Map([["web-server", now]]);
      const rollout = new Rollout({ images: new Map(), ports, rehearse: async () => undefined });
      const server = new WebServer("web-server", {
        address,
        addresses,
        network: "lab",
        domains: [],
        certificate,
        rollout,
      });
      await rollout.close();
      return server;
    });
    const { ports } = container(resources, "web-server");
    return (ports as { ip: string; external: number }[]).map(({ ip, external }) => `${ip} ${external}`);
  };
  expect(await declaredAt("::")).toEqual(listed.map((one) => `${one.address} ${one.port}`));
  const [one, other] = ["192.0.2.25", "10.0.0.5"];
  const several = { http: [one, other], https: [one, other] };
  const turned = [80, 443].flatMap((port) =>
    [other, one].map((address) => ({ address, port, internal: port, protocol: "tcp" })),
  );
  expect(await declaredAt(one, several, turned)).toEqual(
    turned.map(({ address, port }) => `${address} ${port}`),
  );
  expect(await declaredAt("::", { https: ["192.0.2.25"] })).toEqual([
    "0.0.0.0 80",
    ":: 80",
    "192.0.2.25 443",
  ]);
  expect(await declaredAt("127.0.0.1")).toEqual(["127.0.0.1 80", "127.0.0.1 443"]);
});
