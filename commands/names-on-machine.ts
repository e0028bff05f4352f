/** Whether this machine finds a stack's names, and what it finds names by. */
import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
  HOSTS,
  type LocalNames,
  namesToTry,
  planRemoval,
  type Resolution,
  resolvedFolder,
} from "../clients/local-names.ts";
import { run } from "../toolchain/child-process.ts";
import type { SystemFiles } from "./system-files.ts";

/** A resolver that cannot reach anybody takes long to say so. */
const PATIENCE_MS = 4000;

/** A name that programs on this machine do not find, or find elsewhere. */
export interface LostName {
  readonly name: string;
  /** What they find in place of the stack's addresses; nothing where they find nothing. */
  readonly found: readonly string[];
}

/** Asks as any program does, by the system's own way (getaddrinfo). */
export async function lostNames(names: LocalNames): Promise<LostName[]> {
  const asked = namesToTry(names).map(async (name): Promise<LostName[]> => {
    const patience = new AbortController();
    const found = await Promise.race([
      lookup(name, { all: true }).then(
        (answers) => answers.map(({ address }) => address),
        (): string[] => [],
      ),
      sleep(PATIENCE_MS, [] as string[], { signal: patience.signal, ref: false }),
    ]);
    patience.abort();
    const isKnown = names.hosts.get(name)?.some((address) => found.includes(address)) === true;
    return isKnown ? [] : [{ name, found }];
  });
  return (await Promise.all(asked)).flat();
}

/** @example "mail.vaamonde.pti does not resolve on this machine" */
export function describeLost([lost, ...more]: readonly LostName[]): string {
  if (lost === undefined) return "The stack's names resolve on this machine";
  const others = more.length === 0 ? "" : `, as do ${more.length} others`;
  return lost.found.length === 0
    ? `${lost.name} does not resolve on this machine${more.length === 0 ? "" : `, nor ${more.map(({ name }) => name).join(", ")}`}`
    : `${lost.name} leads to ${lost.found.join(", ")} on this machine, rather than to the stack${others}`;
}

/** What the machine finds names by. */
export async function resolutionOf(files: SystemFiles): Promise<Resolution> {
  const asksStub = /^nameserver\s+127\.0\.0\.5[34]\b/m.test(files.read("/etc/resolv.conf") ?? "");
  const byNss = /^hosts:.*\bresolve\b/m.test(files.read("/etc/nsswitch.conf") ?? "");
  const runs = files.read("/run/systemd/resolve/stub-resolv.conf") !== undefined;
  const isResolved = runs && (asksStub || byNss);
  return { isResolved, globalServers: isResolved ? await globalServers(files) : [] };
}

/** @example [] where each of the machine's networks has servers of its own */
async function globalServers(files: SystemFiles): Promise<string[]> {
  const { status, stdout } = await run("resolvectl", ["dns"]);
  const stacks = stackServersIn(files);
  return status === 0 ? globalServersIn(stdout).filter((server) => !stacks.has(server)) : [];
}

/** @internal What `resolvectl dns` prints, of the servers that belong to no network. */
export function globalServersIn(printed: string): string[] {
  const line = /^Global:(.*)$/m.exec(printed)?.[1] ?? "";
  return line.split(/\s+/).filter((server) => server !== "");
}

/** @internal The servers of stacks, this one's and others', that have a drop-in already. */
export function stackServersIn(files: SystemFiles): Set<string> {
  const folder = resolvedFolder;
  const dropIns = files.list(folder).filter((name) => /^maildomain-.*\.conf$/.test(name));
  const texts = dropIns.map((name) => files.read(`${folder}/${name}`) ?? "");
  return new Set(texts.flatMap((text) => /^DNS=(.*)$/m.exec(text)?.[1] ?? []));
}

/** Takes back what {@link planRemoval} names. */
export async function removeNames(stack: string, files: SystemFiles): Promise<string[]> {
  const removed = await files.apply(planRemoval(stack, files.read(HOSTS) ?? ""));
  if (removed.some(({ path }) => path !== HOSTS)) await restartResolved(files);
  return removed.map(({ path }) => path);
}

/** It reads its files when it starts. */
export async function restartResolved(files: SystemFiles): Promise<void> {
  await files.run("systemctl", ["restart", "systemd-resolved"]);
}
