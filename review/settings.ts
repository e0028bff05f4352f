/** What a mail server's settings mean, as far as no other part of a mail domain shows them. */
import type { Change } from "./change.ts";
import { type KeptMail, reviewKeptMail } from "./kept-mail.ts";
import { type Properties, propertiesOf, type Step, stepsOf } from "./preview.ts";
import { formatBytes } from "./sizes.ts";

/** @param keptMail - what the servers have set aside; undefined if nobody could ask them */
export function reviewSettings(steps: readonly Step[], keptMail: KeptMail | undefined, now: Date): Change[] {
  return stepsOf(steps, "maildomain:index:MailServer")
    .filter(({ operation }) => operation === "update")
    .flatMap((step) => {
      const { name } = step;
      return [
        ...reviewLab(name, step),
        ...reviewKeepMail(name, step),
        ...reviewKeptMail(step, name, keptMail, now),
        ...reviewMessageSize(name, step),
        ...reviewLoginLimits(name, step),
      ];
    });
}

/** Whether a lab becomes a server in the world, or the other way round. */
function reviewLab(name: string, { before, after }: Step): Change[] {
  const [old, next] = [before.isSealed, after.isSealed];
  if (typeof old !== "boolean" || typeof next !== "boolean" || old === next) return [];
  const change = { subject: "setting", kind: "changed", name, property: "mail to others" } as const;
  const [sealed, open] = ["stays on the machine (lab)", "goes to their servers"];
  if (next) {
    const reason =
      "Nobody's mail to other domains leaves the machine: it waits in the queue and comes back to its sender after five days, what waits there already included. The resolver knows the stack's own zones alone. Undone by `lab: false`, within those five days.";
    return [{ ...change, before: open, after: sealed, risk: { id: "lab-begins", reason } }];
  }
  const reason =
    "What users send, and what waits in the queue, leaves the machine for the world's servers and cannot be called back. The resolver asks the world's name servers: the stack's domains find each other only as far as the world's DNS names them, and until it does, mail between them is refused or waits.";
  return [{ ...change, before: sealed, after: open, risk: { id: "lab-ends", reason } }];
}

function reviewKeepMail(name: string, { before, after }: Step): Change[] {
  const [old, next] = [before.keepMail, after.keepMail];
  if (typeof old !== "boolean" || old === next) return [];
  const change = {
    subject: "setting",
    kind: "changed",
    name,
    property: "mail when the server is removed",
    before: old ? "stays" : "deleted",
    after: next === true ? "stays" : "deleted",
  } as const;
  if (next === true) return [change];
  const reason =
    "From then on `npm run down`, or a server's removal from the stack, deletes all its mail for good. Undone by `lab: false` before that.";
  return [{ ...change, risk: { id: "mail-not-kept", reason } }];
}

function reviewMessageSize(name: string, { before, after }: Step): Change[] {
  const [old, next] = [before.messageSizeLimitBytes, after.messageSizeLimitBytes];
  if (old === undefined || next === undefined || old === next) return [];
  return [
    {
      subject: "setting",
      kind: "changed",
      name,
      property: "size of a message",
      before: formatBytes(old),
      after: formatBytes(next),
      effect: "Larger ones are refused with 552 5.3.4; those that are there stay.",
    },
  ];
}

const limits = [
  { key: "perLogin", property: "wrong passwords per hour, for one login" },
  { key: "perAddress", property: "wrong passwords per hour, from one address" },
];

function reviewLoginLimits(name: string, { before, after }: Step): Change[] {
  const [old, next]: Properties[] = [propertiesOf(before.loginLimits), propertiesOf(after.loginLimits)];
  return limits.flatMap(({ key, property }): Change[] => {
    const [former, now] = [old?.[key], next?.[key]];
    if (former === undefined || now === undefined || former === now) return [];
    const effect = "Beyond it, logins are refused without a look at the password; sessions stay.";
    const values = { before: String(former), after: String(now) };
    return [{ subject: "setting", kind: "changed", name, property, ...values, effect }];
  });
}
