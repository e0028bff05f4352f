import { z } from "zod";
import { failed, type Outcome, ok } from "../check.ts";

/** A message as `postqueue -j` prints it, one line of JSON each. */
const queued = z.object({
  queue_name: z.string(),
  queue_id: z.string(),
  arrival_time: z.number(),
  recipients: z.array(z.object({ address: z.string(), delay_reason: z.string().optional() })),
});
export type QueuedMessage = z.infer<typeof queued>;

export function parseQueue(text: string): QueuedMessage[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => queued.parse(JSON.parse(line)));
}

/** One far server that is down is everyday; more than this is the server's own trouble. */
const maxDeferred = 100;
const oldestDeferredMs = 24 * 3_600_000;
/** What is neither delivered nor deferred: seconds at most, unless deliveries are stuck. */
const oldestWaitingMs = 15 * 60_000;

export function judgeQueue(queue: readonly QueuedMessage[], now: Date): Outcome {
  const age = ({ arrival_time }: QueuedMessage) => now.getTime() - arrival_time * 1000;
  const oldestFirst = queue.toSorted((a, b) => a.arrival_time - b.arrival_time);
  const deferred = oldestFirst.filter(({ queue_name }) => queue_name === "deferred");
  const waiting = oldestFirst.filter(({ queue_name }) => /^(?:maildrop|incoming|active)$/.test(queue_name));
  const [old, stuck] = [deferred[0], waiting[0]];
  if (stuck !== undefined && age(stuck) > oldestWaitingMs)
    return failed(
      `${waiting.length} messages wait for their first delivery, the oldest for ${hours(age(stuck))}`,
      "See in `docker logs` of the mail server what blocks deliveries.",
    );
  if (old !== undefined && (deferred.length > maxDeferred || age(old) > oldestDeferredMs)) {
    const reason = old.recipients.find(({ delay_reason }) => delay_reason)?.delay_reason ?? "no reason given";
    return failed(
      `${deferred.length} messages deferred, the oldest for ${hours(age(old))}: ${reason}`,
      `Fix the reason, then deliver at once with \`postqueue -i ${old.queue_id}\` in the mail server's container, or discard it with \`postsuper -d ${old.queue_id}\`.`,
    );
  }
  return ok(queue.length === 0 ? "empty" : `${queue.length} messages, ${deferred.length} of them deferred`);
}

function hours(milliseconds: number): string {
  return `${(milliseconds / 3_600_000).toFixed(1)} h`;
}
