/** The certificates of a stack's servers, all of one authority. */
import { LabCertificate, type LabCertificateArgs } from "../../components/index.ts";
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
  readonly certificate: LabCertificate;
}

/** That of every mail server, the main one's first. */
export function declareCertificates(settings: StackSettings): [CertifiedServer, ...CertifiedServer[]] {
  const [main, ...further] = serversOf(settings);
  const certificate = new LabCertificate(certificateName(main.name), certificateArgs(main, settings));
  const { authority } = certificate;
  return [
    { declared: main, certificate },
    ...further.map((declared) => {
      const args = { ...certificateArgs(declared, settings), authority };
      return { declared, certificate: new LabCertificate(certificateName(declared.name), args) };
    }),
  ];
}

/** The web server has a key of its own: whoever breaks into it does not have the mail's. */
export function declareWebCertificate(
  settings: StackSettings,
  { authority }: LabCertificate,
): LabCertificate {
  const args = { hostNames: webHostNames(settings), ...authorityArgs(settings), authority };
  return new LabCertificate(certificateName(ServerRole.webServer), args);
}

function certificateArgs(server: DeclaredServer, settings: StackSettings): LabCertificateArgs {
  const names = server.domains.flatMap(({ name }) => clientNamesOf(name));
  return {
    hostNames: [...new Set([server.hostName, ...names])],
    ...authorityArgs(settings),
    ...serverKeyArgs(server, settings),
  };
}

function authorityArgs(
  settings: StackSettings,
): Required<Pick<LabCertificateArgs, "authorityName" | "days">> {
  return { authorityName: authorityName(settings), days: settings.certificateDays };
}

/** The name by which people know the lab's authority in their list of trusted ones; X.509 allows 64 characters. */
function authorityName({ domains }: StackSettings): string {
  return `${domains[0]?.name} authority`.slice(-64);
}
