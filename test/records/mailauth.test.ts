import { generateKeyPairSync } from "node:crypto";
import { type AuthenticateResult, authenticate } from "mailauth";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { parsePolicy, resolvePolicy, validateMx } from "mailauth/lib/mta-sts.js";
import { expect, test } from "vitest";
import { formatDkim, formatMtaStsPolicy, planRecords } from "../../records/index.ts";
import { full, fullDomain } from "./sample.ts";

const ed25519 = generateKeyPairSync("ed25519");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keys = [
  {
    selector: "ed1",
    algorithm: "ed25519-sha256",
    privateKey: ed25519.privateKey,
    // The key alone, without the wrapping that says what kind it is (RFC 8463 section 4).
    content: formatDkim({ keyType: "ed25519", publicKey: rawKey() }),
  },
  {
    selector: "rsa1",
    algorithm: "rsa-sha256",
    privateKey: rsa.privateKey,
    content: formatDkim({
      keyType: "rsa",
      publicKey: rsa.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    }),
  },
];

function rawKey(): string {
  return Buffer.from(ed25519.publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
}

const plan = planRecords({
  ...full,
  domains: [
    {
      ...fullDomain,
      // What it includes is somebody else's, and not there.
      spf: { relays: fullDomain.spf.relays },
      dkim: keys.map(({ selector, content }) => ({ selector, content })),
    },
    ...full.domains.slice(1),
  ],
});

/** The plan's records, as a name server would answer with them. */
const answers = Map.groupBy(
  plan.groups.flatMap(({ records }) => records),
  ({ name, type }) => `${name} ${type}`,
);

async function resolve(name: string, type: string): Promise<string[] | string[][]> {
  const wildcard = `*${name.slice(name.indexOf("."))}`;
  const records = answers.get(`${name} ${type}`) ?? answers.get(`${wildcard} ${type}`);
  if (records === undefined) throw Object.assign(new Error(`no ${type} at ${name}`), { code: "ENOTFOUND" });
  const contents = records.map(({ content }) => content);
  if (type === "TXT") return contents.map((content) => [content]);
  if (type !== "MX") return contents;
  // mailauth reads the exchanges from node's objects, which its declaration does not mention.
  return contents.map((content) => {
    const [priority, exchange] = content.split(" ");
    return { priority: Number(priority), exchange: exchange === "." ? "" : exchange };
  }) as never;
}

function message(domain: string): string {
  return `From: <ana@${domain}>\r\nTo: <rui@example.com>\r\nSubject: Hello\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@${domain}>\r\n\r\nHello\r\n`;
}

async function signed(domain: string): Promise<string> {
  const [ed, rsaKey] = keys.map(({ privateKey, selector, algorithm }) => ({
    signingDomain: domain,
    selector,
    algorithm,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  }));
  if (ed === undefined || rsaKey === undefined) throw new Error("there are two keys");
  // The declaration wants one key at the top; the second one is a further signature's.
  const { signatures, errors } = await dkimSign(message(domain), { ...ed, signatureData: [ed, rsaKey] });
  expect(errors).toEqual([]);
  return signatures + message(domain);
}

function receive(
  text: string,
  ip: string,
  sender: string,
  helo = "mail.example.org",
): Promise<AuthenticateResult> {
  return authenticate(text, { ip, helo, sender, resolver: resolve, disableArc: true, disableBimi: true });
}

function verdicts({ spf, dkim, dmarc }: AuthenticateResult): Record<string, unknown> {
  return {
    spf: spf === false ? undefined : spf.status.result,
    dkim: dkim.results.map(({ selector, status }) => `${selector} ${status.result}`),
    dmarc: dmarc && `${dmarc.status.result} ${dmarc.policy}`,
  };
}

test("mail from the server passes, with both signatures", async () => {
  for (const ip of ["192.0.2.25", "2001:db8::25"]) {
    expect(verdicts(await receive(await signed("example.org"), ip, "ana@example.org"))).toEqual({
      spf: "pass",
      dkim: ["ed1 pass", "rsa1 pass"],
      dmarc: "pass reject",
    });
  }
});

test("mail from a relay's network passes, forwarded mail by its signature alone", async () => {
  const relayed = await receive(message("example.org"), "198.51.100.7", "ana@example.org");
  expect(verdicts(relayed)).toEqual({ spf: "pass", dkim: ["undefined none"], dmarc: "pass reject" });
  const forwarded = await receive(await signed("example.org"), "203.0.113.9", "ana@example.org");
  expect(verdicts(forwarded)).toEqual({
    spf: "fail",
    dkim: ["ed1 pass", "rsa1 pass"],
    dmarc: "pass reject",
  });
});

test("a bounce passes by the server's own name", async () => {
  expect(verdicts(await receive(message("example.org"), "192.0.2.25", "")).spf).toBe("pass");
});

test.each([
  ["forged mail", "example.org"],
  ["mail from a parked domain", "example.net"],
  ["mail below a parked domain", "sub.example.net"],
])("%s is to be rejected", async (_, domain) => {
  const { dmarc } = verdicts(await receive(message(domain), "203.0.113.9", `ana@${domain}`));
  expect(dmarc).toBe("fail reject");
});

test("no signature in the name of a parked domain is valid, nor mail from a host without any", async () => {
  const { dkim } = await receive(await signed("example.net"), "203.0.113.9", "ana@example.net");
  expect(dkim.results.map(({ status }) => status.result)).not.toContain("pass");
  for (const host of ["imap.example.org", "mta-sts.example.org", "example.net"]) {
    const { spf } = verdicts(await receive(message(host), "192.0.2.25", `ana@${host}`));
    expect(spf, host).toBe("fail");
  }
});

test("the MTA-STS record and its policy are the standard's, to the letter", async () => {
  const policy = fullDomain.web?.mtaSts?.policy;
  if (policy === undefined) throw new Error("the sample has a policy");
  expect(await resolvePolicy("example.org", { resolver: resolve, strict: true })).toMatch(/^[0-9a-f]{20}$/);
  const parsed = parsePolicy(formatMtaStsPolicy(policy), { strict: true });
  expect(parsed).toMatchObject({ version: "STSv1", mode: "enforce", mx: policy.mx, maxAge: policy.maxAge });
  expect(fullDomain.exchanges.map(({ host }) => validateMx(host, parsed).valid)).toEqual([true, true]);
  expect(validateMx("evil.example", parsed).valid).toBe(false);
});
