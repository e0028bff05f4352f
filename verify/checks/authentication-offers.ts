import { type Check, failed, ok } from "../check.ts";
import { openDialogue } from "../probes/dialogue.ts";
import { type Refusal, SmtpSession } from "../probes/smtp.ts";
import type { Service } from "../services.ts";

/** No account of this name exists, so that an attempt that is not refused gives nothing away. */
const nobody = { user: "verify-nobody", password: "not-a-password" };

/** Port 25 is for other servers: it must not take passwords at all, encrypted or not. */
export function noAuthOnSmtp(service: Service): Check {
  return {
    id: "auth.smtp",
    group: "Service",
    title: `no AUTH on smtp ${service.port}`,
    why: "Port 25 is for mail between servers; passwords tried there are attacks (RFC 6409 section 3).",
    remedy: `Check that ${service.host}:${service.port} can be reached.`,
    run: async () => {
      using session = await SmtpSession.open(service);
      if (session.offersAuth) return failed("AUTH is offered under TLS", switchOff);
      const refusal = await session.login(nobody);
      return refusesCommand(refusal)
        ? ok(`not offered; refused with ${refusal.code}`)
        : failed(`a login was answered with ${describe(refusal)}`, switchOff);
    },
  };
}

const switchOff = "Set smtpd_sasl_auth_enable to no for port 25 in the mail server's configuration.";

/** On 587 a password must not go over the wire before TLS. */
export function authUnderTlsOnly(service: Service): Check {
  const advice = "Set smtpd_tls_security_level=encrypt and smtpd_tls_auth_only=yes for submission.";
  return {
    id: "auth.submission.plain",
    group: "Service",
    title: `AUTH on ${service.name} ${service.port} under TLS only`,
    why: "Without TLS the password can be read on the way (RFC 8314 section 3.3).",
    remedy: `Check that ${service.host}:${service.port} can be reached.`,
    run: async () => {
      using session = await SmtpSession.open(service, { ignoreTLS: true, requireTLS: false });
      if (session.offersAuth) return failed("AUTH is offered before STARTTLS", advice);
      const refusal = await session.login(nobody);
      return refusesCommand(refusal)
        ? ok(`not offered before STARTTLS; refused with ${refusal.code}`)
        : failed(`a login before STARTTLS was answered with ${describe(refusal)}`, advice);
    },
  };
}

/** 535 would mean that the server has looked at the password (RFC 4954 section 6). */
function refusesCommand(refusal: Refusal | undefined): refusal is Refusal {
  return refusal !== undefined && refusal.code >= 500 && refusal.code !== 535;
}

function describe(refusal: Refusal | undefined): string {
  return refusal === undefined ? "success" : refusal.text;
}

/** The old ports of IMAP and POP3, where a stack opens them: a password is refused until STARTTLS. */
export function startTlsBeforePassword(service: Service): Check {
  const commands =
    service.protocol === "imap"
      ? [`LOGIN ${nobody.user} ${nobody.password}`]
      : [`USER ${nobody.user}`, `PASS ${nobody.password}`];
  return {
    id: `auth.${service.name}.plain`,
    group: "Service",
    title: `STARTTLS before a password on ${service.name} ${service.port}`,
    why: "Without TLS the password can be read on the way (RFC 8314 section 3).",
    remedy: `Check that ${service.host}:${service.port} can be reached.`,
    run: async () => {
      await using dialogue = await openDialogue(service.protocol, service);
      const [command = ""] = commands;
      const reply = (await dialogue.ask(command)).replace(/^verify /, "");
      // RFC 5530 section 3: PRIVACYREQUIRED; POP3 servers say it in words.
      const refused = service.protocol === "imap" ? /PRIVACYREQUIRED/.test(reply) : /^-ERR/.test(reply);
      return refused
        ? ok(reply)
        : failed(`answered ${reply}`, "Set auth_allow_cleartext to no and ssl to required in Dovecot.");
    },
  };
}
