import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { handshake, openTls } from "../../../verify/probes/tls.ts";
import { servicesOf } from "../../../verify/services.ts";
import { authorityOf } from "../../kit/authority-of.ts";
import { domain } from "../../kit/document-lab.ts";
import type { Current } from "./current.ts";

const services = ["smtp", "submission", "submissions", "imaps", "pop3s"];

/** The certificate, and the versions in which it is shown. */
export function tlsSuite(current: Current): void {
  const service = (name: string) => {
    const { running } = current();
    const [first] = running.domains;
    const found = first && servicesOf(running, first).find((each) => each.name === name);
    if (found === undefined) throw new Error(`no service ${name}`);
    return found;
  };

  test.each(services)("%s speaks TLS 1.3 and 1.2, and nothing older", async (name) => {
    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      const shaken = await handshake(service(name), { minVersion: version, maxVersion: version });
      expect(shaken.version).toBe(version);
    }
    for (const version of ["TLSv1.1", "TLSv1"] as const) {
      // OpenSSL itself refuses both unless its security level is lowered.
      const options = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" } as const;
      await expect(handshake(service(name), options)).rejects.toThrow(/alert protocol version|reset|closed/i);
    }
  });

  test.each(["mail", "smtp", "imap", "pop3"])("the certificate holds %s", async (host) => {
    for (const name of services) {
      const socket = await openTls({ ...service(name), serverName: `${host}.${domain}` });
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      expect(certificate?.checkHost(`${host}.${domain}`)).toBe(`${host}.${domain}`);
    }
  });

  test("the certificate does not hold other names", async () => {
    await expect(handshake({ ...service("imaps"), serverName: "imap.example.org" })).rejects.toThrow(
      /altnames|does not match/i,
    );
  });

  test("the certificate comes from the stack's authority: ECDSA P-256, for at most 825 days", async () => {
    const { certificate } = await handshake(service("imaps"));
    const authority = new X509Certificate(authorityOf(current().running));
    const leaf = new X509Certificate(certificate.raw);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(authority.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    const days = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / 86_400_000;
    expect(days).toBeLessThanOrEqual(825);
  });
}
