import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { connectableAddress, nameProblem, normalizeName } from "../records/index.ts";
import { isTaken, type OpenedPort, openedPorts } from "../stacks/preflight/ports.ts";
import { parseStackFile, StackFileError } from "../stacks/reading/stack-file.ts";
import { stackFileProblems } from "../stacks/reading/stack-file-problems.ts";
import { print } from "../toolchain/print.mjs";
import { projectFolder } from "../toolchain/versions.ts";
import { type Call, type Command, UsageError } from "./command.ts";
import { ask } from "./confirm.ts";
import {
  cloudflareFile,
  labFile,
  movedPorts,
  type NewStack,
  nextSteps,
  portOffsets,
} from "./new-stack-file.ts";

const folder = join(projectFolder, "stacks");

/** Writes a stack file to begin with. It changes nothing else. */
export const command: Command = {
  usage: "[NAME] [--domain DOMAIN] [--users FILE] [--cloudflare]",
  options: {
    domain: { type: "string", value: "DOMAIN", description: "the mail domain (default: NAME.test)" },
    users: {
      type: "string",
      value: "FILE",
      description: "a file of mailboxes, .csv or .json; without it there is one to begin with",
    },
    cloudflare: {
      type: "boolean",
      description: "a domain whose DNS is at Cloudflare, rather than a lab on this machine",
    },
  },
  takes: { positionals: true },
  setUp: [],

  async run(call) {
    const name = stackName(await namesGiven(call.positionals));
    const file = join(folder, `Pulumi.${name}.yaml`);
    const shown = relative(projectFolder, file);
    if (existsSync(file)) throw new UsageError(`${shown} exists already: choose another name.`);
    const { stack, isCloudflare } = await answers(call, name);
    const text = isCloudflare ? cloudflareFile(stack) : await labWithFreePorts(stack);
    const problems = stackFileProblems(shown, name, text, readBesideStacks);
    if (problems !== undefined)
      throw new StackFileError(problems.replace("nothing has been changed", "not written"));
    // Somebody may have written it in the meantime.
    writeFileSync(file, text, { flag: "wx" });
    call.report.done(`Wrote ${shown}`);
    print(nextSteps(stack, shown, isCloudflare));
    return 0;
  },
};

function readBesideStacks(path: string): Uint8Array {
  return readFileSync(resolve(folder, path));
}

/** A person at a terminal is asked. */
async function namesGiven(positionals: readonly string[]): Promise<readonly string[]> {
  if (positionals.length > 0 || process.stdin.isTTY !== true) return positionals;
  const name = await ask("The stack's name, such as company: ");
  return name === "" ? [] : [name];
}

/** It is in the names of containers and volumes. */
function stackName([name, ...more]: readonly string[]): string {
  if (name === undefined) throw new UsageError("new needs the stack's name: npm run new -- company");
  if (more.length > 0) throw new UsageError(`new makes one stack: what is ${more.join(" ")}?`);
  if (/^[a-z][a-z0-9-]{0,29}$/.test(name) && !name.endsWith("-")) return name;
  throw new UsageError(
    `"${name}" is not a valid name of a stack: write up to 30 lower-case letters, digits and hyphens, the first a letter.`,
  );
}

/** What the options say; a person at a terminal is asked for the rest. */
async function answers(
  { values }: Call,
  name: string,
): Promise<{ readonly stack: NewStack; readonly isCloudflare: boolean }> {
  for (const option of ["domain", "users"] as const)
    if (values[option] === "") throw new UsageError(`--${option} needs a value: npm run new -- --help`);
  const given = [values.domain, values.users, values.cloudflare].some((value) => value !== undefined);
  const isAsked = process.stdin.isTTY === true && !given;
  const answer = async (question: string) => (isAsked ? await ask(question) : "");
  const isCloudflare =
    values.cloudflare === true ||
    /^y/i.test(await answer("Is the domain's DNS at Cloudflare? (yes/no) [no] "));
  const preset = isCloudflare ? undefined : `${name}.test`;
  const hint = preset === undefined ? "" : ` [${preset}]`;
  const domain = (values.domain ?? (await answer(`The mail domain${hint}: `))) || preset;
  if (domain === undefined)
    throw new UsageError("--cloudflare needs --domain: the zone that Cloudflare has.");
  const users = (values.users ?? (await answer("A file of mailboxes, .csv or .json [none]: "))) || undefined;
  return {
    stack: { name, domain: domainOption(String(domain)), directory: users && directoryOption(String(users)) },
    isCloudflare,
  };
}

function domainOption(domain: string): string {
  const problem = nameProblem(domain);
  if (problem !== undefined) throw new UsageError(`--domain ${domain} ${problem}.`);
  return normalizeName(domain);
}

/** As the stack file names it. */
function directoryOption(file: string): string {
  const path = resolve(file);
  if (!/\.(csv|json)$/.test(path))
    throw new UsageError(`--users ${file}: name a file that ends in .csv or .json.`);
  if (!existsSync(path)) throw new UsageError(`--users ${file}: this file does not exist.`);
  return relative(folder, path);
}

/** The first set of ports that is free. */
async function labWithFreePorts(stack: NewStack): Promise<string> {
  const others = portsOfOthers();
  for (const offset of portOffsets) {
    const text = labFile({ ...stack, directory: undefined }, movedPorts(offset));
    const opened = openedPorts(parseStackFile(stack.name, text).settings);
    const isFree = async (port: OpenedPort) => !others.has(key(port)) && !(await isTaken(port));
    if ((await Promise.all(opened.map(isFree))).every(Boolean)) return labFile(stack, movedPorts(offset));
  }
  throw new StackFileError(
    "Each set of ports that new knows is in use on this machine, or another file in stacks/ has it: take down a stack that is no longer " +
      "needed, and delete its file.",
  );
}

/** What other stack files declare, running or not: both are to be up at the same time. */
function portsOfOthers(): ReadonlySet<string> {
  const files = readdirSync(folder).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  const ports = files.flatMap((name) => {
    try {
      return openedPorts(parseStackFile(name, readFileSync(join(folder, name), "utf8")).settings);
    } catch (error) {
      if (error instanceof StackFileError) return [];
      throw error;
    }
  });
  // A stack on every address has the port of each.
  return new Set(ports.map((port) => key({ ...port, address: connectableAddress(port.address) })));
}

function key({ address, port, protocol }: Pick<OpenedPort, "address" | "port" | "protocol">): string {
  return `${address} ${port}/${protocol}`;
}
