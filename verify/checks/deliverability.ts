import { isIPv4 } from "node:net";
import type { DockerEngine } from "../../engine/docker-engine.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { isLocalAddress, reverseLabels } from "../../records/index.ts";
import { type Check, failed, type Outcome, ok } from "../check.ts";

/** How long one of others' servers, or a block list, may take to answer, in seconds. */
const patience = 10;

/**
 * Whether others take mail from here, asked from where the mail server is: another machine may see something else.
 * Nothing for a server that has no public address, whose mail nobody outside would take.
 */
export function deliverabilityChecks(
  { deliverability, containers: { mailServer } }: RunningStack,
  addresses: readonly string[],
  engine: DockerEngine,
): Check[] {
  const { tryDomains = [], blockLists = [] } = deliverability ?? {};
  const known = addresses.filter((address) => !isLocalAddress(address));
  if (known.length === 0) return [];
  return [
    ...(tryDomains.length === 0 ? [] : [outwardCheck(tryDomains, mailServer, engine)]),
    ...(blockLists.length === 0
      ? []
      : known.map((address) => blockListCheck(address, blockLists, mailServer, engine))),
  ];
}

function outwardCheck(domains: readonly string[], container: string, engine: DockerEngine): Check {
  return {
    id: "outward.25",
    group: "Service",
    title: "port 25 is open outwards: others' mail servers answer",
    why: "Mail to others is handed over on port 25 (RFC 5321 section 4.5.4.2), which many providers close.",
    timeoutMs: (patience + 10) * 1000,
    run: async () => {
      const tries = await Promise.all(domains.map((domain) => greet(domain, container, engine)));
      const reached = domains.filter((_, index) => tries[index] === undefined);
      // One that answers shows that the port is open; what others have against it is theirs to say.
      if (reached.length > 0) return ok(`answered for ${reached.join(", ")}`);
      return failed(
        domains.map((domain, index) => `${domain}: ${tries[index]}`).join("; "),
        "Ask the provider of the machine to open port 25 outwards, and see its firewall; until then mail to others waits in the queue.",
      );
    },
  };
}

/**
 * Greets a mail server of a domain as Postfix would deliver to it: the same look-ups, the same address families.
 *
 * @returns what is in the way; undefined where one answers
 */
async function greet(domain: string, container: string, engine: DockerEngine): Promise<string | undefined> {
  const seconds = `${patience}`;
  const finger = ["posttls-finger", "-c", "-l", "may", "-L", "summary", "-t", seconds, "-T", seconds, domain];
  const report = await engine.exec(container, [
    "sh",
    "-c",
    'timeout "$@" 2>&1 || true',
    "sh",
    seconds,
    ...finger,
  ]);
  const lines = report
    .trim()
    .split("\n")
    .map((line) => line.replace(/^posttls-finger: /, ""));
  // It says Connected only after a greeting of 220 (with TLS), and names the reply where there is another.
  if (lines.some((line) => /^(?:Connected to|.*TLS connection established)/.test(line))) return undefined;
  return lines.at(-1) || `no answer in ${seconds} s`;
}

function blockListCheck(
  address: string,
  lists: readonly string[],
  container: string,
  engine: DockerEngine,
): Check {
  return {
    id: `block-lists.${address}`,
    group: "Service",
    title: `${address} is on none of ${lists.length === 1 ? "the block list" : `${lists.length} block lists`}`,
    why: "Receivers refuse mail from an address that a list of theirs has, or take it for spam (RFC 5782).",
    timeoutMs: 3 * patience * 1000,
    run: () => askLists(address, lists, container, engine),
  };
}

/** What every list has, so that people can see whether it answers them (RFC 5782 section 5). */
const testEntries = { ipv4: "127.0.0.2", ipv6: "::ffff:7f00:2" };

async function askLists(
  address: string,
  lists: readonly string[],
  container: string,
  engine: DockerEngine,
): Promise<Outcome> {
  const entry = isIPv4(address) ? testEntries.ipv4 : testEntries.ipv6;
  const names = lists.flatMap((list) => [entryName(address, list), entryName(entry, list)]);
  const answers = await lookUp(names, container, engine);
  const isListed = (name: string) => answers.get(name)?.some(meansListed) === true;
  const asked = lists.filter((list) => isListed(entryName(entry, list)));
  const found = asked.filter((list) => isListed(entryName(address, list)));
  const silent = lists.filter((list) => !asked.includes(list));
  const rest = silent.length === 0 ? "" : `; ${silent.join(", ")} did not answer this server`;
  if (found.length === 0) {
    return ok(
      asked.length === 0 ? `not checked${rest.replace(";", ":")}` : `not on ${asked.join(", ")}${rest}`,
    );
  }
  return failed(
    found.map((list) => `on ${list}: ${answers.get(entryName(address, list))?.join(", ")}`).join("; ") + rest,
    "See on the list's web site why, end the cause (a password in strange hands, a former owner of the address), and ask for removal there.",
  );
}

function entryName(address: string, list: string): string {
  return `${reverseLabels(address)}.${list}`;
}

/** An answer in 127.255.255.0/24 is about the question: asked too often, or through a resolver of everybody's. */
function meansListed(answer: string): boolean {
  return answer.startsWith("127.") && !answer.startsWith("127.255.255.");
}

/** The IPv4 addresses of names, as the server's own resolver finds them. */
async function lookUp(
  names: readonly string[],
  container: string,
  engine: DockerEngine,
): Promise<Map<string, string[]>> {
  const script = `for name; do
    { answers=$(timeout ${2 * patience} getent ahostsv4 "$name." | cut -d" " -f1 | sort -u); echo "$name" $answers; } &
  done; wait`;
  const text = await engine.exec(container, ["sh", "-c", script, "sh", ...names]);
  return new Map(
    text
      .trim()
      .split("\n")
      .map((line) => {
        const [name = "", ...answers] = line.trim().split(/\s+/);
        return [name, answers] as const;
      }),
  );
}
