import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MailDomain, MailServer, Webmail, type WebmailArgs } from "../../components/index.ts";
import { generationId } from "../../servers/generation/generation-id.ts";
import { contentsOf, generationOf, inputsOf } from "./carried.ts";
import { type Recorded, record, tree, value } from "./recorder.ts";

function declareDomain(): MailDomain {
  return new MailDomain("example.org", {
    domain: "example.org",
    hostName: "mail.example.org",
    addresses: { ipv4: "192.0.2.25" },
    mailboxes: [{ address: "ana@example.org", displayName: "Ana Lima" }],
    aliases: [{ address: "sales@example.org", targets: ["ana@example.org"] }],
  });
}

function declare(changes: Partial<WebmailArgs> = {}): Webmail {
  return new Webmail("webmail", {
    servers: [
      {
        hostName: "mail.example.org",
        container: "maildomain-test-mail-server",
        domains: [{ domain: declareDomain(), webmailHost: "webmail.example.org" }],
      },
    ],
    authorityCertificate: pulumi.output("authority"),
    network: "lab",
    networkAddress: "198.19.162.49",
    webServerAddress: "198.19.162.48",
    ...changes,
  });
}

const own = (resources: readonly Recorded[]) => resources.filter(({ name }) => name.startsWith("webmail"));

test("its resources, the same in a first preview", async () => {
  const [, created] = await record(declare);
  expect(tree(own(created))).toMatchInlineSnapshot(`
    "webmail: maildomain:index:Webmail
    webmail-configuration: maildomain:index:ConfigurationVolume
    webmail-configuration-served: maildomain:index:ServedGeneration
    webmail-configuration-volume: docker:index/volume:Volume
    webmail-container: docker:index/container:Container
    webmail-database: docker:index/volume:Volume
    webmail-image: docker:index/remoteImage:RemoteImage
    webmail-key: maildomain:index:GeneratedSecret
    webmail-last-known-good: docker:index/volume:Volume"
  `);
  const [, previewed] = await record(declare, true);
  expect(tree(previewed)).toBe(tree(created));
});

test("a generation is complete, and its key a secret that nothing else holds", async () => {
  const [webmail, resources] = await record(declare);
  const contents = contentsOf(resources, "webmail");
  expect(Object.keys(contents)).toMatchInlineSnapshot(`
    [
      "health-questions",
      "listening",
      "nginx/error.txt",
      "nginx/nginx.conf",
      "php/php-fpm.conf",
      "roundcube/config.inc.php",
      "roundcube/key",
      "roundcube/senders.json",
      "tls/authority.pem",
    ]
  `);
  expect(contents["roundcube/key"]).toBe("generated secret\n");
  expect(Object.values(contents).filter((text) => text.includes("generated secret"))).toHaveLength(1);
  expect(contents["tls/authority.pem"]).toBe("authority");
  expect(JSON.parse(contents["roundcube/senders.json"] ?? "")["ana@example.org"]).toMatchObject({
    name: "Ana Lima",
    addresses: expect.arrayContaining(["ana@example.org", "sales@example.org"]),
  });
  expect(await value(webmail.generation)).toBe(generationId(generationOf(resources, "webmail")));
  expect(await pulumi.isSecret(webmail.generation)).toBe(false);
});

test("what people keep in it is shown to policies, and goes with a lab alone", async () => {
  const [, kept] = await record(declare);
  expect(inputsOf(kept, "webmail")).toEqual({ keepData: true });
  const [, lab] = await record(() => declare({ keepData: false }));
  expect(inputsOf(lab, "webmail")).toEqual({ keepData: false });
});

test("a mail server believes it by its address", async () => {
  const [, resources] = await record(
    () =>
      new MailServer("mail-server", {
        hostName: "mail.example.org",
        domains: [declareDomain()],
        certificate: { privateKey: pulumi.secret("key"), certificate: "leaf", chain: "" },
        address: "127.0.0.1",
        webmailAddress: "198.19.162.49",
      }),
  );
  expect(Object.keys(contentsOf(resources, "mail-server"))).toContain("password-change/nginx.conf");
  const ports = inputsOf(resources, "mail-server-container").ports as { readonly internal: number }[];
  expect(ports.map(({ internal }) => internal)).not.toContain(106);
});
