/** Proves that mail arrives where it arrived, before anybody is promised so. */
import { parse } from "yaml";
import type { Translation } from "../import/docker-mailserver.ts";
import { type Comparison, compareRoutes } from "../import/proof.ts";
import { routesOfTables } from "../import/routes.ts";
import { addressTables } from "../stacks/program/address-tables.ts";
import { expandDirectories } from "../stacks/reading/expand.ts";
import { stackSchema } from "../stacks/schema/config.ts";

/** Compares the old server's routes with the tables that are rendered from the written files. */
export function prove(
  { routes, notTaken }: Translation,
  stackFile: string,
  files: ReadonlyMap<string, string>,
): Comparison {
  const { config } = parse(files.get(stackFile) ?? "") as { config: { "maildomain:domains": object[] } };
  // Their private keys are encrypted already, or still to be, and lead no mail anywhere.
  const domains = config["maildomain:domains"].map((domain) => ({ ...domain, dkim: undefined }));
  const { written } = expandDirectories({ domains }, (path) => Buffer.from(files.get(path) ?? ""));
  const now = routesOfTables(addressTables(stackSchema.parse(written)));
  return compareRoutes(routes, now, new Set(notTaken.map(({ place }) => place)));
}
