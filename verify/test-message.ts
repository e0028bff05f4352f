import { randomUUID } from "node:crypto";
import { checkMessageStart } from "../naming/check-client.ts";
import { domainOf } from "../records/index.ts";

export interface TestMessage {
  /** The Message-ID with its brackets, by which the message is found again and removed. */
  readonly id: string;
  readonly text: string;
}

/** When a test message was made, in milliseconds since 1970; undefined for any other message. */
export function timeOfTest(messageId: string): number | undefined {
  if (!messageId.startsWith(`<${checkMessageStart}`)) return undefined;
  const time = /^(\d{13})\.[0-9a-f-]{36}@/.exec(messageId.slice(1 + checkMessageStart.length))?.[1];
  return time === undefined ? undefined : Number(time);
}

/** A small, honest message (RFC 5322) that says what it is, should anybody ever see it. */
export function testMessage({
  from,
  to,
  headerFrom = from,
}: {
  readonly from: string;
  readonly to: string;
  /** The address in the From header. @default the sender of the envelope */
  readonly headerFrom?: string;
}): TestMessage {
  const domain = domainOf(from);
  const id = `<${checkMessageStart}${Date.now()}.${randomUUID()}@${domain}>`;
  const lines = [
    `From: <${headerFrom}>`,
    `To: <${to}>`,
    "Subject: maildomain verify: test message, may be deleted",
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: ${id}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=us-ascii",
    "Auto-Submitted: auto-generated",
    "",
    "A check of the mail domain sent this message and removes it again.",
    "",
  ];
  return { id, text: lines.join("\r\n") };
}
