/** What is wrong with the certificates that a stack brings along, before anything changes. */
import {
  authorityProblem,
  chainProblems,
  isPem,
  keyProblem,
  namesMissing,
  readChain,
} from "../../keys/certificate-chain.ts";
import { certificateIssuer, mailHostNames, servingFile } from "../program/server-keys.ts";
import { serversOf } from "../program/servers.ts";
import { servesWeb, webHostNames } from "../program/web.ts";
import type { StackSettings } from "../schema/config.ts";
import type { Problem } from "./problems.ts";

/** @param settings - with PEM in place of paths; what is still a path could not be read, and is reported as such. */
export function certificateProblems(settings: StackSettings, now: Date): Problem[] {
  const { files, authority } = settings.certificates;
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
  return [
    ...(rootProblem === undefined ? [] : [{ path: ["certificates", "authority"], message: rootProblem }]),
    ...single,
    ...nameProblems(settings),
  ];
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

const mostNames = 12;

function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return names.slice(0, mostNames).join(", ") + (more > 0 ? ` and ${more} more names` : "");
}
