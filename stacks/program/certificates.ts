/** The certificates of a stack's servers, all of one issuer. */
import type { CertificateRequest, IssuedCertificate, Issuer } from "../../components/issuer.ts";
import { PrivateIssuer } from "../../components/lab-certificate.ts";
import { certificateName } from "../../naming/resources.ts";
import { ServerRole } from "../../naming/servers.ts";
import { clientNamesOf } from "../../records/index.ts";
import type { StackSettings } from "../schema/config.ts";
import { type DeclaredServer, serversOf } from "./servers.ts";
import { serverKeyArgs } from "./stages.ts";
import { webHostNames } from "./web.ts";

/** A mail server as it is declared, and its certificate. */
export interface CertifiedServer {
  readonly declared: DeclaredServer;
  readonly certificate: IssuedCertificate;
}

/** An authority of the stack's own. */
export function issuerOf({ domains }: StackSettings): Issuer {
  // The name by which people know the authority in their list of trusted ones; X.509 allows 64 characters.
  return new PrivateIssuer(`${domains[0]?.name} authority`.slice(-64));
}

/** The certificate of every mail server, the main one's first. */
export function declareCertificates(
  settings: StackSettings,
  issuer: Issuer,
): [CertifiedServer, ...CertifiedServer[]] {
  const [main, ...further] = serversOf(settings);
  const certify = (declared: DeclaredServer): CertifiedServer => ({
    declared,
    certificate: issuer.issue(certificateName(declared.name), requestOf(declared, settings)),
  });
  return [certify(main), ...further.map(certify)];
}

/** The web server has a key of its own: whoever breaks into it does not have the mail's. */
export function declareWebCertificate(settings: StackSettings, issuer: Issuer): IssuedCertificate {
  return issuer.issue(certificateName(ServerRole.webServer), {
    hostNames: webHostNames(settings),
    days: settings.certificateDays,
  });
}

function requestOf(server: DeclaredServer, settings: StackSettings): CertificateRequest {
  const names = server.domains.flatMap(({ name }) => clientNamesOf(name));
  return {
    hostNames: [...new Set([server.hostName, ...names])],
    days: settings.certificateDays,
    ...serverKeyArgs(server, settings),
  };
}
