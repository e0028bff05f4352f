/** What is wrong with the certificates that a stack brings along, before anything changes. */
import {
  authorityProblem,
  chainProblems,
  isPem,
  keyProblem,
  namesMissing,
  readChain,
} from "../../keys/certificate-chain.ts";
import { knownAcmeAuthority, parseIssuer } from "../../records/index.ts";
import { acmeSettings, validationMethods } from "../program/acme-settings.ts";
import { certificateIssuer, mailHostNames, servingFile } from "../program/server-keys.ts";
import { serversOf } from "../program/servers.ts";
import { servesWeb, webHostNames } from "../program/web.ts";
import type { StackSettings } from "../schema/config.ts";
import type { Problem } from "./problems.ts";

/** @param settings - with PEM in place of paths; what is still a path could not be read, and is reported as such. */
export function certificateProblems(settings: StackSettings, now: Date): Problem[] {
  const { files, authority, acme } = settings.certificates;
  const root = authority !== undefined && isPem(authority) ? authority : undefined;
  const rootProblem = root && authorityProblem(root, now);
  const single = files.flatMap(({ chain, key, stage }, index) => {
    // A retired one is not shown to anybody: its key's record alone is still there.
    if (!isPem(chain) || stage === "retired") return [];
    const path = ["certificates", "files", index];
    const read = readChain(chain);
    const wrongKey = read === undefined || !isPem(key) ? undefined : keyProblem(key, read);
    const ofChain = rootProblem === undefined ? chainProblems(chain, root, now) : [];
    return [
      ...ofChain.map((message) => ({ path: [...path, "chain"], message })),
      ...(wrongKey === undefined ? [] : [{ path: [...path, "key"], message: wrongKey }]),
    ];
  });
  const directoryRoot = acme?.roots !== undefined && isPem(acme.roots) ? acme.roots : undefined;
  const rootOfDirectory = directoryRoot && authorityProblem(directoryRoot, now);
  return [
    ...unsaid(settings),
    ...(rootOfDirectory === undefined
      ? []
      : [{ path: ["certificates", "acme", "roots"], message: rootOfDirectory }]),
    ...(rootProblem === undefined ? [] : [{ path: ["certificates", "authority"], message: rootProblem }]),
    ...single,
    ...nameProblems(settings),
    ...caaProblems(settings),
  ];
}

/** What a lab need not say: outside of one, phones and Outlook refuse what the private authority issues. */
function unsaid({ lab, certificates: { issuer, files, acme } }: StackSettings): Problem[] {
  if (lab || issuer !== undefined || files.length > 0 || acme !== undefined) return [];
  const message =
    "is missing: write acme: { agreeToTerms: true } for certificates that everybody trusts, files for those that you " +
    "have, or issuer: private for those of an authority of the stack's own, which phones and Outlook refuse " +
    "(docs/certificates.md)";
  return [{ path: ["certificates"], message }];
}

/** Every server needs a certificate with all of its names. */
function nameProblems(settings: StackSettings): Problem[] {
  if (certificateIssuer(settings) !== "files") return [];
  const servers = [
    ...serversOf(settings).map((server) => ({
      whose: `the mail server ${server.hostName}`,
      names: mailHostNames(server),
    })),
    ...(servesWeb(settings) ? [{ whose: "the web server", names: webHostNames(settings) }] : []),
  ];
  return servers.flatMap(({ whose, names }) => {
    if (servingFile(settings, names) !== undefined) return [];
    const [nearest] = settings.certificates.files
      .flatMap(({ chain, stage }, index) => {
        const read = isPem(chain) && stage === "serving" ? readChain(chain) : undefined;
        return read === undefined ? [] : [{ index, missing: namesMissing(read, names) }];
      })
      .sort((a, b) => a.missing.length - b.missing.length);
    if (nearest === undefined) return [];
    const path = ["certificates", "files", nearest.index, "chain"];
    const message = `lacks ${listed(nearest.missing)} of ${whose}: have it issued for these as well, or add another with all of its names`;
    return [{ path, message }];
  });
}

/** What a domain's settings allow to others, and not to the authority that they name themselves (RFC 8659, RFC 8657). */
function caaProblems(settings: StackSettings): Problem[] {
  const acme = acmeSettings(settings);
  const authority = acme && knownAcmeAuthority(acme.directory)?.caaDomain;
  if (acme === undefined || authority === undefined) return [];
  const [method = ""] = validationMethods(acme);
  return settings.domains.flatMap(({ certificates: { issuers } }, index) => {
    if (issuers.length === 0) return [];
    const allowed = issuers.map(parseIssuer).filter((issuer) => issuer.authority === authority);
    const suits = allowed.some(
      ({ validationMethods: methods }) => methods === undefined || methods.includes(method),
    );
    if (suits) return [];
    const message =
      allowed.length === 0
        ? `forbids ${authority}, which is to issue the certificates: add it, or leave this out to have its record made`
        : `allows ${authority} by other methods than ${method}, by which names are proved: add ${method}`;
    return [{ path: ["domains", index, "certificates", "issuers"], message }];
  });
}

const mostNames = 12;

function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(", ") + (more > 0 ? ` and ${more} more names` : "");
}
