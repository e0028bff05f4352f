import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { MailDomain, MailServer, Webmail, type WebmailArgs } from "../../components/index.ts";
import { generationId, parseGeneration } from "../../servers/generation/generation.ts";
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
const inputsOf = (resources: readonly Recorded[], wanted: string) =>
  resources.find(({ name }) => name === wanted)?.inputs;
/** What a server's carrier brings it. */
function generationOf(resources: readonly Recorded[], server: string): Buffer {
  const { uploads } = inputsOf(resources, `${server}-configuration-generation`) ?? {};
  const [upload] = (uploads ?? []) as { readonly contentBase64: string }[];
  return Buffer.from(upload?.contentBase64 ?? "", "base64");
}

test("its resources, the same in a first preview", async () => {
  const [, created] = await record(declare);
  expect(tree(own(created))).toMatchInlineSnapshot(`
    "webmail: maildomain:index:Webmail
    webmail-configuration: maildomain:index:ConfigurationVolume
    webmail-configuration-generation: docker:index/container:Container
    webmail-configuration-volume: docker:index/volume:Volume
    webmail-container: docker:index/container:Container
    webmail-database: docker:index/volume:Volume
    webmail-image: docker:index/remoteImage:RemoteImage
    webmail-key: maildomain:index:GeneratedSecret"
  `);
  const [, previewed] = await record(declare, true);
  expect(tree(previewed)).toBe(tree(created));
});

test("the container: no port of its own, no capability, its place in the network", async () => {
  const [, resources] = await record(declare);
  const { image: _, ...container } = inputsOf(resources, "webmail-container") ?? {};
  expect(container).toMatchInlineSnapshot(`
    {
      "capabilities": {
        "adds": [],
        "drops": [
          "ALL",
        ],
      },
      "hostname": "webmail",
      "name": "maildomain-test-webmail",
      "networksAdvanced": [
        {
          "ipv4Address": "198.19.162.49",
          "name": "lab",
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
          "volumeName": "maildomain-test-webmail-configuration",
        },
        {
          "containerPath": "/var/lib/webmail",
          "volumeName": "maildomain-test-webmail-database",
        },
      ],
      "wait": true,
      "waitTimeout": 120,
    }
  `);
});

test("a generation is complete, and its key a secret that nothing else holds", async () => {
  const [webmail, resources] = await record(declare);
  const text = generationOf(resources, "webmail");
  const files = parseGeneration(text);
  const contentOf = (wanted: string) => files.find(({ path }) => path === wanted)?.content;
  expect(files.map(({ path }) => path)).toMatchInlineSnapshot(`
    [
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
  expect(contentOf("roundcube/key")).toBe("generated secret\n");
  expect(files.filter(({ content }) => content.includes("generated secret"))).toHaveLength(1);
  expect(contentOf("tls/authority.pem")).toBe("authority");
  expect(JSON.parse(contentOf("roundcube/senders.json") ?? "")["ana@example.org"]).toMatchObject({
    name: "Ana Lima",
    addresses: expect.arrayContaining(["ana@example.org", "sales@example.org"]),
  });
  expect(await value(webmail.generation)).toBe(generationId(text));
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
  const files = parseGeneration(generationOf(resources, "mail-server"));
  expect(files.map(({ path }) => path)).toContain("password-change/nginx.conf");
  const ports = inputsOf(resources, "mail-server-container")?.ports as { readonly internal: number }[];
  expect(ports.map(({ internal }) => internal)).not.toContain(106);
});
