import { createHash } from "node:crypto";
import type { Change } from "./change.ts";

/** Numbers from 0 to 1 that look random, the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same number for the same changes. */
export function seedFor(changes: readonly Change[]): number {
  const ids = changes.map(({ id }) => id).join();
  return createHash("sha256").update(ids).digest().readUInt32BE();
}

/**
 * Some order of the changes in which each comes after what it needs.
 *
 * @throws Error where one needs a change that is not there, or they need each other
 */
export function drawOrder(changes: readonly Change[], random: () => number): Change[] {
  const left = [...changes];
  const done = new Set<string>();
  const order: Change[] = [];
  while (left.length > 0) {
    const ready = left.filter(({ after = [] }) => after.every((id) => done.has(id)));
    const urgent = ready.filter(({ isUrgent }) => isUrgent);
    const candidates = urgent.length > 0 ? urgent : ready;
    const next = candidates[Math.floor(random() * candidates.length)];
    if (next === undefined) throw new Error(`Nothing comes before: ${left.map(({ id }) => id).join(", ")}.`);
    order.push(next);
    done.add(next.id);
    left.splice(left.indexOf(next), 1);
  }
  return order;
}

/** The changes of these ids, and those that they need. @throws Error for an unknown id */
export function withNeeded(changes: readonly Change[], ids: readonly string[]): Change[] {
  const wanted = new Set<string>();
  const want = (id: string) => {
    const change = changes.find((one) => one.id === id);
    if (change === undefined) throw new Error(`Unknown change: ${id}.`);
    wanted.add(id);
    for (const needed of change.after ?? []) want(needed);
  };
  for (const id of ids) want(id);
  return changes.filter(({ id }) => wanted.has(id));
}
