import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AcmeClient } from "../../provider/acme-client.ts";
import { AcmeAuthority, hasPebble } from "../kit/acme-authority.ts";
import { AcmeFront } from "../kit/acme-front.ts";
import { CertificateAgent, hasAgent, orderFor } from "../kit/certificate-agent.ts";
import { NameServer } from "../verify/name-server.ts";

const names = ["mail.example.org", "imap.example.org"] as const;
const issuer = "pebble.letsencrypt.org";
/** In seconds, of the authority's certificates. */
const lifetime = 60;
const at = (name: string) => `_validation-persist.${name}`;

describe.skipIf(!hasPebble || !hasAgent)(
  "the certificate agent with names that are proved by records that stay (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    /** What the world is shown; each test has its own. */
    const records: Record<string, readonly string[] | "SERVFAIL"> = {};
    let resolver: NameServer;
    let authority: AcmeAuthority;
    let front: AcmeFront;
    let agent: CertificateAgent;
    const accountKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    let account: string;

    beforeAll(async () => {
      resolver = await NameServer.start(records);
      authority = await AcmeAuthority.start({
        // Nothing is asked over HTTP.
        httpPort: 1,
        resolver: resolver.address,
        profiles: { default: lifetime },
        reusedAuthorizations: 0,
      });
      front = await AcmeFront.start(authority);
      const client = new AcmeClient(front.directory, front.root);
      account = await client.openAccount(await client.directory(), accountKey, [], undefined);
    });
    afterAll(async () => {
      await front[Symbol.asyncDispose]();
      await authority[Symbol.asyncDispose]();
      await resolver[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      for (const key of Object.keys(records)) delete records[key];
      for (const name of names) publish(name, `${issuer}; accounturi=${account}`);
      front.rewrite = (text) => text;
      front.requests.length = 0;
      agent = await CertificateAgent.prepare();
    });
    afterEach(() => agent[Symbol.asyncDispose]());

    function publish(name: string, ...texts: readonly string[]): void {
      records[`${at(name)} TXT`] = texts;
    }

    /** @param asked - the resolver that the agent asks */
    async function start(asked = resolver.address) {
      const order = await orderFor("example.org", names);
      configure(order, asked);
      agent.start();
      return order;
    }

    function configure(order: Awaited<ReturnType<typeof orderFor>>, asked: string): void {
      const { directory, root: roots } = front;
      agent.configure(
        { directory, resolver: asked, dnsPersist: true, orders: [order] },
        { roots, accountKey },
      );
    }

    async function problem() {
      await expect.poll(() => agent.status("example.org")?.state).toBe("failing");
      return agent.status("example.org")?.problem;
    }

    test("each name is proved by its record, at the first order and at a renewal", async () => {
      // Another authority's stands beside it, and so does what we have said of another account.
      publish(
        names[0],
        "ca.example; accounturi=https://ca.example/acct/1; policy=wildcard",
        `${issuer}; accounturi=https://localhost/other`,
        `${issuer}; accounturi=${account}; persistUntil=${Math.floor(Date.now() / 1000) + 3600}`,
      );
      const { key } = await start();
      const first = await agent.settled("example.org", "valid");
      expect(agent.certificate("example.org")?.publicKey.equals(createPublicKey(key))).toBe(true);
      await agent.settled("example.org", "valid", first.serial);
      expect(front.newOrders.length).toBeGreaterThanOrEqual(2);
    });

    test.each([
      ["no record", [], ""],
      [
        "that of another account",
        [`${issuer}; accounturi=https://localhost/acct/1`],
        `, and has "${issuer}; accounturi=https://localhost/acct/1"`,
      ],
      ["that of another authority", ["ca.example; accounturi=https://ca.example/acct/1"], ""],
      [
        "one whose time is over",
        () => [`${issuer}; accounturi=${account}; persistUntil=1`],
        () => `, and has "${issuer}; accounturi=${account}; persistUntil=1"`,
      ],
    ] as const)("%s: one clear error, before the authority is asked", async (_what, texts, found) => {
      publish(names[1], ...(typeof texts === "function" ? texts() : texts));
      await start();
      const wanted = `${at(names[1])} has to have the TXT record "${issuer}; accounturi=${account}"`;
      expect(await problem()).toEqual({
        type: "dns",
        name: names[1],
        detail: wanted + (typeof found === "function" ? found() : found),
        nature: "forbidden",
      });
      expect(front.newOrders).toEqual([]);
    });

    test("a record's time is over by the clock by which certificates are renewed", async () => {
      const record = `${issuer}; accounturi=${account}; persistUntil=${Math.floor(Date.now() / 1000) + 3600}`;
      publish(names[1], record);
      agent.moveClock(7200);
      await start();
      expect(await problem()).toMatchObject({
        type: "dns",
        name: names[1],
        detail: expect.stringContaining(`, and has "${record}"`),
      });
      expect(front.newOrders).toEqual([]);
    });

    test("a resolver that does not answer decides nothing: the authority looks for itself", async () => {
      await start("127.0.0.1:1");
      await agent.settled("example.org", "valid");
    });

    test("an attempt that fails under settings that are others by then is made again at once", async () => {
      await using empty = await NameServer.start({});
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      front.rewrite = (text) => released.then(() => text);
      const order = await start(empty.address);
      await expect.poll(() => front.requests.length).toBeGreaterThan(0);
      const former = agent.inUse;
      configure(order, resolver.address);
      agent.reload();
      await expect.poll(() => agent.inUse).not.toBe(former);
      release();
      await agent.settled("example.org", "valid");
      expect(agent.output).toContain(`${at(names[0])} has to have the TXT record`);
    });

    test("what the authority has against a record is its own error, by name", async () => {
      // The agent is shown another answer than the authority is.
      await using shown = await NameServer.start({ ...records });
      publish(names[1]);
      await start(shown.address);
      expect(await problem()).toEqual({
        type: "urn:ietf:params:acme:error:unauthorized",
        name: names[1],
        detail: "No TXT records found for DNS-PERSIST-01 challenge",
        nature: "validation",
      });
    });

    test("an authority that does not offer it: one clear error, and no other method", async () => {
      front.rewrite = (text) => text.replaceAll('"dns-persist-01"', '"dns-of-tomorrow-01"');
      await start();
      expect(await problem()).toEqual({
        type: "method",
        detail: expect.stringMatching(
          /^the authority does not offer dns-persist-01, by which names are to be proved, but .*\bhttp-01\b/,
        ),
        nature: "refused",
      });
    });

    test("CAA records of another method forbid it", async () => {
      records["example.org CAA"] = [`0 issue "${issuer}; validationmethods=http-01"`];
      await start();
      expect(await problem()).toMatchObject({
        type: "caa",
        detail: `the CAA records at example.org allow ${issuer} only by http-01, and this agent proves a name by dns-persist-01`,
      });
      expect(front.newOrders).toEqual([]);
    });
  },
);
