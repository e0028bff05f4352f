import { type Check, failed, ok } from "../check.ts";
import { type Correspondent, deliveryTimeoutMs } from "../journey.ts";
import { awaitMessage, removeMessage, withInbox } from "../probes/imap.ts";
import { SmtpSession } from "../probes/smtp.ts";
import type { Service } from "../services.ts";
import { testMessage } from "../test-message.ts";

/** Who sends as whom, and whose inbox a forgery that gets through would reach. */
interface Forgery {
  readonly from: Correspondent;
  readonly to: Correspondent;
  readonly colleague: string;
}

/** A user who sends as a colleague, in the envelope or in what the recipient sees. */
export function forgedSenderChecks(
  domain: string,
  submission: Service,
  imaps: Service,
  { from: user, to, colleague }: Forgery,
): Check[] {
  const login = { user: user.address, password: user.password };
  const forge = async (envelopeFrom: string | false, headerFrom: string) => {
    const message = testMessage({ from: user.address, to: to.address, headerFrom });
    using session = await SmtpSession.open(submission);
    const refused = (await session.login(login))?.text;
    if (refused !== undefined) throw new Error(`the login was refused: ${refused}`);
    const refusal = await session.send(envelopeFrom, to.address, message.text);
    if (refusal === undefined) {
      // It is on its way, and must not stay where it arrives.
      await withInbox(imaps, { user: to.address, password: to.password }, async (client) => {
        await awaitMessage(client, message.id, deliveryTimeoutMs);
        await removeMessage(client, message.id);
      });
      return failed(
        `${user.address} could send as ${colleague}`,
        "See smtpd_sender_login_maps in Postfix and the rule on the From header in Rspamd.",
      );
    }
    return refusal.code >= 500
      ? ok(`refused: ${refusal.text}`)
      : failed(`deferred, not refused: ${refusal.text}`, "See the mail server's log for what failed there.");
  };
  const forgeries = [
    { id: "envelope", title: "in the envelope", run: () => forge(colleague, user.address) },
    { id: "header", title: "in the From header", run: () => forge(user.address, colleague) },
    { id: "null", title: "behind an empty envelope sender", run: () => forge(false, colleague) },
  ];
  return forgeries.map(({ id, title, run }) => ({
    id: `forged.${id}.${domain}`,
    group: `Mail of ${domain}`,
    title: `a forged sender ${title} is refused`,
    why: "Otherwise any user can write, DKIM-signed, in the name of another (RFC 6409 section 6.1).",
    remedy: `Check that ${submission.name} ${submission.port} can be reached and takes mail.`,
    run,
  }));
}
