import { checkStranger } from "../../naming/check-client.ts";
import type { StackDomain } from "../../outputs/running-stack.ts";
import { type Check, failed, type Outcome, ok } from "../check.ts";
import { type Dialogue, openDialogue } from "../probes/dialogue.ts";
import type { Service } from "../services.ts";

/** The sender of bounces, which everybody must take (RFC 5321 section 4.5.5) and no look-up of it can fail. */
const stranger = "";
/** Never a real domain (RFC 6761 section 6.4). */
const elsewhere = "relay.invalid";

/** What strangers may ask of port 25. No message is sent: the session ends after the recipient. */
export function relayChecks(
  domain: Pick<StackDomain, "name" | "mailboxes" | "catchAll">,
  smtp: Service,
): Check[] {
  const common = {
    group: `Mail of ${domain.name}`,
    remedy: `Check that ${smtp.host}:${smtp.port} can be reached.`,
  };
  const [first] = domain.mailboxes;
  const receiver = domain.mailboxes.find(({ receives }) => receives !== false);
  const isCaught = domain.catchAll === true;
  // What a catch-all takes goes to its own mailboxes, however it is written.
  const forms = relayForms(domain.name).filter((form) => !isCaught || !form.endsWith(`@${domain.name}`));
  const checks: Check[] = [
    {
      ...common,
      id: `relay.${domain.name}`,
      title: `no relay on smtp ${smtp.port}`,
      why: "An open relay is used for spam within hours, and is on every block list within days.",
      run: () => refuseAll(smtp, stranger, forms, "is relayed"),
    },
    {
      ...common,
      id: `relay.own-sender.${domain.name}`,
      title: "no relay for a sender that claims to be of the domain",
      why: "The sender's address proves nothing; only a login on 587 or 465 does.",
      run: () =>
        refuseAll(smtp, first?.address ?? `postmaster@${domain.name}`, [`x@${elsewhere}`], "is relayed"),
    },
    isCaught ? catchAllCheck(common, domain.name, smtp) : unknownUserCheck(common, domain.name, smtp),
  ];
  if (receiver === undefined) return checks;
  return [
    ...checks,
    {
      ...common,
      id: `receive.${domain.name}`,
      title: `mail from elsewhere is accepted on smtp ${smtp.port}`,
      why: "Other servers deliver here, without a login.",
      run: () => expectAccepted(smtp, receiver.address, (reply) => `${receiver.address}: ${reply}`),
    },
  ];
}

function unknownUserCheck(common: Pick<Check, "group" | "remedy">, domain: string, smtp: Service): Check {
  return {
    ...common,
    id: `unknown-user.${domain}`,
    title: "mail for an unknown user is refused",
    why: "A server that accepts it first has to bounce it later, to forged senders (RFC 5321 section 6.2).",
    run: () => refuseAll(smtp, stranger, [`verify-nobody@${domain}`], "is accepted"),
  };
}

function catchAllCheck(common: Pick<Check, "group" | "remedy">, domain: string, smtp: Service): Check {
  return {
    ...common,
    id: `unknown-user.${domain}`,
    title: "mail for any address is accepted, as declared",
    why: "The domain has a catch-all: whoever writes to it gets through, whatever the address.",
    run: () => expectAccepted(smtp, `verify-nobody@${domain}`, (reply) => reply),
  };
}

async function expectAccepted(
  smtp: Service,
  address: string,
  seen: (reply: string) => string,
): Promise<Outcome> {
  const reply = await recipientReply(smtp, address);
  return reply.startsWith("2")
    ? ok(seen(reply))
    : failed(reply, "The reply names the rule: look it up in the mail server's log.");
}

/** The forms in which relaying has been had from servers that refuse the plain one. */
export function relayForms(domain: string): string[] {
  return [
    `x@${elsewhere}`,
    `x%${elsewhere}@${domain}`,
    `${elsewhere}!x@${domain}`,
    `"x@${elsewhere}"@${domain}`,
    `@${domain}:x@${elsewhere}`,
  ];
}

/** What the server says to mail from elsewhere for one recipient. */
export async function recipientReply(smtp: Service, recipient: string): Promise<string> {
  await using dialogue = await greet(smtp, stranger);
  return await dialogue.ask(`RCPT TO:<${recipient}>`);
}

async function refuseAll(smtp: Service, sender: string, recipients: readonly string[], fault: string) {
  await using dialogue = await greet(smtp, sender);
  const replies: string[] = [];
  for (const recipient of recipients) {
    const reply = await dialogue.ask(`RCPT TO:<${recipient}>`);
    if (reply.startsWith("2")) {
      return failed(
        `mail for ${recipient} ${fault}`,
        "See smtpd_relay_restrictions and smtpd_recipient_restrictions.",
      );
    }
    if (!reply.startsWith("5")) {
      return failed(`${recipient} is deferred: ${reply}`, "A refusal must be final: see the server's log.");
    }
    replies.push(reply);
  }
  const [reply = ""] = replies;
  return ok(replies.length > 1 ? `refused in ${replies.length} forms: ${reply}` : `refused: ${reply}`);
}

async function greet(smtp: Service, sender: string): Promise<Dialogue> {
  const dialogue = await openDialogue("smtp", smtp);
  for (const command of [`EHLO ${checkStranger}`, `MAIL FROM:<${sender}>`]) {
    const reply = await dialogue.ask(command);
    if (!reply.startsWith("2")) throw new Error(`the answer to ${command} is ${reply}`);
  }
  return dialogue;
}
