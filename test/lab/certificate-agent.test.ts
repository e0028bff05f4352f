import { createPublicKey, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AcmeAuthority, freePort, hasPebble } from "../kit/acme-authority.ts";
import { CertificateAgent, hasAgent, orderFor } from "../kit/certificate-agent.ts";
import { NameServer } from "../verify/name-server.ts";

const everyName = ["mx1.example.org", "mail.example.org", "imap.example.org", "smtp.example.org"];

describe.skipIf(!hasPebble || !hasAgent)(
  "the certificate agent (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    let port: number;
    let resolver: NameServer;
    let authority: AcmeAuthority;
    const addresses: Record<string, readonly string[]> = {};

    beforeAll(async () => {
      port = await freePort();
      for (const name of everyName) addresses[`${name} A`] = ["127.0.0.1"];
      resolver = await NameServer.start(addresses);
      authority = await AcmeAuthority.start({ httpPort: port, resolver: resolver.address });
    });
    afterAll(async () => {
      await authority[Symbol.asyncDispose]();
      await resolver[Symbol.asyncDispose]();
    });

    test("orders a certificate for each request, and says so", async () => {
      await using agent = await CertificateAgent.prepare(port);
      const orders = [
        await orderFor("mail-server", ["mx1.example.org"]),
        await orderFor("example.org", ["mail.example.org", "imap.example.org"]),
      ];
      const { directory, root } = authority;
      agent.configure({ directory, resolver: resolver.address, orders }, { roots: root });
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
      const alive = JSON.parse(agent.read("agent.json") ?? "{}") as Record<string, unknown>;
      expect(alive).toMatchObject({ orders: ["example.org", "mail-server"] });
      expect(alive.account).toMatch(/^https:\/\/localhost:\d+\/my-account\//);
    });
  },
);
