import { rootCertificates } from "node:tls";
import { profileOwner, renderAppleProfile } from "../clients/apple-profile.ts";
import type { ClientDescription } from "../clients/description.ts";
import { type RunningStack, reachableAddress } from "../outputs/running-stack.ts";
import { askHttp } from "../verify/probes/http.ts";

/** The web server has no profile, or another one than the stack describes. */
export class SignedProfileError extends Error {
  override readonly name = "SignedProfileError";
}

/**
 * Apple's profile as the web server signs it, for an address. The key that signs never leaves the server: whoever runs
 * a command needs only a visitor's rights for this. It holds no name of a person: the server knows none.
 *
 * @returns CMS SignedData, DER; undefined without a web server.
 * @throws SignedProfileError if what is served is not what `description` makes, or bears no signature.
 */
export async function fetchSignedProfile(
  running: RunningStack,
  description: ClientDescription,
  address: string,
): Promise<Buffer | undefined> {
  const page = running.domains.find(({ name }) => name === description.domain)?.web?.page;
  const port = running.endpoint.ports.https;
  if (page === undefined || port === undefined) return undefined;
  const { status, bytes } = await askHttp({
    address: reachableAddress(running, "https"),
    port,
    host: new URL(page).hostname,
    path: `/profile.mobileconfig?address=${encodeURIComponent(address)}`,
    caCertificate: [
      ...rootCertificates,
      ...(running.caCertificate === undefined ? [] : [running.caCertificate]),
    ],
  });
  if (status !== 200)
    throw new SignedProfileError(`${page} answers ${status} to the request for the profile.`);
  const expected = Buffer.from(renderAppleProfile(description, profileOwner(address), running.caCertificate));
  if (bytes.indexOf(expected) < 0) {
    throw new SignedProfileError(`${page} serves a profile that differs from the stack's: run \`up\` again.`);
  }
  if (bytes.length === expected.length) throw new SignedProfileError(`${page} serves the profile unsigned.`);
  return bytes;
}
