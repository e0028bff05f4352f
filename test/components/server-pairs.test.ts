import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import {
  type CertificateSettings,
  MailDomain,
  MailServer,
  WebServer,
  type WebServerArgs,
} from "../../components/index.ts";
import { labClients } from "../clients/lab.ts";
import { accessOf, contentsOf, inputsOf } from "./carried.ts";
import { record } from "./recorder.ts";

const certificate = { privateKey: pulumi.secret("key"), certificate: "leaf", chain: "" };
const orgCertificate = { privateKey: pulumi.secret("org key"), certificate: "org leaf", chain: "org chain" };
const names = ["imap.example.org", "mail.example.org"];
const several: CertificateSettings = {
  domainCertificates: { "example.org": { hostNames: names, certificate: orgCertificate } },
  certificatesVolume: pulumi.output("certificates"),
};

function declareMail(settings: CertificateSettings): MailServer {
  const domain = new MailDomain("example.org", {
    domain: "example.org",
    hostName: "mx1.example.org",
    addresses: { ipv4: "192.0.2.25" },
    mailboxes: [{ address: "ana@example.org" }],
  });
  return new MailServer("mail-server", {
    hostName: "mx1.example.org",
    domains: [domain],
    certificate,
    address: "127.0.0.1",
    ...settings,
  });
}

function declareWeb(args: Partial<WebServerArgs>): WebServer {
  return new WebServer("web-server", {
    domains: [
      {
        clients: labClients,
        hostNames: names,
        pageHost: "mail.example.org",
        autodiscoverHost: "autodiscover.example.org",
        webmailHost: "webmail.example.org",
      },
    ],
    address: "127.0.0.1",
    ...args,
  });
}

const mountsOf = (resources: Parameters<typeof inputsOf>[0], server: string) => {
  const { volumes } = inputsOf(resources, `${server}-container`) as { volumes: { volumeName: string }[] };
  return volumes.filter(({ volumeName }) => volumeName === "certificates");
};

test("a mail server has its own name's pair and each domain's, and only reads the volume", async () => {
  const [, resources] = await record(() => declareMail(several));
  const contents = contentsOf(resources, "mail-server");
  expect(contents["tls/pairs"]).toBe(
    "mail-server tls/pair.pem /var/lib/certificates/mail-server/chain.pem mx1.example.org\n" +
      "example.org tls/example.org.pem /var/lib/certificates/example.org/chain.pem imap.example.org mail.example.org\n",
  );
  expect(contents["tls/pair.pem"]).toBe("key\nleaf\n");
  expect(contents["tls/example.org.pem"]).toBe("org key\norg leaf\norg chain\n");
  expect(accessOf(resources, "mail-server")).toContain("600 root tls/example.org.pem");
  expect(mountsOf(resources, "mail-server")).toEqual([
    { volumeName: "certificates", containerPath: "/var/lib/certificates", readOnly: true },
  ]);
});

test("a server that uses none of it has what it had", async () => {
  const [, resources] = await record(() => declareMail({}));
  const [, withNothing] = await record(() => declareMail({ domainCertificates: {} }));
  expect(Object.keys(contentsOf(resources, "mail-server")).filter((path) => path.startsWith("tls/"))).toEqual(
    ["tls/pair.pem"],
  );
  expect(contentsOf(withNothing, "mail-server")).toEqual(contentsOf(resources, "mail-server"));
  expect(mountsOf(resources, "mail-server")).toEqual([]);
});

test("a server that takes no chains yet differs from one without the volume in its container alone", async () => {
  const { certificatesVolume } = several;
  const [, resources] = await record(() => declareMail({ certificatesVolume, areRenewed: false }));
  const [, without] = await record(() => declareMail({}));
  const [, renewed] = await record(() => declareMail({ certificatesVolume }));
  expect(contentsOf(resources, "mail-server")).toEqual(contentsOf(without, "mail-server"));
  expect(inputsOf(resources, "mail-server-container")).toEqual(inputsOf(renewed, "mail-server-container"));
  expect(contentsOf(renewed, "mail-server")["tls/pairs"]).toContain("/mail-server/chain.pem");
  const { domainCertificates } = several;
  const [, named] = await record(() =>
    declareMail({ domainCertificates, certificatesVolume, areRenewed: false }),
  );
  expect(contentsOf(named, "mail-server")["tls/pairs"]).not.toContain("chain.pem");
});

test("a web server's default pair is for the names that no other has, and is needed for them alone", async () => {
  const [, resources] = await record(() => declareWeb({ ...several, certificate }));
  expect(contentsOf(resources, "web-server")["tls/pairs"]).toMatch(
    /^web-server tls\/pair\.pem \S+\/web-server\/chain\.pem webmail\.example\.org\nexample\.org /,
  );
  const all = { hostNames: [...names, "webmail.example.org"], certificate: orgCertificate };
  const [, without] = await record(() => declareWeb({ domainCertificates: { "example.org": all } }));
  const contents = contentsOf(without, "web-server");
  expect(contents["tls/pairs"]).toBe(
    `example.org tls/example.org.pem - ${all.hostNames.toSorted().join(" ")}\n`,
  );
  expect(contents["tls/pair.pem"]).toBeUndefined();
  expect(contents["nginx/nginx.conf"]).not.toContain("pair.pem");
});

test("a name without a certificate is refused at once", async () => {
  await record(() => {
    const one = { hostNames: ["imap.example.org"], certificate: orgCertificate };
    expect(() => declareWeb({ domainCertificates: { "example.org": one } })).toThrow(
      "mail.example.org is in no TLS pair, and there is no default pair",
    );
    expect(() => declareWeb({})).toThrow("a server needs at least one TLS pair");
  });
});
