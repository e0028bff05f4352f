import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { certificateAgentProgram } from "../../toolchain/certificate-agent.ts";
import { run } from "../../toolchain/child-process.ts";
import { AcmeAuthority, type AcmeAuthorityOptions, freePort, hasPebble } from "../kit/acme-authority.ts";
import { AcmeFront, acmeProblem } from "../kit/acme-front.ts";
import { type AgentSettings, CertificateAgent, hasAgent, orderFor } from "../kit/certificate-agent.ts";
import { MailSink } from "../kit/mail-sink.ts";
import { NameServer } from "../verify/name-server.ts";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** Names that lead to the agent. */
const leading = [
  "mx1.example.org",
  "mail.example.org",
  "imap.example.org",
  "smtp.example.org",
  "mail.example.net",
];
const httpError = { status: 503, body: "<html>Service Unavailable</html>" };

describe.skipIf(!hasPebble || !hasAgent)(
  "the certificate agent (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    let port: number;
    let resolver: NameServer;
    let authority: AcmeAuthority;
    let front: AcmeFront;
    let agent: CertificateAgent;
    const records: Record<string, readonly string[]> = {};
    /** Most of its minute it waits, which the other tests do not wait for. */
    let ofMinute: Awaited<ReturnType<typeof startOfMinute>>;

    beforeAll(async () => {
      port = await freePort();
      for (const name of leading) records[`${name} A`] = ["127.0.0.1"];
      resolver = await NameServer.start(records);
      authority = await AcmeAuthority.start({ httpPort: port, resolver: resolver.address });
      ofMinute = await startOfMinute();
    });
    afterAll(async () => {
      await ofMinute[Symbol.asyncDispose]();
      await authority[Symbol.asyncDispose]();
      await resolver[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      front = await AcmeFront.start(authority);
      agent = await CertificateAgent.prepare(port);
    });
    afterEach(async () => {
      for (const key of Object.keys(records).filter((each) => each.endsWith(" CAA"))) delete records[key];
      await agent[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
    });

    type Changes = Partial<AgentSettings>;
    type Secrets = NonNullable<Parameters<CertificateAgent["configure"]>[1]>;
    function configure(orders: AgentSettings["orders"], changes: Changes = {}, secrets: Secrets = {}): void {
      const settings = { directory: front.directory, resolver: resolver.address, orders, ...changes };
      agent.configure(settings, { roots: front.root, ...secrets });
    }
    /** One order for a name that leads here. */
    async function mailServer() {
      return orderFor("mail-server", ["mx1.example.org"]);
    }
    /** An agent, an authority and a name server that no test changes; certificates last a minute. */
    async function startOfMinute() {
      const ownPort = await freePort();
      const names = await NameServer.start({ "mx1.example.org A": ["127.0.0.1"] });
      const own = await AcmeAuthority.start({
        httpPort: ownPort,
        resolver: names.address,
        profiles: { default: MINUTE },
      });
      const its = await CertificateAgent.prepare(ownPort);
      const settings = { directory: own.directory, resolver: names.address, orders: [await mailServer()] };
      its.configure(settings, { roots: own.root });
      its.start();
      return {
        agent: its,
        async [Symbol.asyncDispose]() {
          for (const one of [its, own, names]) await one[Symbol.asyncDispose]();
        },
      };
    }
    /** An authority of a test's own, and its front. */
    async function ownAuthority(options: AcmeAuthorityOptions) {
      const own = await AcmeAuthority.start({ httpPort: port, resolver: resolver.address, ...options });
      const before = await AcmeFront.start(own);
      return {
        own,
        before,
        async [Symbol.asyncDispose]() {
          await before[Symbol.asyncDispose]();
          await own[Symbol.asyncDispose]();
        },
      };
    }
    /** A time of the status, as mail has it. */
    function minuteOf(time: string | undefined): string {
      return new Date(time ?? "").toISOString().slice(0, 16).replace("T", " ");
    }
    /** Seconds from now until a time of the status. */
    function until(time: string | undefined): number {
      return Math.round((Date.parse(time ?? "") - Date.now()) / 1000);
    }

    test("orders a certificate for each request, and says so", async () => {
      const orders = [
        await mailServer(),
        await orderFor("example.org", ["mail.example.org", "imap.example.org"]),
      ];
      configure(orders);
      agent.start();
      const issuer = new X509Certificate(await authority.issuingRoot());
      for (const { name, names, key } of orders) {
        const status = await agent.settled(name, "valid");
        const certificate = agent.certificate(name);
        expect(certificate?.subjectAltName?.split(", ").toSorted()).toEqual(
          names.map((host) => `DNS:${host}`).toSorted(),
        );
        expect(certificate?.publicKey.equals(createPublicKey(key))).toBe(true);
        expect(status).toMatchObject({ name, names, serial: certificate?.serialNumber, failures: 0 });
        const [, intermediate] =
          agent.read(`${name}/chain.pem`)?.match(/-----BEGIN[\s\S]+?-----END.*\n/g) ?? [];
        expect(new X509Certificate(intermediate ?? "").verify(issuer.publicKey)).toBe(true);
      }
      const alive = JSON.parse(agent.read("agent.json") ?? "{}") as Record<string, string>;
      expect(alive).toMatchObject({ orders: ["example.org", "mail-server"] });
      expect(alive.account).toMatch(/^https:\/\/localhost:\d+\/my-account\//);
      expect(Math.abs(until(alive.aliveAt))).toBeLessThan(60);
    });

    test("survives an authority that refuses every second nonce", async () => {
      await using other = await ownAuthority({ refusedNonces: 50 });
      configure([await mailServer()], { directory: other.before.directory }, { roots: other.before.root });
      agent.start();
      await agent.settled("mail-server", "valid");
    });

    test("renews when two thirds of the lifetime are over, with the same key, and says what it replaces", async () => {
      const order = await mailServer();
      // Pebble refuses a good nonce now and then; here it is sure to be the first order's.
      let refused = 0;
      front.fault = ({ path }) =>
        path === "/order-plz" && ++refused === 1 ? acmeProblem(400, "badNonce", "it was used") : undefined;
      configure([order], { profile: "shortlived" });
      agent.start();
      const { serial, renewAt, renewalInfo, notBefore, notAfter } = await agent.scheduled("mail-server");
      expect((Date.parse(notAfter ?? "") - Date.parse(notBefore ?? "") + 1000) / 1000).toBe(6 * DAY);
      // Pebble's window for six days is a day to both sides of that.
      expect(until(renewAt)).toBeGreaterThan(3 * DAY - HOUR);
      expect(until(renewAt)).toBeLessThanOrEqual(5 * DAY);
      agent.moveClock(until(renewAt) - HOUR);
      // It asks the authority once more when that is, and orders nothing.
      await expect
        .poll(() => agent.status("mail-server")?.renewalInfo?.askAgain)
        .not.toBe(renewalInfo?.askAgain);
      expect(front.newOrders).toHaveLength(1);
      agent.moveClock(until(renewAt) + MINUTE);
      await agent.settled("mail-server", "valid", serial);
      expect(front.newOrders.at(-1)?.payload).toMatchObject({
        profile: "shortlived",
        replaces: expect.stringMatching(/^[\w-]+\.[\w-]+$/),
      });
      // What it follows was for the same key.
      expect(agent.status("mail-server")?.revocations).toBeUndefined();
      expect(agent.certificate("mail-server")?.publicKey.equals(createPublicKey(order.key))).toBe(true);
    });

    test("renews as soon as the authority asks for it", async () => {
      configure([await mailServer()]);
      agent.start();
      const { serial } = await agent.settled("mail-server", "valid");
      const window = { start: "2020-01-01T00:00:00Z", end: "2020-01-02T00:00:00Z" };
      await authority.setRenewalInfo(
        agent.certificate("mail-server")?.toString() ?? "",
        JSON.stringify({ suggestedWindow: window }),
      );
      // The next question comes after hours; and a certificate is kept for a day at least.
      agent.moveClock(2 * DAY);
      await agent.settled("mail-server", "valid", serial);
    });

    test("one name of three fails: so does its order, and no other", async () => {
      const wrong = await orderFor("example.org", [
        "mail.example.org",
        "nowhere.example.org",
        "imap.example.org",
      ]);
      configure([wrong, await mailServer()]);
      agent.start();
      await agent.settled("mail-server", "valid");
      const { problem } = await agent.settled("example.org", "failing");
      expect(problem).toMatchObject({ name: "nowhere.example.org", nature: "validation" });
      expect(agent.read("example.org/chain.pem")).toBeUndefined();
    });

    test("keeps within five failed validations an hour, also where two orders hold the name", async () => {
      const names = ["nowhere.example.org"];
      configure([await orderFor("one", names), await orderFor("two", names)]);
      agent.start();
      await agent.settled("one", "failing");
      await agent.settled("two", "failing");
      const failures = () => (agent.status("one")?.failures ?? 0) + (agent.status("two")?.failures ?? 0);
      for (let minute = 5; minute < 55; minute += 5) {
        agent.moveClock(minute * MINUTE);
        const due = ["one", "two"].some((name) => until(agent.status(name)?.nextAttempt) <= minute * MINUTE);
        const before = failures();
        if (due) await expect.poll(failures).toBeGreaterThan(before);
      }
      agent.reload();
      await expect.poll(() => JSON.parse(agent.read("agent.json") ?? "{}").aliveAt).toBeDefined();
      expect(failures()).toBeLessThanOrEqual(5);
      // The hour is over.
      const before = failures();
      agent.moveClock(90 * MINUTE);
      await expect.poll(failures).toBeGreaterThan(before);
    });

    test("an authority that is down for a day costs nothing but time", async () => {
      configure([await mailServer()]);
      agent.start();
      const { serial, renewAt } = await agent.scheduled("mail-server");
      const chain = agent.read("mail-server/chain.pem");
      await front.end();
      const start = until(renewAt) + HOUR;
      agent.moveClock(start);
      await agent.settled("mail-server", "failing");
      let attempts = 1;
      for (let hours = 0; hours < 24; hours += 2) {
        const { failures = 0 } = agent.status("mail-server") ?? {};
        agent.moveClock(start + hours * HOUR);
        if (hours > 0)
          await expect.poll(() => agent.status("mail-server")?.failures).toBeGreaterThan(failures);
        attempts = agent.status("mail-server")?.failures ?? 0;
      }
      expect(attempts).toBeLessThan(30);
      expect(agent.status("mail-server")).toMatchObject({
        serial,
        problem: { type: "network", nature: "temporary" },
      });
      expect(agent.read("mail-server/chain.pem")).toBe(chain);
      await front.begin();
      agent.moveClock(start + DAY + 2 * HOUR);
      await agent.settled("mail-server", "valid", serial);
    });

    test("errors of the server, in whatever form, pass", async () => {
      let faults = 0;
      front.fault = ({ path }) => {
        if (path !== "/order-plz" || ++faults > 2) return undefined;
        return faults === 1 ? httpError : acmeProblem(500, "serverInternal", "out of order");
      };
      configure([await mailServer()]);
      agent.start();
      const { problem, nextAttempt } = await agent.settled("mail-server", "failing");
      expect(problem).toMatchObject({
        type: "network",
        detail: "the authority answers 503 Service Unavailable",
      });
      expect(until(nextAttempt)).toBeLessThanOrEqual(MINUTE);
      agent.moveClock(2 * MINUTE);
      await expect.poll(() => agent.status("mail-server")?.problem?.type).toMatch(/serverInternal$/);
      agent.moveClock(10 * MINUTE);
      await agent.settled("mail-server", "valid");
    });

    test("waits as long as a rate limit says, and no reload shortens that", async () => {
      front.fault = ({ path }) =>
        path === "/order-plz"
          ? acmeProblem(429, "rateLimited", "too many certificates", 3 * HOUR)
          : undefined;
      configure([await mailServer()]);
      agent.start();
      const { problem, lastAttempt = "", nextAttempt = "" } = await agent.settled("mail-server", "failing");
      expect(problem).toMatchObject({ nature: "limited", detail: "too many certificates" });
      expect(Date.parse(nextAttempt) - Date.parse(lastAttempt)).toBe(3 * HOUR * 1000);
      agent.moveClock(2 * HOUR);
      configure([await mailServer(), await orderFor("example.org", ["mail.example.org"])]);
      agent.reload();
      await agent.settled("example.org", "failing");
      front.fault = () => undefined;
      expect(front.newOrders).toHaveLength(2);
      agent.moveClock(6 * HOUR);
      await agent.settled("mail-server", "valid");
    });

    test("makes an account again where the authority has forgotten it", async () => {
      await using other = await ownAuthority({});
      configure([await mailServer()], { directory: other.before.directory }, { roots: other.before.root });
      agent.start();
      const { serial, renewAt } = await agent.scheduled("mail-server");
      await other.own.end();
      await other.own.begin();
      agent.moveClock(until(renewAt) + MINUTE);
      await agent.settled("mail-server", "valid", serial);
    });

    test.each([
      {
        what: "a revoked account",
        fault: acmeProblem(403, "unauthorized", "the account is deactivated"),
        at: "/sign-me-up",
        expected: { nature: "refused", detail: "the account is deactivated" },
      },
      {
        what: "a key that the authority does not accept",
        fault: acmeProblem(400, "badCSR", "P-521 is not accepted"),
        at: "/finalize-order/",
        expected: { nature: "refused", type: "urn:ietf:params:acme:error:badCSR" },
      },
      {
        what: "another page in the place of the directory",
        fault: { status: 200, body: "<html>hotel login</html>" },
        at: "/dir",
        expected: { nature: "temporary", type: "network" },
      },
    ])("$what: one clear problem, and no hurry", async ({ fault, at, expected }) => {
      front.fault = ({ path }) => (path.startsWith(at) ? fault : undefined);
      configure([await mailServer()]);
      agent.start();
      const { problem, lastAttempt = "", nextAttempt = "" } = await agent.settled("mail-server", "failing");
      expect(problem).toMatchObject(expected);
      const pause = (Date.parse(nextAttempt) - Date.parse(lastAttempt)) / 1000;
      expect(pause).toBe(expected.nature === "refused" ? HOUR : MINUTE);
    });

    test("asks for the profile that is declared, and says which one the authority lacks", async () => {
      configure([await mailServer()], { profile: "eternal" });
      agent.start();
      const { problem } = await agent.settled("mail-server", "failing");
      expect(problem).toMatchObject({ type: "urn:ietf:params:acme:error:invalidProfile", nature: "refused" });
      configure([await mailServer()], { profile: "shortlived" });
      agent.reload();
      const { notAfter } = await agent.settled("mail-server", "valid");
      expect(until(notAfter)).toBeLessThanOrEqual(6 * DAY);
    });

    test("binds a new account to an external one", async () => {
      const hmacKey = Buffer.alloc(32, 7).toString("base64url");
      await using other = await ownAuthority({ externalAccounts: { "kid-1": hmacKey } });
      const place = { directory: other.before.directory };
      configure([await mailServer()], place, { roots: other.before.root });
      agent.start();
      const { problem } = await agent.settled("mail-server", "failing");
      expect(problem?.type).toBe("urn:ietf:params:acme:error:externalAccountRequired");
      const externalAccount = { keyId: "kid-1", hmacKey };
      configure([await mailServer()], place, { roots: other.before.root, externalAccount });
      agent.reload();
      await agent.settled("mail-server", "valid");
    });

    const own = "pebble.letsencrypt.org";
    test.each([
      ["none", {}, undefined],
      ["this authority", { "example.org CAA": [`0 issue "${own}"`] }, undefined],
      ["another one", { "example.org CAA": ['0 issue "other.example"'] }, `do not allow ${own}`],
      ["nobody", { "example.org CAA": ['0 issue ";"'] }, `do not allow ${own}`],
      [
        "the nearest ones count",
        { "mx1.example.org CAA": [`0 issue "${own}"`], "example.org CAA": ['0 issue ";"'] },
        undefined,
      ],
      ["only who is to be notified", { "example.org CAA": ['0 iodef "mailto:a@example.org"'] }, undefined],
      ["a critical one that nobody knows", { "example.org CAA": ['128 tbs "unknown"'] }, "critical property"],
      [
        "another account",
        { "example.org CAA": [`0 issue "${own}; accounturi=https://a.example/1"`] },
        "only for the account",
      ],
      [
        "another method",
        { "example.org CAA": [`0 issue "${own}; validationmethods=dns-01"`] },
        "only by dns-01",
      ],
      [
        "this method",
        { "example.org CAA": [`0 issue "${own}; validationmethods=dns-01,http-01"`] },
        undefined,
      ],
      ["one of several", { "example.org CAA": ['0 issue "other.example"', `0 ISSUE "${own}"`] }, undefined],
      ["an unreadable one", { "example.org CAA": [`0 issue "${own}; nonsense"`] }, "cannot be read"],
    ] as const)("CAA records (RFC 8659): %s", async (_, caa, refusal) => {
      Object.assign(records, caa);
      configure([await mailServer()]);
      agent.start();
      if (refusal === undefined) {
        await agent.settled("mail-server", "valid");
        return;
      }
      const { problem, nextAttempt } = await agent.settled("mail-server", "failing");
      expect(problem).toMatchObject({ type: "caa", name: "mx1.example.org", nature: "forbidden" });
      expect(problem?.detail).toContain("the CAA records at example.org");
      expect(problem?.detail).toContain(refusal);
      expect(front.newOrders).toEqual([]);
      expect(until(nextAttempt)).toBeLessThanOrEqual(5 * MINUTE);
    });

    test("no reader ever sees half a file, whenever the agent is killed", async () => {
      await using other = await ownAuthority({ profiles: { default: 20 } });
      const order = await mailServer();
      configure([order], { directory: other.before.directory }, { roots: other.before.root });
      const serials = new Set<string>();
      for (let round = 0; round < 12; round++) {
        agent.start();
        const end = Date.now() + 800 + 170 * round;
        while (Date.now() < end) {
          const chain = agent.read("mail-server/chain.pem");
          if (chain !== undefined) {
            expect(chain.match(/-----END CERTIFICATE-----\n/g)).toHaveLength(2);
            serials.add(new X509Certificate(chain).serialNumber);
          }
          // Throws where it is half a document.
          agent.status("mail-server");
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        await agent.kill();
      }
      expect(serials.size).toBeGreaterThan(1);
      agent.start();
      await agent.settled("mail-server", "valid");
      const left = readdirSync(join(agent.certificates, "mail-server")).toSorted();
      expect(left).toEqual(["chain.pem", "status.json"]);
    });

    test("a half-written chain from elsewhere is replaced, and so is one for another key", async () => {
      const order = await mailServer();
      configure([order]);
      agent.start();
      const { serial } = await agent.settled("mail-server", "valid");
      await agent.kill();
      const file = join(agent.certificates, "mail-server", "chain.pem");
      writeFileSync(file, readFileSync(file, "utf8").slice(0, -100));
      agent.start();
      const { serial: second } = await agent.settled("mail-server", "valid", serial);
      configure([await mailServer()]);
      agent.reload();
      await agent.settled("mail-server", "valid", second);
    });

    test("reports a problem once, again when it gets serious, and when it is over", async () => {
      const texts: string[] = [];
      let answers = 0;
      const webhook = createServer((request, response) => {
        let body = "";
        request.on("data", (part: Buffer) => {
          body += part.toString();
        });
        request.on("end", () => {
          // The first delivery fails.
          response.writeHead(answers++ === 0 ? 500 : 204).end();
          const { event, orders } = JSON.parse(body) as { event: string; orders: { name: string }[] };
          if (answers > 1) texts.push([event, ...orders.map(({ name }) => name)].join(" "));
        });
      }).listen(0, "127.0.0.1");
      await once(webhook, "listening");
      try {
        await using sink = await MailSink.start();
        const mail = { to: ["postmaster@example.org"], server: sink.address, host: "mx1.example.org" };
        const report = { webhook: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`, mail };
        const subjects = () => sink.mails.map(({ text }) => /^Subject: (.*)$/m.exec(text)?.[1]);
        // Without a profile Pebble takes one of its own by chance.
        const changes = { report, profile: "default" };
        configure([await mailServer(), await orderFor("example.org", ["mail.example.org"])], changes);
        agent.start();
        const { serial, notAfter } = await agent.settled("mail-server", "valid");
        await agent.settled("example.org", "valid");
        const lifetime = 90 * DAY;
        const end = until(notAfter);
        await front.end();
        // At first it may pass by itself.
        agent.moveClock(end - lifetime / 3 + DAY + HOUR);
        await agent.settled("mail-server", "failing");
        await agent.settled("example.org", "failing");
        expect(texts).toEqual([]);
        agent.moveClock(end - (lifetime / 3) * 0.8);
        await expect.poll(() => answers).toBe(1);
        // What one way has delivered it does not deliver again for the sake of the other.
        await expect.poll(subjects).toEqual(["mx1.example.org: no new certificate yet"]);
        agent.moveClock(end - (lifetime / 3) * 0.7);
        await expect.poll(() => texts).toEqual(["problem example.org mail-server"]);
        agent.moveClock(end - (lifetime / 3) * 0.45);
        await expect.poll(() => texts.at(-1)).toBe("serious example.org mail-server");
        const moved = end - (lifetime / 3) * 0.4;
        const since = Date.now() + (moved - 1) * 1000;
        agent.moveClock(moved);
        // One that is still being made would fail after the authority is back, and the next would be an hour later.
        const tried = (order: string) => Date.parse(agent.status(order)?.lastAttempt ?? "") >= since;
        await expect.poll(() => ["mail-server", "example.org"].every(tried)).toBe(true);
        expect(texts).toHaveLength(2);
        const serious = "mx1.example.org: a certificate expires soon, and there is no new one";
        await expect.poll(subjects).toEqual(["mx1.example.org: no new certificate yet", serious]);
        const [, { from, to, text } = { from: "", to: [], text: "" }] = sink.mails;
        expect([from.split(" ")[0], ...to]).toEqual(["<>", "<postmaster@example.org>"]);
        expect(text).toContain("Auto-Submitted: auto-generated\n");
        expect(text).toContain("Certificate: example.org, for mail.example.org\n");
        expect(text).toContain(`In service:  one that lasts until ${minuteOf(notAfter)} UTC\n`);
        expect(text).toMatch(/^Attempts: {4}\d+ failed, the next at 20\d\d-.* UTC$/m);
        expect(text).toMatch(/^Reason: {6}.*\(network\)$/m);
        expect(text).toMatch(/^What to do: {2}nothing, if the authority is out of order; otherwise/m);
        await front.begin();
        agent.moveClock(end - (lifetime / 3) * 0.3);
        await agent.settled("mail-server", "valid", serial);
        await expect
          .poll(() => texts.filter((each) => each.startsWith("resolved")).join())
          .toMatch(/mail-server/);
        expect(texts.filter((each) => !each.startsWith("resolved"))).toHaveLength(2);
        await expect.poll(() => subjects().at(-1)).toBe("mx1.example.org: certificates are in order again");
      } finally {
        webhook.close();
      }
    });

    test.each([
      ["GET", "/", "mail.example.org", 308, "https://mail.example.org/"],
      ["HEAD", "/a/b?c=d", "mail.example.org:80", 308, "https://mail.example.org/a/b?c=d"],
      ["GET", "/.well-known/acme-challenge/unknown", "mail.example.org", 404, undefined],
      ["POST", "/", "mail.example.org", 405, undefined],
      ["GET", "/", 'evil.example"><script>', 400, undefined],
      ["GET", "/", "localhost", 404, undefined],
    ])("%s %s of %s: %d", async (method, path, host, status, location) => {
      configure([], { redirectPort: 443 });
      agent.start();
      await expect.poll(() => agent.read("agent.json")).toBeDefined();
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const options = { method, headers: { Host: host }, agent: false };
        get(`http://127.0.0.1:${agent.port}${path}`, options, resolve).on("error", reject);
      });
      answer.resume();
      expect([answer.statusCode, answer.headers.location]).toEqual([status, location]);
    });

    test("is small while it waits", async () => {
      configure([await mailServer()]);
      agent.start();
      await agent.settled("mail-server", "valid");
      const memory = (field: string): number =>
        Number(
          new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(
            readFileSync(`/proc/${agent.pid}/status`, "utf8"),
          )?.[1],
        ) / 1024;
      await expect.poll(() => memory("VmRSS")).toBeLessThan(15);
      console.log(
        `resident: ${memory("VmRSS").toFixed(1)} MiB idle, ${memory("VmHWM").toFixed(1)} MiB at most`,
      );
    });

    test.each([
      ["that was followed by another one", false, 4],
      ["that others may have", true, 1],
    ])("revokes the certificate of a key %s, once the next one is in service", async (_, leaked, reason) => {
      const former = await mailServer();
      configure([former]);
      agent.start();
      const { serial = "" } = await agent.settled("mail-server", "valid");
      configure([{ ...(await mailServer()), formerKeyLeaked: leaked }]);
      front.fault = ({ path }) => (path.includes("revoke") ? httpError : undefined);
      agent.reload();
      const { serial: next = "" } = await agent.settled("mail-server", "valid", serial);
      const revocation = () => agent.status("mail-server")?.revocations?.at(0);
      expect(revocation()).toMatchObject({ serial, reason });
      expect(await authority.statusOf(serial)).toMatchObject({ status: "Valid" });
      // Servers have had the time to take the next one, and the authority is out of order.
      agent.moveClock(2 * MINUTE);
      await expect.poll(() => revocation()?.failures).toBe(1);
      await agent.kill();
      front.fault = () => undefined;
      agent.moveClock(10 * MINUTE);
      agent.start();
      await expect.poll(() => revocation()?.revokedAt).toBeDefined();
      expect(await authority.statusOf(serial)).toEqual({ status: "Revoked", reason });
      expect(await authority.statusOf(next)).toMatchObject({ status: "Valid" });
      expect(revocation()).not.toHaveProperty("certificate");
    });

    test("renews certificates of a minute in time", async () => {
      const ends = () =>
        [...ofMinute.agent.output.matchAll(/mail-server: a certificate of .* until (\S+)/g)].map(([, end]) =>
          Date.parse(end ?? ""),
        );
      await expect.poll(() => ends().length).toBeGreaterThan(1);
      const [first = 0, next = 0] = ends();
      // Each lasts as long: the one after begins before the first ends.
      expect(next - first).toBeLessThan(MINUTE * 1000);
    });

    test("says all that is wrong with a configuration", async () => {
      const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
      const order = await orderFor("mail-server", ["mx1.example.org"], rsa);
      agent.configure({ directory: "https://a.example/dir", orders: [order] });
      const check = async () =>
        (await run(certificateAgentProgram(), ["-check", "-configuration", join(agent.folder, "current")]))
          .output;
      expect(await check()).toBe("");
      writeFileSync(agent.configurationFile("mail-server.csr"), "-----BEGIN CERTIFICATE REQUEST-----\n");
      writeFileSync(agent.configurationFile("account.pem"), "");
      const wrong = {
        directory: "ftp://a.example",
        redirectPort: 70_000,
        resolver: "somewhere",
        roots: "certificate-agent/none.pem",
        report: { webhook: "mailto:a@example.org" },
        orders: [
          { name: "mail-server", names: ["mx1.example.org"] },
          { name: "../etc", names: ["*.example.org", "Mail.example.org"] },
          { name: "mail-server", names: [] },
        ],
      };
      writeFileSync(agent.configurationFile("orders.json"), JSON.stringify(wrong));
      expect((await check()).split("\n").filter((line) => line !== "")).toMatchInlineSnapshot(`
          [
            "certificate-agent/orders.json: directory "ftp://a.example" is not an https URL",
            "certificate-agent/orders.json: report.webhook is not a URL",
            "certificate-agent/orders.json: redirectPort 70000 is not a port",
            "certificate-agent/orders.json: resolver "somewhere" is not an address with a port",
            "certificate-agent/orders.json: the order's name "../etc" cannot be a folder's",
            "certificate-agent/orders.json: "*.example.org" in the order "../etc" is a wildcard, which HTTP-01 cannot prove",
            "certificate-agent/orders.json: "Mail.example.org" in the order "../etc" is not a host name in lower case",
            "certificate-agent/orders.json: two orders are called "mail-server"",
            "certificate-agent/orders.json: the order "mail-server" names no host",
            "certificate-agent/account.pem: is not PEM with a PRIVATE KEY",
            "certificate-agent/none.pem: is missing",
            "certificate-agent/mail-server.csr: is not PEM with a CERTIFICATE REQUEST",
            "certificate-agent/mail-server.csr: is not PEM with a CERTIFICATE REQUEST",
          ]
        `);
    });
  },
);
