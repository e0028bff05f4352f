import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { CannotCheckError, type Check, failed, type Outcome, ok } from "../../verify/check.ts";
import { runChecks } from "../../verify/run.ts";

function check(id: string, run: () => Promise<Outcome>): Check {
  return { id, group: "g", title: id, why: "", remedy: `look at ${id}`, run };
}

async function outcomesOf(...checks: Check[]) {
  return (await runChecks([checks], { timeoutMs: 200 })).map(({ outcome }) => outcome);
}

test("keeps the order of the plan, whatever the order of the answers", async () => {
  const seen: string[] = [];
  const slow = check("slow", async () => {
    await sleep(50);
    return ok("slow");
  });
  const results = await runChecks([[slow, check("fast", async () => ok("fast"))]], {
    onResult: ({ id }) => seen.push(id),
  });
  expect(results.map(({ id }) => id)).toEqual(["slow", "fast"]);
  expect(seen).toEqual(["fast", "slow"]);
});

test("starts a stage only after the one before", async () => {
  const events: string[] = [];
  const record = (id: string, milliseconds: number) =>
    check(id, async () => {
      events.push(`${id} starts`);
      await sleep(milliseconds);
      events.push(`${id} ends`);
      return ok("");
    });
  await runChecks([[record("first", 30), record("also first", 0)], [record("second", 0)]]);
  expect(events.at(-2)).toBe("second starts");
  expect(events.indexOf("also first starts")).toBeLessThan(events.indexOf("first ends"));
});

test("runs no more at once than it may", async () => {
  let [running, most] = [0, 0];
  const busy = Array.from({ length: 9 }, (_, index) =>
    check(String(index), async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(5);
      running -= 1;
      return ok("");
    }),
  );
  await runChecks([busy], { concurrency: 3 });
  expect(most).toBe(3);
});

test("turns errors into outcomes", async () => {
  const outcomes = await outcomesOf(
    check("refusing", async () => failed("550", "fix it")),
    check("throwing", async () => {
      throw new Error("connect ECONNREFUSED");
    }),
    check("lacking", async () => {
      throw new CannotCheckError("no engine", "start Docker");
    }),
  );
  expect(outcomes).toEqual([
    { status: "failed", seen: "550", remedy: "fix it" },
    { status: "failed", seen: "connect ECONNREFUSED", remedy: "look at throwing" },
    { status: "skipped", seen: "no engine", remedy: "start Docker" },
  ]);
});

test("does not wait for ever", async () => {
  const [outcome] = await outcomesOf(check("hanging", () => new Promise(() => {})));
  expect(outcome).toEqual({ status: "failed", seen: "no result within 0.2 s", remedy: "look at hanging" });
});

test("a check that waits has its own time", async () => {
  const late = { ...check("late", () => sleep(400).then(() => ok("there"))), timeoutMs: 5000 };
  expect(await outcomesOf(late)).toEqual([{ status: "ok", seen: "there" }]);
});

test("shows how far it is, and what it waits for", async () => {
  const shown: string[] = [];
  const slow = check("slow", () => sleep(50).then(() => ok("")));
  await runChecks([[slow, check("fast", async () => ok(""))], [check("last", async () => ok(""))]], {
    onProgress: ({ done, total, running }) => shown.push(`${done}/${total} ${running.join("+")}`),
  });
  expect(shown).toEqual(["0/3 slow", "0/3 slow+fast", "1/3 slow", "2/3 ", "2/3 last", "3/3 "]);
});
