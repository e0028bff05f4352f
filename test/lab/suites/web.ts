import { Resolver } from "node:dns/promises";
import { XMLParser } from "fast-xml-parser";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { expect, test } from "vitest";
import { profileOwner, renderAppleProfile } from "../../../clients/apple-profile.ts";
import { describeClients } from "../../../clients/description.ts";
import { languages } from "../../../clients/set-up-text/languages.ts";
import { parseMtaSts, parseMtaStsPolicy, policyId, policyNames } from "../../../records/index.ts";
import { askHttp, type HttpRequest } from "../../../verify/probes/http.ts";
import { authorityOf } from "../../kit/authority-of.ts";
import { documentMailboxes, documentSettings, domain, password } from "../../kit/document-lab.ts";
import { incarnation } from "../../kit/engine.ts";
import { contentSignedUnder } from "../../kit/signed-data.ts";
import type { Current } from "./current.ts";

/** What clients find by an address alone: names by the lab's own name server, documents by HTTPS under its authority. */
export function webSuite(current: Current): void {
  /** Resolves and connects as a client does that knows nothing but the name. */
  async function ask(host: string, path: string, more: Partial<HttpRequest> = {}) {
    const { endpoint, caCertificate } = current().running;
    const [address = ""] = await resolver().resolve4(host);
    expect(address).toBe(endpoint.address);
    return askHttp({ address, port: endpoint.ports.https ?? 0, host, path, caCertificate, ...more });
  }

  function resolver(): Resolver {
    const { endpoint } = current().running;
    const own = new Resolver({ timeout: 5000, tries: 2 });
    own.setServers([`${endpoint.address}:${endpoint.ports.dns}`]);
    return own;
  }

  test("the MTA-STS record announces the policy that is served, and the policy names the MX", async () => {
    const { body, status } = await ask(`mta-sts.${domain}`, "/.well-known/mta-sts.txt");
    expect(status).toBe(200);
    const policy = parseMtaStsPolicy(body);
    const [record = []] = await resolver().resolveTxt(`_mta-sts.${domain}`);
    expect(parseMtaSts(record.join(""))).toEqual({ id: policyId(policy) });
    for (const { exchange } of await resolver().resolveMx(domain))
      expect(policyNames(policy, exchange)).toBe(true);
  });

  test.each([
    [`autoconfig.${domain}`, "/mail/config-v1.1.xml"],
    [domain, "/.well-known/autoconfig/mail/config-v1.1.xml"],
  ])("every server of https://%s%s takes the user's password", async (host, path) => {
    const { body } = await ask(host, path);
    const parser = new XMLParser({ ignoreAttributes: false, isArray: (name) => name.endsWith("Server") });
    const { incomingServer, outgoingServer } = parser.parse(body).clientConfig.emailProvider;
    const { endpoint, caCertificate } = current().running;
    const user = `vaamonde@${domain}`;
    expect(outgoingServer).toHaveLength(2);
    for (const { hostname, port, socketType, username } of outgoingServer) {
      const transport = createTransport({
        host: endpoint.address,
        port,
        secure: socketType === "SSL",
        requireTLS: true,
        tls: { ca: caCertificate, servername: hostname },
        auth: { user: username.replace("%EMAILADDRESS%", user), pass: password },
      });
      expect(await transport.verify()).toBe(true);
      transport.close();
    }
    const [imap] = incomingServer;
    const client = new ImapFlow({
      host: endpoint.address,
      port: imap.port,
      secure: imap.socketType === "SSL",
      tls: { ca: caCertificate, servername: imap.hostname },
      auth: { user: imap.username.replace("%EMAILADDRESS%", user), pass: password },
      logger: false,
    });
    await client.connect();
    await client.logout();
  });

  test("the SRV record leads Outlook to the same settings as its usual name, whoever asks", async () => {
    const [place] = await resolver().resolveSrv(`_autodiscover._tcp.${domain}`);
    const { endpoint } = current().running;
    expect(place).toMatchObject({ name: `autodiscover.${domain}`, port: endpoint.ports.https });
    const answers = await Promise.all(
      ["vaamonde", "nobody"].map(async (user) => {
        const body = `<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${user}@${domain}</EMailAddress></Request></Autodiscover>`;
        const { status, body: answer } = await ask(place?.name ?? "", "/autodiscover/autodiscover.xml", {
          method: "POST",
          body,
        });
        return { status, answer: answer.replaceAll(`${user}@`, "…@") };
      }),
    );
    expect(answers[0]?.status).toBe(200);
    expect(answers[1]).toEqual(answers[0]);
  });

  test("Apple's profile carries the lab's authority, for any address", async () => {
    const { domains, endpoint } = current().running;
    const caCertificate = authorityOf(current().running);
    const clients = domains.map(({ name, clientNames }) =>
      describeClients(name, clientNames, endpoint.ports),
    );
    for (const user of ["vaamonde", "nobody"]) {
      const address = `${user}@${domain}`;
      const { bytes } = await ask(
        `mail.${domain}`,
        `/profile.mobileconfig?address=${encodeURIComponent(address)}`,
      );
      const [first] = clients;
      const content = await contentSignedUnder(caCertificate, bytes);
      expect(content).toBe(first && renderAppleProfile(first, profileOwner(address), caCertificate));
    }
  });

  test("the set-up page is where the stack says, in every language, and hands out the authority", async () => {
    const { caCertificate, domains } = current().running;
    const page = new URL(domains[0]?.web?.page ?? "");
    for (const path of ["", ...languages])
      expect((await ask(page.hostname, `/${path}`)).body).toContain('<h4 id="windows-outlook">');
    expect((await ask(page.hostname, "/ca.crt")).body).toBe(caCertificate);
  });

  test("a stricter policy is served and announced, and nothing restarts for it", async () => {
    const { lab, running } = current();
    const containers = Object.values(running.containers).filter((name) => name != null);
    const before = await Promise.all(containers.map(incarnation));
    const served = async () =>
      parseMtaStsPolicy((await ask(`mta-sts.${domain}`, "/.well-known/mta-sts.txt")).body);
    const mode = (await served()).mode;
    const strict = { name: domain, mailboxes: documentMailboxes, mtaSts: { mode: "enforce" } };
    await lab.configure({ ...documentSettings(), domains: [strict] });
    await lab.up();
    await lab.settled();
    const policy = await served();
    expect([mode, policy.mode]).toEqual(["testing", "enforce"]);
    const [record = []] = await resolver().resolveTxt(`_mta-sts.${domain}`);
    expect(parseMtaSts(record.join(""))).toEqual({ id: policyId(policy) });
    expect(await Promise.all(containers.map(incarnation))).toEqual(before);

    await lab.configure(documentSettings());
    await lab.up();
    await lab.settled();
  });
}
