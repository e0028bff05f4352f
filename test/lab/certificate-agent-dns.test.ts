import { createPublicKey, randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { renderKnot, type UpdateKey, updateKeyFile } from "../../servers/dns-server/knot.ts";
import { unseal } from "../../servers/generation/configuration-file.ts";
import { run } from "../../toolchain/child-process.ts";
import { type NameResolver, query, resolverAt } from "../../verify/probes/dns.ts";
import { CloudflareStandIn } from "../cloudflare/stand-in.ts";
import { AcmeAuthority, freePort, hasPebble } from "../kit/acme-authority.ts";
import { type AgentSettings, CertificateAgent, hasAgent, orderFor } from "../kit/certificate-agent.ts";
import { FollowingResolver } from "../kit/following-resolver.ts";
import { ServerContainer } from "../kit/server-container.ts";
import { NameServer } from "../verify/name-server.ts";

const hasNsupdate = (await run("nsupdate", ["-V"])).status === 0;
const zone = "acme.example.net";
const key: UpdateKey = {
  name: `agent.${zone}`,
  algorithm: "hmac-sha256",
  secret: randomBytes(32).toString("base64"),
};
const names = ["mail.example.org", "imap.example.org"];
/** In seconds, of the authority's certificates. */
const lifetime = 60;

function text(origin: string, records: string): { origin: string; text: string } {
  const head = `$ORIGIN ${origin}.\n$TTL 60\n@ IN SOA ns hostmaster 1 3600 900 1209600 300\n@ IN NS ns\nns IN A 192.0.2.1\n`;
  return { origin, text: head + records };
}

const alias = (name: string, target: string) => `_acme-challenge.${name}. IN CNAME ${target}.${zone}.\n`;

describe.skipIf(!hasPebble || !hasAgent)(
  "the certificate agent without port 80 (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    const server = new ServerContainer({
      role: "dns-server",
      capabilities: [],
      ports: ["53/tcp"],
      volumes: ["/var/lib/knot"],
    });
    let primary: string;
    let overTcp: NameResolver;
    let resolver: FollowingResolver;
    let authority: AcmeAuthority;
    let agent: CertificateAgent;

    beforeAll(async () => {
      await server.build();
      const aliases = names.map((name) => alias(name, name)).join("");
      const astray = alias("elsewhere.example.org", "other");
      const zones = [
        text("example.org", aliases + astray),
        { ...text(zone, ""), updated: true },
        // The key is not for this one.
        text("locked.example.net", ""),
      ];
      await server.upload([...renderKnot(zones), unseal(updateKeyFile(zone), key)]);
      await server.run();
      await server.becomes(/^healthy/);
      const port = await server.port("53/tcp");
      primary = `127.0.0.1:${port}`;
      overTcp = resolverAt(primary);
      resolver = await FollowingResolver.start({ address: "127.0.0.1", port });
      authority = await AcmeAuthority.start({
        httpPort: 1,
        resolver: resolver.address,
        profiles: { default: lifetime },
        reusedAuthorizations: 0,
      });
    });
    afterAll(async () => {
      await authority[Symbol.asyncDispose]();
      await resolver[Symbol.asyncDispose]();
      await server.remove();
    });
    beforeEach(async () => {
      agent = await CertificateAgent.prepare();
    });
    afterEach(() => agent[Symbol.asyncDispose]());

    type Dns = NonNullable<AgentSettings["dns"]>;
    async function start(
      dns: Partial<Dns>,
      secrets: object = { tsig: key },
      hosts: readonly string[] = names,
      resolverAddress = resolver.address,
    ) {
      const order = await orderFor("example.org", hosts);
      const settings: AgentSettings = {
        directory: authority.directory,
        resolver: resolverAddress,
        dns: { zone, ...dns },
        orders: [order],
      };
      agent.configure(settings, { roots: authority.root, zone: secrets });
      agent.start();
      return order;
    }
    const own = () => ({ server: primary, own: true });

    async function problem() {
      await expect.poll(() => agent.status("example.org")?.state).toBe("failing");
      return agent.status("example.org")?.problem;
    }

    test("proves each name in the zone, leaves nothing there, and renews", async () => {
      const { key: pair } = await start(own());
      const first = await agent.settled("example.org", "valid");
      expect(agent.certificate("example.org")?.publicKey.equals(createPublicKey(pair))).toBe(true);
      await agent.settled("example.org", "valid", first.serial);
      await agent.kill();
      for (const name of names) {
        const { records } = await query(overTcp, `${name}.${zone}`, "TXT");
        expect(records).toEqual([]);
      }
    });

    test("another secret: one clear error", async () => {
      await start(own(), { tsig: { ...key, secret: randomBytes(32).toString("base64") } });
      expect(await problem()).toEqual({
        type: "zone",
        detail: `the name server ${primary} has another secret for the key ${key.name}`,
        nature: "forbidden",
      });
    });

    test("a key that the server does not know", async () => {
      await start(own(), { tsig: { ...key, name: "somebody.example.net" } });
      expect((await problem())?.detail).toBe(
        `the name server ${primary} does not accept the key somebody.example.net for the zone ${zone}: it does not know the key, does not allow it this zone, or is not its primary`,
      );
    });

    test("a zone that the key must not change", async () => {
      const order = await orderFor("example.org", ["mail.example.org"]);
      const dns = { zone: "example.org", ...own() };
      // Its alias leads elsewhere, so that nobody looks: the refusal is the server's own.
      agent.configure(
        { directory: authority.directory, resolver: "127.0.0.1:1", dns, orders: [order] },
        { roots: authority.root, zone: { tsig: key } },
      );
      agent.start();
      expect(await problem()).toMatchObject({
        type: "zone",
        detail: `the name server ${primary} does not accept the key ${key.name} for the zone example.org: it does not know the key, does not allow it this zone, or is not its primary`,
      });
    });

    test("a server that is out of reach passes by itself", async () => {
      const port = await freePort();
      await start({ server: `127.0.0.1:${port}`, own: true });
      expect(await problem()).toEqual({
        type: "zone",
        detail: `the name server 127.0.0.1:${port} of the zone ${zone} cannot be reached: connect: connection refused`,
        nature: "temporary",
      });
    });

    test("a name without its alias, or with another, is known before the authority is asked", async () => {
      await start(own(), { tsig: key }, ["none.example.org"]);
      expect(await problem()).toMatchObject({
        type: "dns",
        name: "none.example.org",
        detail: `_acme-challenge.none.example.org has to be an alias (CNAME) of none.example.org.${zone}`,
      });
      await agent[Symbol.asyncDispose]();
      agent = await CertificateAgent.prepare();
      await start(own(), { tsig: key }, ["elsewhere.example.org"]);
      expect((await problem())?.detail).toBe(
        `_acme-challenge.elsewhere.example.org has to be an alias (CNAME) of elsewhere.example.org.${zone}, and is one of other.${zone}`,
      );
    });

    test.skipIf(!hasNsupdate)(
      "the key changes TXT records below the apex of its own zone, and nothing else",
      async () => {
        const update = async (line: string, to = zone): Promise<string> => {
          const input = `server ${primary.replace(":", " ")}\nzone ${to}\nupdate ${line}\nsend\n`;
          const signed = ["-y", `${key.algorithm}:${key.name}:${key.secret}`];
          return (await run("nsupdate", ["-v", ...signed], { input })).output;
        };
        expect(await update(`add mail.${zone} 60 TXT proof`)).toBe("");
        expect((await query(overTcp, `mail.${zone}`, "TXT")).records).toMatchObject([{ content: "proof" }]);
        expect(await update(`delete mail.${zone} TXT`)).toBe("");
        for (const [line, to] of [
          [`add ${zone} 60 TXT proof`, zone],
          [`add mail.${zone} 60 A 192.0.2.1`, zone],
          ["add mail.locked.example.net 60 TXT proof", "locked.example.net"],
          ["add www.example.org 60 TXT proof", "example.org"],
        ] as const) {
          expect(await update(line, to)).toMatch(/REFUSED|NOTAUTH/);
        }
      },
    );

    test("by Cloudflare's API: a token for that zone alone", async () => {
      await using cloudflare = await CloudflareStandIn.start({ keepsConnections: false });
      const id = cloudflare.addZone(zone);
      cloudflare.addZone("example.org");
      const token = cloudflare.addToken({ zones: [zone], rights: ["zone:read", "dns:edit"] });
      const records: Record<string, readonly string[]> = {};
      for (const name of names) records[`_acme-challenge.${name} CNAME`] = [`${name}.${zone}`];
      // What the stand-in has been given, as the world would be shown it.
      const shown = new Proxy(records, {
        get: (target, name: string) => target[name] ?? texts(name),
        ownKeys: (target) => Reflect.ownKeys(target),
      });
      const texts = (asked: string) => {
        const found = cloudflare
          .records(id)
          .all.filter(({ name, type }) => `${String(name)} ${String(type)}` === asked)
          .map(({ content }) => String(content).replaceAll('"', ""));
        return found.length === 0 ? undefined : found;
      };
      await using world = await NameServer.start(shown);
      await using other = await AcmeAuthority.start({ httpPort: 1, resolver: world.address });
      const order = await orderFor("example.org", names);
      const settings = {
        directory: other.directory,
        resolver: world.address,
        dns: { zone, cloudflare: { api: cloudflare.baseUrl } },
        orders: [order],
      };
      agent.configure(settings, { roots: other.root, zone: { token: "0".repeat(40) } });
      agent.start();
      expect((await problem())?.detail).toMatch(
        /^Cloudflare's API refuses a change of the zone acme\.example\.net: .*\(\d+\)$/,
      );
      agent.configure(settings, { roots: other.root, zone: { token } });
      agent.reload();
      await agent.settled("example.org", "valid");
      await agent.kill();
      expect(cloudflare.records(id).all).toEqual([]);
      expect(cloudflare.requests.filter((line) => line.startsWith("POST"))).toHaveLength(names.length);
    });
  },
);
