import { expect, test } from "vitest";
import type { MtaStsMode } from "../../records/mta-sts.ts";
import { climbMtaSts, type StagedMtaSts } from "../../stages/mta-sts-ladder.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const places = { mode: "mtaSts.mode", exchanges: "hostName" };
const maxAge = 86_400;
const ttlSeconds = 3600;
const policy = (mode: MtaStsMode, ...mx: string[]) => ({ mode, mx, maxAge });

/** One change: the policy that is declared, and the host to which the MX points. */
type Step = readonly [seconds: number, policy: ReturnType<typeof policy> | undefined, mx: string];

function walk(
  isNew: boolean,
  ...steps: readonly Step[]
): { reported: string[]; state: StagedMtaSts | undefined } {
  let state: StagedMtaSts | undefined;
  let reported: string[] = [];
  for (const [index, [seconds, declared, mx]] of steps.entries()) {
    const moment = { now: new Date(start + seconds * 1000), ttlSeconds };
    const step = climbMtaSts(state, declared, [mx], isNew && index === 0, moment, places);
    state = step.mtaSts;
    reported = step.refusals.map(({ path, message }) => `${path}: ${message}`);
  }
  return { reported, state };
}

const [a, b] = ["a.example", "b.example"];
const enforced: Step = [0, policy("enforce", a), a];

test.each<[string, boolean, readonly Step[], RegExp | undefined]>([
  ["a new domain starts with enforce", true, [enforced], undefined],
  ["nothing → testing", false, [[0, policy("testing", a), a]], undefined],
  ["nothing → enforce", false, [enforced], /^mtaSts\.mode: no policy → enforce skips testing/],
  ["none → enforce", true, [[0, policy("none", a), a], enforced], /none → enforce skips testing/],
  ["testing → enforce", true, [[0, policy("testing", a), a], enforced], undefined],
  [
    "testing → nothing",
    true,
    [
      [0, policy("testing", a), a],
      [1, undefined, a],
    ],
    undefined,
  ],
  ["enforce → testing", true, [enforced, [1, policy("testing", a), a]], undefined],
  [
    "enforce → nothing",
    true,
    [enforced, [1, undefined, a]],
    /other servers hold the policy for 86400 s.*Write mode: none/,
  ],
  [
    "enforce → none → nothing, too early",
    true,
    [enforced, [1, policy("none", a), a], [maxAge, undefined, a]],
    /keep mode: none until 2026-01-02 01:00:01 UTC/,
  ],
  [
    "enforce → none → nothing, in time",
    true,
    [enforced, [1, policy("none", a), a], [maxAge + ttlSeconds + 1, undefined, a]],
    undefined,
  ],
  [
    "testing: the MX moves",
    true,
    [
      [0, policy("testing", a), a],
      [1, policy("testing", b), b],
    ],
    undefined,
  ],
  [
    "enforce: the MX moves with its policy",
    true,
    [enforced, [9, policy("enforce", b), b]],
    /^hostName: the enforced policy names only a\.example: other servers would not deliver to b\.example/,
  ],
  [
    "enforce: a policy that names both, and the MX moves at once after",
    true,
    [enforced, [10, policy("enforce", a, b), a], [20, policy("enforce", a, b), b]],
    /other servers may still hold an enforced policy that names only a\.example.*from 2026-01-02 01:00:10 UTC on/,
  ],
  [
    "enforce: a policy that names both, and the MX moves once the old one has run out",
    true,
    [enforced, [10, policy("enforce", a, b), a], [10 + maxAge + ttlSeconds, policy("enforce", b), b]],
    undefined,
  ],
  [
    "testing in between does not free others of what they hold",
    true,
    [enforced, [10, policy("testing", a), a], [20, policy("testing", b), b]],
    /from 2026-01-02 01:00:10 UTC on/,
  ],
])("%s", (_name, isNew, steps, expected) => {
  const { reported } = walk(isNew, ...steps);
  if (expected === undefined) expect(reported).toEqual([]);
  else expect(reported.join("\n")).toMatch(expected);
});

test("two changes of an enforced policy in a row: only hosts that all of them name are free", () => {
  const { state } = walk(true, enforced, [10, policy("enforce", a, b), a], [20, policy("enforce", b), a]);
  expect(state?.bound?.mx).toEqual([a]);
});
