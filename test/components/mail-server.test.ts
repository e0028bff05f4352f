import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import {
  DnsZones,
  LabCertificate,
  LocalDnsServer,
  MailDomain,
  MailServer,
  type MailServerArgs,
} from "../../components/index.ts";
import { generationId, parseGeneration } from "../../servers/generation/generation.ts";
import { type Recorded, record, tree, value } from "./recorder.ts";

function declare(changes: Partial<MailServerArgs> = {}) {
  const domain = new MailDomain("example.org", {
    domain: "example.org",
    hostName: "mail.example.org",
    addresses: { ipv4: "192.0.2.25" },
    mailboxes: [{ address: "ana@example.org", password: "declared" }, { address: "rui@example.org" }],
    dkim: [{ selector: "rsa1", algorithm: "rsa-2048" }],
  });
  const certificate = new LabCertificate("certificate", {
    hostNames: ["mail.example.org"],
    authorityName: "example.org authority",
  });
  const address = "127.0.0.1";
  const zones = new DnsZones("dns", {
    zones: [{ name: "example.org" }],
    servers: [{ hostName: "mail.example.org", addresses: { ipv4: "192.0.2.25" }, ttl: 3600 }],
    domains: [domain.recordDescription],
    nameServerAddress: "192.0.2.25",
  });
  const server = new MailServer("mail-server", {
    hostName: "mail.example.org",
    domains: [domain],
    certificate,
    address,
    network: "lab",
    ...changes,
  });
  return {
    domain,
    server,
    dns: new LocalDnsServer("dns-server", { zones: zones.localZones, address, network: "lab", port: 5353 }),
  };
}

function find(resources: readonly Recorded[], name: string) {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`no resource is named ${name}`);
  return found.inputs;
}

interface Upload {
  readonly file: string;
  readonly contentBase64: string;
}

test("a stack's resources, exactly", async () => {
  const [, resources] = await record(declare);
  expect(tree(resources)).toMatchInlineSnapshot(`
    "ana@example.org: maildomain:index:Mailbox
    certificate: maildomain:index:LabCertificate
    certificate-authority: maildomain:index:CertificateAuthority
    certificate-server: maildomain:index:ServerCertificate
    dns: maildomain:index:DnsZones
    dns-server: maildomain:index:LocalDnsServer
    dns-server-configuration: maildomain:index:ConfigurationVolume
    dns-server-configuration-generation: docker:index/container:Container
    dns-server-configuration-volume: docker:index/volume:Volume
    dns-server-container: docker:index/container:Container
    dns-server-image: docker:index/remoteImage:RemoteImage
    dns-server-journal: docker:index/volume:Volume
    example.org: maildomain:index:MailDomain
    example.org-dkim-rsa1: maildomain:index:DkimKey
    example.org-stages: maildomain:index:DomainStages
    example.org-zone: maildomain:index:LocalZone
    example.org-zone-key: maildomain:index:DnssecKey
    mail-server: maildomain:index:MailServer
    mail-server-configuration: maildomain:index:ConfigurationVolume
    mail-server-configuration-generation: docker:index/container:Container
    mail-server-configuration-volume: docker:index/volume:Volume
    mail-server-container: docker:index/container:Container
    mail-server-directory: maildomain:index:Directory
    mail-server-directory-credentials: maildomain:index:Credentials
    mail-server-filter: docker:index/volume:Volume
    mail-server-image: docker:index/remoteImage:RemoteImage
    mail-server-mailboxes: docker:index/volume:Volume
    mail-server-queue: docker:index/volume:Volume
    rui@example.org: maildomain:index:Mailbox"
  `);
});

test("the same resources exist in a first preview", async () => {
  const [, created] = await record(declare);
  const [, previewed] = await record(declare, true);
  expect(tree(previewed)).toBe(tree(created));
});

test("the mail server's container", async () => {
  const [, resources] = await record(declare);
  const { image: _, ...container } = find(resources, "mail-server-container");
  expect(container).toMatchInlineSnapshot(`
    {
      "capabilities": {
        "adds": [
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_KILL",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SYS_CHROOT",
        ],
        "drops": [
          "ALL",
        ],
      },
      "dns": [
        "127.0.0.1",
      ],
      "dnsSearches": [
        ".",
      ],
      "hostname": "mail-server",
      "name": "maildomain-test-mail-server",
      "networksAdvanced": [
        {
          "name": "lab",
        },
      ],
      "ports": [
        {
          "external": 25,
          "internal": 25,
          "ip": "127.0.0.1",
          "protocol": "tcp",
        },
        {
          "external": 587,
          "internal": 587,
          "ip": "127.0.0.1",
          "protocol": "tcp",
        },
        {
          "external": 465,
          "internal": 465,
          "ip": "127.0.0.1",
          "protocol": "tcp",
        },
        {
          "external": 993,
          "internal": 993,
          "ip": "127.0.0.1",
          "protocol": "tcp",
        },
        {
          "external": 995,
          "internal": 995,
          "ip": "127.0.0.1",
          "protocol": "tcp",
        },
        {
          "external": 4190,
          "internal": 4190,
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
          "volumeName": "maildomain-test-mail-server-configuration",
        },
        {
          "containerPath": "/var/mail/v",
          "volumeName": "maildomain-test-mail-server-mailboxes",
        },
        {
          "containerPath": "/var/spool/postfix",
          "volumeName": "maildomain-test-mail-server-queue",
        },
        {
          "containerPath": "/var/lib/rspamd",
          "volumeName": "maildomain-test-mail-server-filter",
        },
      ],
      "wait": true,
      "waitTimeout": 180,
    }
  `);
});

test("the name server's container", async () => {
  const [, resources] = await record(declare);
  const { image: _, ...container } = find(resources, "dns-server-container");
  expect(container).toMatchInlineSnapshot(`
    {
      "capabilities": {
        "adds": [],
        "drops": [
          "ALL",
        ],
      },
      "hostname": "dns-server",
      "name": "maildomain-test-dns-server",
      "networksAdvanced": [
        {
          "name": "lab",
        },
      ],
      "ports": [
        {
          "external": 5353,
          "internal": 53,
          "ip": "127.0.0.1",
          "protocol": "udp",
        },
        {
          "external": 5353,
          "internal": 53,
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
          "volumeName": "maildomain-test-dns-server-configuration",
        },
        {
          "containerPath": "/var/lib/knot",
          "volumeName": "maildomain-test-dns-server-journal",
        },
      ],
      "wait": true,
      "waitTimeout": 120,
    }
  `);
});

test("legacy ports open on demand only, and every port can be moved", async () => {
  const ports = { smtp: 2525, imap: 2143 };
  const [, resources] = await record(() => declare({ legacyPorts: true, ports }));
  const published = find(resources, "mail-server-container").ports as {
    internal: number;
    external: number;
  }[];
  expect(published.map(({ internal, external }) => `${external}:${internal}`)).toEqual([
    "2525:25",
    "587:587",
    "465:465",
    "993:993",
    "995:995",
    "2143:143",
    "110:110",
    "4190:4190",
  ]);
});

test("a generation is complete, and one upload", async () => {
  const [{ server }, resources] = await record(declare);
  const [upload, ...others] = find(resources, "mail-server-configuration-generation").uploads as Upload[];
  expect(others).toEqual([]);
  expect(upload?.file).toBe("/configuration/generation");
  const generation = Buffer.from(upload?.contentBase64 ?? "", "base64");
  expect(parseGeneration(generation).map(({ path }) => path)).toEqual(
    expect.arrayContaining(["dovecot/passwd", "tls/pair.pem", "rspamd/dkim/example.org.rsa1.key"]),
  );
  expect(await value(server.generation)).toBe(generationId(generation));
});

test("an image that is built already is built no second time", async () => {
  const [, resources] = await record(() => declare({ image: "sha256:built" }));
  expect(resources.map(({ name }) => name)).not.toContain("mail-server-image");
  expect(find(resources, "mail-server-container").image).toBe("sha256:built");
});

test("a changed setting changes the generation, and no container", async () => {
  const [{ server: before }, first] = await record(declare);
  const [{ server: after }, second] = await record(() => declare({ messageSizeLimitBytes: 2 ** 20 }));
  expect(await value(after.generation)).not.toBe(await value(before.generation));
  expect(find(second, "mail-server-container")).toEqual(find(first, "mail-server-container"));
});

test("passwords in use are a secret output, the generation is none", async () => {
  const [{ server }] = await record(declare);
  expect(await value(server.passwords)).toEqual({
    "ana@example.org": "declared",
    "rui@example.org": "generated",
  });
  expect(await pulumi.isSecret(server.passwords)).toBe(true);
  expect(await pulumi.isSecret(server.generation)).toBe(false);
});
