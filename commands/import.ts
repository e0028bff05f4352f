import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { byPlace, type Translation, translateDockerMailserver } from "../import/docker-mailserver.ts";
import type { Check } from "../import/draft.ts";
import type { Comparison } from "../import/proof.ts";
import type { NotTaken, SourceFolder } from "../import/source.ts";
import { renderStack } from "../import/stack-file.ts";
import { problemsOf } from "../stacks/reading/problems.ts";
import { stackSchema } from "../stacks/schema/config.ts";
import { print } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { type Command, textOf, UsageError } from "./command.ts";
import { prove } from "./import-proof.ts";
import { encryptInto } from "./pulumi.ts";

/** Writes a stack file from another mail server's configuration. Nothing is written unless all of it can be. */
export const command: Command = {
  usage: "docker-mailserver DIR [--stack NAME] [--force]",
  options: {
    stack: {
      type: "string",
      short: "s",
      value: "NAME",
      default: "imported",
      description: "the stack to write, a file stacks/Pulumi.NAME.yaml",
    },
    force: { type: "boolean", description: "overwrite existing files" },
  },
  takes: { positionals: true },
  setUp: stateSteps,

  async run(call) {
    const [kind, folder, ...more] = call.positionals;
    if (kind !== "docker-mailserver" || folder === undefined || more.length > 0) {
      throw new UsageError(
        "import needs the kind of server and its folder: npm run import -- docker-mailserver docker-data/dms/config",
      );
    }
    const stack = textOf(call, "stack");
    if (!/^[a-z0-9][a-z0-9_-]*$/i.test(stack)) {
      throw new UsageError(`"${stack}" is not a valid stack name: use letters, digits and hyphens.`);
    }
    const translation = translateDockerMailserver(readFolder(resolve(folder)), check);
    if (translation.domains.length === 0) {
      throw new ToolchainError(
        `Nothing in ${folder} can be imported:\n${listNotTaken(translation.notTaken)}`,
      );
    }
    const { files, secrets } = renderStack(stack, translation.domains, kind);
    const proof = prove(translation, `Pulumi.${stack}.yaml`, files);
    const written = await writeFiles(stack, files, secrets, call.values.force === true);
    print(summarize(translation, proof, written, stack));
    return 0;
  },
};

const check: Check = (settings) => problemsOf(stackSchema.safeParse(settings).error?.issues ?? []);

/** Larger ones are not configuration; they are listed all the same. */
const maxFileBytes = 32 * 2 ** 20;

function readFolder(folder: string): SourceFolder {
  const accounts = join(folder, "postfix-accounts.cf");
  if (!existsSync(accounts)) {
    const inside = ["config", "docker-data/dms/config"].find((path) =>
      existsSync(join(folder, path, "postfix-accounts.cf")),
    );
    const meant = inside === undefined ? "" : ` Did you mean ${join(folder, inside)}?`;
    throw new ToolchainError(
      `There is no ${accounts}. Name the folder that docker-mailserver has at /tmp/docker-mailserver.${meant}`,
    );
  }
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = paths.sort().map((path): [string, string] => {
    const name = relative(folder, path).replaceAll(sep, "/");
    try {
      const status = statSync(path);
      return [name, status.isFile() && status.size <= maxFileBytes ? readFileSync(path, "utf8") : ""];
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
      throw new ToolchainError(`${path} cannot be read (${reason}): run this as a user who may read it.`);
    }
  });
  return new Map(texts);
}

/** @returns the files' paths for people */
async function writeFiles(
  stack: string,
  files: ReadonlyMap<string, string>,
  secrets: Parameters<typeof encryptInto>[2],
  force: boolean,
): Promise<string[]> {
  const paths = [...files.keys()].map((name) => `stacks/${name}`);
  const there = paths.filter((path) => existsSync(join(projectFolder, path)));
  if (there.length > 0 && !force) {
    throw new ToolchainError(
      `${there.join(" and ")} would be overwritten: take another --stack, or --force.`,
    );
  }
  const [[stackFile, text] = ["", ""], ...directories] = files;
  const encrypted = secrets.length === 0 ? text : await encryptInto(stack, text, secrets);
  for (const [name, content] of [[stackFile, encrypted], ...directories] as const) {
    writeFileSync(join(projectFolder, "stacks", name), content, { mode: 0o600 });
  }
  return paths;
}

/** @internal What a person has to know of it. */
export function summarize(
  translation: Translation,
  { compared, differences }: Comparison,
  written: readonly string[],
  stack: string,
): string {
  const { domains, notes } = translation;
  const notTaken = [...translation.notTaken, ...differences].sort(byPlace);
  const taken = domains.map(({ name, mailboxes, aliases, dkim }) => {
    const hashes = mailboxes.filter(({ passwordHash }) => passwordHash !== undefined).length;
    const further = aliases.length + mailboxes.reduce((sum, mailbox) => sum + mailbox.aliases.length, 0);
    const keys =
      dkim.length === 0 ? "a new DKIM key" : `DKIM ${dkim.map(({ selector }) => selector).join(", ")}`;
    return `  ${name}: mailboxes ${mailboxes.length} (${hashes} with their passwords), aliases ${further}, ${keys}`;
  });
  return [
    `Written: ${written.join(", ")}`,
    ...taken,
    ...notes.map((note) => `  ${note}`),
    ...(notTaken.length === 0
      ? [`Everything was imported: mail to ${compared} addresses was followed, and arrives where it did.`]
      : ["", "Not taken over:", listNotTaken(notTaken)]),
    "",
    `Next: look at ${written[0]}, then npm run preview -- --stack ${stack}. docs/migrating.md describes the steps of a move.`,
    "",
  ].join("\n");
}

function listNotTaken(notTaken: readonly NotTaken[]): string {
  return notTaken.map(({ place, reason }) => `  ${place}: ${reason}`).join("\n");
}
