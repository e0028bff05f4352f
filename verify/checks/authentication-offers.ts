import { type Check, failed, ok } from "../check.ts";
import { openDialogue } from "../probes/dialogue.ts";
import { authenticateCommand, capability } from "../probes/managesieve.ts";
import { type Refusal, SmtpSession } from "../probes/smtp.ts";
import { authority, type Protocol, type Service } from "../services.ts";

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

type Asking = Exclude<Protocol, "smtp">;

/** A login before TLS, and the answer of a server that has not looked at the password. */
const attempts: Readonly<Record<Asking, { readonly command: string; readonly refusal: RegExp }>> = {
  // RFC 5530 section 3.
  imap: { command: `LOGIN ${nobody.user} ${nobody.password}`, refusal: /PRIVACYREQUIRED/ },
  // POP3 says it in words.
  pop3: { command: `USER ${nobody.user}`, refusal: /^-ERR/ },
  // RFC 5804 section 1.3.
  managesieve: { command: authenticateCommand(nobody), refusal: /^NO \(ENCRYPT-NEEDED\)/i },
};

/** Where people log in after STARTTLS, other than to send, a password is refused until then. */
export function startTlsBeforePasswordChecks(services: readonly Service[]): Check[] {
  return services.flatMap((service) => {
    const { protocol, security } = service;
    return security === "starttls" && protocol !== "smtp" ? startTlsBeforePassword(service, protocol) : [];
  });
}

function startTlsBeforePassword(service: Service, protocol: Asking): Check {
  const advice = "Set auth_allow_cleartext to no and ssl to required in Dovecot.";
  return {
    id: `auth.${service.name}.plain`,
    group: "Service",
    title: `STARTTLS before a password on ${service.name} ${service.port}`,
    why: "Without TLS the password can be read on the way (RFC 8314 section 3).",
    remedy: `Check that ${authority(service)} can be reached.`,
    run: async () => {
      await using dialogue = await openDialogue(protocol, service);
      const problem = protocol === "managesieve" ? offerProblem(dialogue.greeting) : undefined;
      if (problem !== undefined) return failed(problem, advice);
      const { command, refusal } = attempts[protocol];
      const reply = (await dialogue.ask(command)).replace(/^verify /, "");
      return refusal.test(reply) ? ok(reply) : failed(`answered ${reply}`, advice);
    },
  };
}

/** A ManageSieve server says in its greeting what may be done at once (RFC 5804 section 1.7). */
function offerProblem(greeting: string): string | undefined {
  const mechanisms = capability(greeting, "SASL");
  if (mechanisms) return `SASL ${mechanisms} is offered before STARTTLS`;
  return capability(greeting, "STARTTLS") === undefined ? "STARTTLS is not offered" : undefined;
}
