import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  issueAuthorityCertificate,
  issueServerCertificate,
  keyPem,
  makeKey,
} from "../../provider/certificate.ts";
import { judgeMtaSts } from "../../verify/checks/public-mta-sts.ts";
import { resolverAt } from "../../verify/probes/dns.ts";
import { discoverDomain } from "../../verify/public-domain.ts";
import { runChecks } from "../../verify/run.ts";
import { NameServer, type Records } from "./name-server.ts";

const domain = "example.test";
const host = `mta-sts.${domain}`;
const address = "127.0.0.53";
const records: Records = {
  [`${domain} MX`]: ["10 mail.example.test"],
  "mail.example.test A": ["127.0.0.9"],
  [`_mta-sts.${domain} TXT`]: ["v=STSv1; id=1;"],
  // Nobody listens at the first one: others try the next.
  [`${host} A`]: ["127.0.0.52", address],
};

/** The standard's port is nobody else's to choose (RFC 8461 section 3.3), and not everybody may listen there. */
const mayListen = await new Promise<boolean>((resolve) => {
  const server = createTcpServer();
  server.once("error", () => resolve(false));
  server.listen(443, address, () => server.close(() => resolve(true)));
});

const day = 86_400_000;
const life = (from: number, to: number) => ({
  issuedAt: new Date(Date.now() + from * day),
  notAfter: new Date(Date.now() + to * day),
});

async function issue(names: [string], from = -1, to = 30) {
  const key = makeKey();
  return { key: keyPem(key), cert: await issueServerCertificate(names, life(from, to), key, authority) };
}

const authorityKey = makeKey();
const authority = {
  certificate: await issueAuthorityCertificate("Test", life(-90, 90), authorityKey),
  key: authorityKey,
};
const trusted = getCACertificates("default");

type Answer = { readonly status?: number; readonly type?: string; readonly body?: string };

async function judge(
  { status = 200, type = "text/plain; charset=utf-8", body = good }: Answer,
  credentials = valid,
) {
  const answer = (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(status, { "content-type": type, location: "/other" }).end(body);
  const server = createServer(await credentials, answer).listen(443, address);
  await once(server, "listening");
  await using names = await NameServer.start(records);
  const resolver = resolverAt(names.address);
  const found = await discoverDomain(domain, resolver);
  try {
    const check = { id: "", group: "", title: "", why: "", run: () => judgeMtaSts(found, resolver) };
    const [result] = await runChecks([[check]]);
    return result?.outcome;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const valid = issue([host]);
const good = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.test\r\nmax_age: 86400\r\n";
const url = `https://${host}/.well-known/mta-sts.txt`;

describe.skipIf(!mayListen)(
  mayListen ? "a policy" : "a policy (skipped: port 443 of the loopback is closed to us)",
  () => {
    beforeAll(() => setDefaultCACertificates([authority.certificate]));
    afterAll(() => setDefaultCACertificates(trusted));

    test.each<[string, Answer]>([
      ["by CRLF", {}],
      [
        "by LF, with an asterisk",
        { body: "version: STSv1\nmode: testing\nmx: *.example.test\nmax_age: 1\n" },
      ],
      ["of mode none", { body: "version: STSv1\nmode: none\nmax_age: 1\n" }],
    ])("%s is in good order", async (_, answer) => {
      const outcome = await judge(answer);
      expect(outcome?.status, outcome?.seen).toBe("ok");
    });

    test.each<[Answer, string, string]>([
      [
        { body: good.replace("mx:", "nmx:") },
        "an MTA-STS policy names at least one mx",
        `At ${url}: add mx: and the MX host, not "nmx:".`,
      ],
      [
        { body: good.replace("enforce", "Enforce") },
        '"Enforce" is not an MTA-STS mode',
        `At ${url}: write mode: enforce, testing or none, in lower case.`,
      ],
      [
        { body: good.replace("86400", "31557601") },
        "an MTA-STS max_age of 31557601 is not between 0 and 31557600",
        `At ${url}: write whole seconds, such as max_age: 604800.`,
      ],
      [
        { body: good.replace("mail.", "other.") },
        "the policy does not name mail.example.test",
        "Add mx: mail.example.test to the policy, and change the id of the record.",
      ],
      [
        { type: "text/html" },
        "the policy is served as text/html",
        `Serve ${url} with content-type: text/plain (RFC 8461 section 3.3).`,
      ],
      [
        { status: 301 },
        "the policy answers 301",
        `Serve it at ${url} itself: others follow no redirect (RFC 8461 section 3.3).`,
      ],
      [{ status: 404 }, "the policy answers 404", `Serve it at ${url}.`],
      [{ body: "<html>" }, "an MTA-STS policy begins with version: STSv1", `At ${url}: add that line.`],
    ])("%j", async (answer, seen, remedy) => {
      expect(await judge(answer)).toEqual({ status: "failed", seen, remedy });
    });

    test("a certificate that others do not accept, by its cause", async () => {
      const outcomes = [
        await judge({}, issue([host], -40, -10)),
        await judge({}, issue([`other.${domain}`])),
      ];
      setDefaultCACertificates(trusted);
      outcomes.push(await judge({}));
      expect(outcomes.map((outcome) => outcome && "remedy" in outcome && outcome.remedy)).toEqual([
        `Have a current certificate issued for ${host}, and find out why it was not renewed.`,
        `Have a certificate issued that holds the name of ${host}, and configure the server to show it.`,
        `Show a certificate at ${host} from an authority that others trust, with its whole chain; for one of your own, set NODE_EXTRA_CA_CERTS=authority.pem.`,
      ]);
    });
  },
);
