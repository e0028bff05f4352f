import * as pulumi from "@pulumi/pulumi";
import type { CertificateRequest, IssuedCertificate, Issuer } from "../../components/issuer.ts";

class StubCertificate extends pulumi.CustomResource {
  declare readonly keys: IssuedCertificate["stages"]["keys"];

  constructor(name: string, { hostNames, keys = {} }: CertificateRequest) {
    const times = { since: "2026-01-01T00:00:00.000Z", nextFrom: "2026-01-03T00:00:00.000Z" };
    const staged = Object.entries(keys).map(([key, { stage }]) => [key, { stage, ...times }]);
    super("test:index:StubCertificate", name, {
      hostNames: [...hostNames],
      keys: Object.fromEntries(staged),
    });
  }
}

/** An issuer that everybody knows already, so that it has no authority to hand out. */
export class StubIssuer implements Issuer {
  issue(name: string, request: CertificateRequest): IssuedCertificate {
    return {
      stages: new StubCertificate(name, request),
      privateKey: pulumi.secret(`key of ${name}`),
      certificate: pulumi.output(`certificate of ${name}`),
      chain: pulumi.output(`intermediate of ${name}`),
      digestOf: () => pulumi.output("cd".repeat(32)),
    };
  }
}
