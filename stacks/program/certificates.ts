/** The certificates of a stack's servers, all of one issuer. */
import type { CertificateRequest, IssuedCertificate, Issuer } from "../../components/issuer.ts";
import { PrivateIssuer } from "../../components/lab-certificate.ts";
import { FileIssuer } from "../../components/own-certificate.ts";
import { certificateName } from "../../naming/resources.ts";
import { ServerRole } from "../../naming/servers.ts";
import type { StackSettings } from "../schema/config.ts";
import { certificateIssuer, mailHostNames, servingFile } from "./server-keys.ts";
import { type DeclaredServer, serversOf } from "./servers.ts";
import { ownKey, serverKeyArgs } from "./stages.ts";
import { webHostNames } from "./web.ts";

/** A mail server as it is declared, and its certificate. */
export interface CertifiedServer {
  readonly declared: DeclaredServer;
  readonly certificate: IssuedCertificate;
}

/** Whoever the settings name: whoever has made the certificates of files, or an authority of the stack's own. */
export function issuerOf(settings: StackSettings): Issuer {
  const { domains, certificates } = settings;
  if (certificateIssuer(settings) === "files") return new FileIssuer(certificates.authority);
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

/** The web server has a key of its own where it is made here: whoever breaks into it does not have the mail's. */
export function declareWebCertificate(settings: StackSettings, issuer: Issuer): IssuedCertificate {
  const hostNames = webHostNames(settings);
  const file = certificateIssuer(settings) === "files" ? servingFile(settings, hostNames) : undefined;
  return issuer.issue(certificateName(ServerRole.webServer), {
    hostNames,
    days: settings.certificateDays,
    keys: file && { [file.name]: { stage: "serving", own: ownKey(file) } },
  });
}

function requestOf(server: DeclaredServer, settings: StackSettings): CertificateRequest {
  return {
    hostNames: mailHostNames(server),
    days: settings.certificateDays,
    ...serverKeyArgs(server, settings),
  };
}
