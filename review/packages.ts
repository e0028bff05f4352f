import type { Change } from "./change.ts";

/** What a server's packages become when its image is built again. */
export interface ReplacedPackages {
  /** The server's name. */
  readonly name: string;
  readonly updates: readonly {
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly isSecurity: boolean;
    readonly cves: readonly string[];
  }[];
}

/** Old and new of each package. No preview knows them: they are what the archive has now. */
export function reviewPackages(servers: readonly ReplacedPackages[]): Change[] {
  return servers.flatMap((server) =>
    server.updates.map(({ name, from, to, isSecurity, cves }) => ({
      subject: "package" as const,
      kind: "changed" as const,
      name,
      property: server.name,
      before: from,
      after: to,
      effect: [...(isSecurity ? ["Security update."] : []), ...cves].join(" "),
    })),
  );
}
