/** Users' rules that are declared (Sieve, RFC 5228), compiled before anything changes. */
import type { DockerEngine } from "../../engine/docker-engine.ts";
import { GENERATION } from "../../servers/generation/container-paths.ts";
import type { StackSettings } from "../schema/config.ts";
import type { FormerServers } from "./former-servers.ts";

/** In characters, of one call: an argument of a program has a limit, and all of them together. */
const LONGEST_SCRIPT = 100_000;
const MOST_AT_ONCE = 1_000_000;

/** Prints `script N`, and what is wrong with it, for each argument that does not compile. */
const compileAll = `
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT
number=0
for text; do
  printf '%s' "$text" >"$folder/rules.sieve"
  found=$(sievec -c ${GENERATION}/dovecot/dovecot.conf "$folder/rules.sieve" 2>&1) ||
    printf 'script %s\\n%s\\n' "$number" "$found"
  number=$((number + 1))
done`;

/**
 * One problem for each file of rules that does not compile, by the first mailbox that has it. A mail server that runs
 * compiles them as it will when it gets them.
 *
 * @param texts - the files, by their names in the settings
 * @returns undefined where no server could be asked
 */
export async function findBrokenRules(
  settings: StackSettings,
  texts: ReadonlyMap<string, string>,
  { mailServers, containers }: Pick<FormerServers, "mailServers" | "containers">,
  engine: Pick<DockerEngine, "exec">,
): Promise<string[] | undefined> {
  const files = [...texts].filter(([, text]) => text.length <= LONGEST_SCRIPT);
  const ids = [...mailServers].flatMap((server) => containers.get(server)?.id ?? []);
  for (const id of ids) {
    try {
      const problems: string[] = [];
      for (const batch of batchesOf(files)) {
        const words = ["sh", "-c", compileAll, "sh", ...batch.map(([, text]) => text)];
        problems.push(...problemsIn(await engine.exec(id, words), batch, settings));
      }
      return problems;
    } catch {
      // It does not run, or the engine does not answer: perhaps another one does.
    }
  }
  return files.length === 0 ? [] : undefined;
}

type File = readonly [name: string, text: string];

function batchesOf(files: readonly File[]): File[][] {
  const batches: File[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const file of files) {
    length += file[1].length;
    if (length > MOST_AT_ONCE) {
      batches.push([]);
      length = file[1].length;
    }
    batches.at(-1)?.push(file);
  }
  return batches;
}

function problemsIn(printed: string, batch: readonly File[], settings: StackSettings): string[] {
  const [, ...parts] = printed.split(/^script (\d+)\n/m);
  return batch.flatMap(([file], number) => {
    const at = parts.findIndex((part, index) => index % 2 === 0 && part === String(number));
    if (at < 0) return [];
    const errors = [
      ...(parts[at + 1] ?? "").matchAll(/^rules: (line \d+: .*?)(?: \(only reported once.*)?$/gm),
    ];
    const what = errors.map(([, error = ""]) => error.replace(/\.$/, "")).join("; ");
    return [`${placeOf(file, settings)}: stacks/${file} does not compile: ${what || parts[at + 1]?.trim()}`];
  });
}

function placeOf(file: string, { domains }: StackSettings): string {
  for (const [index, { mailboxes }] of domains.entries()) {
    const at = mailboxes.findIndex(({ sieve }) => sieve === file);
    if (at >= 0) return `domains[${index}].mailboxes[${at}].sieve`;
  }
  return "domains";
}
