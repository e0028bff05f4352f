import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import {
  DnsZones,
  LocalDnsServer,
  MailDomain,
  WebServer,
  type WebServerArgs,
} from "../../components/index.ts";
import { generationId, parseGeneration } from "../../servers/generation/generation.ts";
import type { SiteDomain } from "../../servers/web-server/web-site.ts";
import { labClients } from "../clients/lab.ts";
import { type Recorded, record, registrationOrder, tree, value } from "./recorder.ts";

const names = ["autoconfig.vaamonde.pti", "autodiscover.vaamonde.pti", "mail.vaamonde.pti"];

const domain: SiteDomain = {
  clients: labClients,
  hostNames: names,
  pageHost: "mail.vaamonde.pti",
  autodiscoverHost: "autodiscover.vaamonde.pti",
  policy: { mode: "enforce", mx: ["mail.vaamonde.pti"], maxAge: 86_400 },
};

function declare(changes: Partial<WebServerArgs> = {}): WebServer {
  return new WebServer("web-server", {
    domains: [domain],
    certificate: { privateKey: pulumi.secret("key"), certificate: "leaf", chain: "" },
    authorityCertificate: pulumi.output("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    address: "127.0.0.1",
    network: "lab",
    ...changes,
  });
}

interface Upload {
  readonly file: string;
  readonly contentBase64: string;
}

function uploaded(resources: readonly Recorded[]): Buffer {
  const carrier = resources.find(({ name }) => name === "web-server-configuration-generation");
  const uploads = (carrier?.inputs.uploads ?? []) as Upload[];
  return Buffer.from(uploads[0]?.contentBase64 ?? "", "base64");
}

test("its resources, the same in a first preview", async () => {
  const [, created] = await record(declare);
  expect(tree(created)).toMatchInlineSnapshot(`
    "web-server: maildomain:index:WebServer
    web-server-configuration: maildomain:index:ConfigurationVolume
    web-server-configuration-generation: docker:index/container:Container
    web-server-configuration-volume: docker:index/volume:Volume
    web-server-container: docker:index/container:Container
    web-server-image: docker:index/remoteImage:RemoteImage"
  `);
  const [, previewed] = await record(declare, true);
  expect(tree(previewed)).toBe(tree(created));
});

test("the container", async () => {
  const [, resources] = await record(() => declare({ ports: { https: 8443 } }));
  const { image: _, ...container } =
    resources.find(({ name }) => name === "web-server-container")?.inputs ?? {};
  expect(container).toMatchInlineSnapshot(`
    {
      "capabilities": {
        "adds": [],
        "drops": [
          "ALL",
        ],
      },
      "hostname": "web-server",
      "name": "maildomain-test-web-server",
      "networksAdvanced": [
        {
          "name": "lab",
        },
      ],
      "ports": [
        {
          "external": 80,
          "internal": 80,
          "ip": "127.0.0.1",
          "protocol": "tcp",
        },
        {
          "external": 8443,
          "internal": 443,
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
          "volumeName": "maildomain-test-web-server-configuration",
        },
      ],
      "wait": true,
      "waitTimeout": 120,
    }
  `);
});

test("a generation is complete; the authority is in the profile, and the key a secret", async () => {
  const [server, resources] = await record(declare);
  const files = parseGeneration(uploaded(resources));
  expect(files.map(({ path }) => path)).toMatchInlineSnapshot(`
    [
      "listening",
      "nginx/nginx.conf",
      "tls/pair.pem",
      "web/autodiscover-invalid.xml",
      "web/autodiscover-unavailable.xml",
      "web/error.txt",
      "web/vaamonde.pti/autodiscover-login.xml",
      "web/vaamonde.pti/autodiscover.json",
      "web/vaamonde.pti/autodiscover.xml",
      "web/vaamonde.pti/ca.crt",
      "web/vaamonde.pti/config-v1.1.xml",
      "web/vaamonde.pti/en.html",
      "web/vaamonde.pti/mta-sts.txt",
      "web/vaamonde.pti/profile.mobileconfig",
      "web/vaamonde.pti/pt.html",
    ]
  `);
  expect(files.find(({ path }) => path.endsWith("profile.mobileconfig"))?.content).toContain(
    "<data>AAAA</data>",
  );
  expect(files.find(({ path }) => path.endsWith("pair.pem"))?.content).toBe("key\nleaf\n");
  expect(await value(server.generation)).toBe(generationId(uploaded(resources)));
  expect(await pulumi.isSecret(server.generation)).toBe(false);
});

test("a changed policy changes the generation, and no container", async () => {
  const [before, first] = await record(declare);
  const policy = { mode: "testing", mx: ["mail.vaamonde.pti"], maxAge: 86_400 } as const;
  const [after, second] = await record(() => declare({ domains: [{ ...domain, policy }] }));
  expect(await value(after.generation)).not.toBe(await value(before.generation));
  const container = (resources: readonly Recorded[]) =>
    resources.find(({ name }) => name === "web-server-container")?.inputs;
  expect(container(second)).toEqual(container(first));
});

test.each([
  ["the stack's own name server", {}, "dns-server-configuration-generation"],
  ["Cloudflare", { dns: "cloudflare", cloudflareZone: "0".repeat(32) } as const, "vaamonde.pti-zone-mta-sts"],
])("%s announces the policy once its server is there (RFC 8461 section 3.3)", async (_, zone, announcing) => {
  const addresses = { ipv4: "127.0.0.1" };
  await record(() => {
    const policyServer = declare();
    const mailDomain = new MailDomain("vaamonde.pti", {
      domain: "vaamonde.pti",
      hostName: "mail.vaamonde.pti",
      addresses,
      mailboxes: [{ address: "ana@vaamonde.pti" }],
      web: {
        addresses,
        mtaSts: { policy: { mode: "enforce", mx: ["mail.vaamonde.pti"], maxAge: 86_400 }, announced: true },
      },
    });
    const dns = new DnsZones("dns", {
      zones: [{ name: "vaamonde.pti", ...zone }],
      servers: [{ hostName: "mail.vaamonde.pti", addresses, ttl: 3600 }],
      domains: [mailDomain.recordDescription],
      nameServerAddress: "127.0.0.1",
      policyServer,
    });
    return new LocalDnsServer("dns-server", { zones: dns.localZones, address: "127.0.0.1", policyServer });
  });
  const order = registrationOrder();
  expect(order).toContain(announcing);
  expect(order.indexOf(announcing)).toBeGreaterThan(order.indexOf("web-server-container"));
});
