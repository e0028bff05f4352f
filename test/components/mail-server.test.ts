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
import { generationId } from "../../servers/generation/generation-id.ts";
import { renderMailServer } from "../../servers/mail-server/mail-server.ts";
import { contentsOf, generationOf, inputsOf } from "./carried.ts";
import { record, tree, value } from "./recorder.ts";

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
    dns-server-configuration-served: maildomain:index:ServedGeneration
    dns-server-configuration-volume: docker:index/volume:Volume
    dns-server-container: docker:index/container:Container
    dns-server-image: docker:index/remoteImage:RemoteImage
    dns-server-journal: docker:index/volume:Volume
    dns-server-last-known-good: docker:index/volume:Volume
    example.org: maildomain:index:MailDomain
    example.org-dkim-rsa1: maildomain:index:DkimKey
    example.org-stages: maildomain:index:DomainStages
    example.org-zone: maildomain:index:LocalZone
    example.org-zone-key: maildomain:index:DnssecKey
    mail-server: maildomain:index:MailServer
    mail-server-configuration: maildomain:index:ConfigurationVolume
    mail-server-configuration-served: maildomain:index:ServedGeneration
    mail-server-configuration-volume: docker:index/volume:Volume
    mail-server-container: docker:index/container:Container
    mail-server-directory: maildomain:index:Directory
    mail-server-directory-credentials: maildomain:index:Credentials
    mail-server-filter: docker:index/volume:Volume
    mail-server-image: docker:index/remoteImage:RemoteImage
    mail-server-last-known-good: docker:index/volume:Volume
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

test("legacy ports open on demand only, and every port can be moved", async () => {
  const ports = { smtp: 2525, imap: 2143 };
  const [, resources] = await record(() => declare({ legacyPorts: true, ports }));
  const published = inputsOf(resources, "mail-server-container").ports as {
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

test("a generation is complete: what is plain, and each secret with its content", async () => {
  const [{ server, domain }, resources] = await record(declare);
  const contents = contentsOf(resources, "mail-server");
  const plain = renderMailServer({
    hostName: "mail.example.org",
    domains: [domain.hosted],
    messageSizeLimitBytes: 50 * 2 ** 20,
    legacyPorts: false,
    resolver: { kind: "recursive" },
  });
  const secrets = Object.fromEntries(
    Object.entries(contents).filter(([path]) => plain.every((file) => file.path !== path)),
  );
  expect(contents).toEqual({
    ...Object.fromEntries(plain.map(({ path, content }) => [path, content])),
    ...secrets,
  });
  // The test's key is an Ed25519 key: seed and public key, base64.
  const { "rspamd/dkim/example.org.rsa1.key": dkim, ...others } = secrets;
  expect(dkim).toMatch(/^[A-Za-z0-9+/]{86}==\n$/);
  expect(others).toMatchInlineSnapshot(`
    {
      "dovecot/app-passwords": "
    ",
      "dovecot/passwd": "ana@example.org:{ARGON2ID}hash::::::userdb_quota_storage_size=1073741824B
    rui@example.org:{ARGON2ID}hash::::::userdb_quota_storage_size=1073741824B
    ",
      "tls/pair.pem": "leaf key
    leaf
    ",
    }
  `);
  expect(await value(server.generation)).toBe(generationId(generationOf(resources, "mail-server")));
});

test("an image that is built already is built no second time", async () => {
  const [, resources] = await record(() => declare({ image: "sha256:built" }));
  expect(resources.map(({ name }) => name)).not.toContain("mail-server-image");
  expect(inputsOf(resources, "mail-server-container").image).toBe("sha256:built");
});

test("a changed setting changes the generation, and no container", async () => {
  const [{ server: before }, first] = await record(declare);
  const [{ server: after }, second] = await record(() => declare({ messageSizeLimitBytes: 2 ** 20 }));
  expect(await value(after.generation)).not.toBe(await value(before.generation));
  expect(inputsOf(second, "mail-server-container")).toEqual(inputsOf(first, "mail-server-container"));
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
