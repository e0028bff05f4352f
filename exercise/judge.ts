import type { StepProgress } from "./progress.ts";
import type { Scene } from "./scene.ts";
import type { LogEvent } from "./server-log.ts";
import type { RecordFault } from "./step.ts";
import type { Missing } from "./text/exercise-text.ts";

/** What a check of the running domain has seen. */
export interface Result {
  readonly title: string;
  readonly outcome: { readonly status: "ok" | "failed" | "skipped"; readonly seen: string };
}

/** Where a name leads on this machine; nothing where it does not. */
export interface LookedUp {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** The checks that a running server passes, whatever its clients do. */
export function judgeServer(results: readonly Result[]): Missing[] {
  return problemsIn(results).map((problem) => ({ kind: "server-problem", problem }));
}

export function judgeNames(lookedUp: readonly LookedUp[], { address }: Scene): Missing[] {
  return lookedUp.flatMap(({ name, addresses }): Missing[] => {
    if (addresses.length === 0) return [{ kind: "name-unknown", name }];
    return addresses.includes(address) ? [] : [{ kind: "name-elsewhere", name, found: addresses.join(", ") }];
  });
}

export function judgeClient(events: readonly LogEvent[], { student }: Scene): Missing[] {
  return has(events, { kind: "login", user: student }) ? [] : [{ kind: "no-login" }];
}

export function judgeMessage(events: readonly LogEvent[], { student, colleague }: Scene): Missing[] {
  const own = handedIn(events, student);
  const delivered = events.some(
    ({ kind, user, queueId }) => kind === "delivered" && user === colleague && own.has(queueId),
  );
  return delivered ? [] : [{ kind: "no-message" }];
}

/** In the envelope, or in the message alone. */
export function judgeForgery(events: readonly LogEvent[], { student }: Scene): Missing[] {
  const own = handedIn(events, student);
  const refused = events.some(
    ({ kind, user, queueId }) =>
      (kind === "forgery" && user === student) || (kind === "forged-from" && own.has(queueId)),
  );
  return refused ? [] : [{ kind: "no-forgery" }];
}

/** @param results - of the checks of the record that was broken. */
export function judgeRecord(
  fault: RecordFault,
  { brokenAt, found }: Pick<StepProgress, "brokenAt" | "found">,
  results: readonly Result[],
): Missing[] {
  if (brokenAt === undefined) return [{ kind: "not-broken" }];
  const named: Missing[] = found === fault ? [] : [{ kind: "not-found", answer: found }];
  return [...named, ...problemsIn(results).map((problem): Missing => ({ kind: "not-repaired", problem }))];
}

export function judgePort(events: readonly LogEvent[], { student }: Scene): Missing[] {
  const wrong = events.find(({ kind, user }) => kind === "relay-denied" && user === student);
  if (wrong === undefined) return [{ kind: "no-mail-at-25" }];
  const after = events.filter(({ time }) => time >= wrong.time);
  const own = handedIn(after, student);
  const arrived = after.some(({ kind, queueId }) => kind === "delivered" && own.has(queueId));
  return arrived ? [] : [{ kind: "no-message-after" }];
}

export function judgePassword(events: readonly LogEvent[], { student }: Scene): Missing[] {
  const wrong = events.find(({ kind, user }) => kind === "wrong-password" && user === student);
  if (wrong === undefined) return [{ kind: "no-wrong-password" }];
  return has(events, { kind: "login", user: student, since: wrong.time }) ? [] : [{ kind: "no-login-after" }];
}

export function judgeCertificate(events: readonly LogEvent[], { student }: Scene): Missing[] {
  const refused = events.find(({ kind }) => kind === "distrust");
  if (refused === undefined) return [{ kind: "no-distrust" }];
  return has(events, { kind: "login", user: student, since: refused.time })
    ? []
    : [{ kind: "no-login-after" }];
}

function has(
  events: readonly LogEvent[],
  wanted: Pick<LogEvent, "kind" | "user"> & { readonly since?: number },
): boolean {
  return events.some(
    ({ kind, user, time }) => kind === wanted.kind && user === wanted.user && time >= (wanted.since ?? 0),
  );
}

function handedIn(events: readonly LogEvent[], student: string): ReadonlySet<string | undefined> {
  return new Set(
    events.filter(({ kind, user }) => kind === "handed-in" && user === student).map(({ queueId }) => queueId),
  );
}

function problemsIn(results: readonly Result[]): string[] {
  return results.flatMap(({ title, outcome }) =>
    outcome.status === "ok" ? [] : [`${title}: ${outcome.seen}`],
  );
}
