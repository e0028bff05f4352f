import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import {
  DnsZones,
  LocalDnsServer,
  MailDomain,
  WebServer,
  type WebServerArgs,
} from "../../components/index.ts";
import { generationId } from "../../servers/generation/generation-id.ts";
import type { SiteDomain } from "../../servers/web-server/web-site.ts";
import { labClients } from "../clients/lab.ts";
import { contentsOf, generationOf, inputsOf } from "./carried.ts";
import { record, registrationOrder, tree, value } from "./recorder.ts";

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

test("its resources, the same in a first preview", async () => {
  const [, created] = await record(declare);
  expect(tree(created)).toMatchInlineSnapshot(`
    "web-server: maildomain:index:WebServer
    web-server-configuration: maildomain:index:ConfigurationVolume
    web-server-configuration-served: maildomain:index:ServedGeneration
    web-server-configuration-volume: docker:index/volume:Volume
    web-server-container: docker:index/container:Container
    web-server-image: docker:index/remoteImage:RemoteImage
    web-server-last-known-good: docker:index/volume:Volume"
  `);
  const [, previewed] = await record(declare, true);
  expect(tree(previewed)).toBe(tree(created));
});

test("a generation is complete; the authority is in the profile, and the key a secret", async () => {
  const [server, resources] = await record(declare);
  const contents = contentsOf(resources, "web-server");
  expect(Object.keys(contents)).toMatchInlineSnapshot(`
    [
      "health-questions",
      "listening",
      "nginx/nginx.conf",
      "tls/pair.pem",
      "web/autodiscover-invalid.xml",
      "web/autodiscover-unavailable.xml",
      "web/error.de.html",
      "web/error.en.html",
      "web/error.es.html",
      "web/error.fr.html",
      "web/error.pt.html",
      "web/missing.de.html",
      "web/missing.en.html",
      "web/missing.es.html",
      "web/missing.fr.html",
      "web/missing.pt.html",
      "web/vaamonde.pti/autodiscover-login.xml",
      "web/vaamonde.pti/autodiscover.json",
      "web/vaamonde.pti/autodiscover.xml",
      "web/vaamonde.pti/ca.crt",
      "web/vaamonde.pti/config-v1.1.xml",
      "web/vaamonde.pti/de.html",
      "web/vaamonde.pti/en.html",
      "web/vaamonde.pti/es.html",
      "web/vaamonde.pti/fr.html",
      "web/vaamonde.pti/mta-sts.txt",
      "web/vaamonde.pti/profile.mobileconfig",
      "web/vaamonde.pti/pt.html",
    ]
  `);
  expect(contents["web/vaamonde.pti/profile.mobileconfig"]).toContain("<data>AAAA</data>");
  expect(contents["web/vaamonde.pti/ca.crt"]).toContain("\nAAAA\n");
  expect(contents["tls/pair.pem"]).toBe("key\nleaf\n");
  expect(Object.entries(contents).filter(([, content]) => content === "")).toEqual([]);
  expect(await value(server.generation)).toBe(generationId(generationOf(resources, "web-server")));
  expect(await pulumi.isSecret(server.generation)).toBe(false);
});

test("a changed policy changes the generation, and no container", async () => {
  const [before, first] = await record(declare);
  const policy = { mode: "testing", mx: ["mail.vaamonde.pti"], maxAge: 86_400 } as const;
  const [after, second] = await record(() => declare({ domains: [{ ...domain, policy }] }));
  expect(await value(after.generation)).not.toBe(await value(before.generation));
  expect(inputsOf(second, "web-server-container")).toEqual(inputsOf(first, "web-server-container"));
});

test.each([
  ["the stack's own name server", {}, "dns-server-configuration-served"],
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
