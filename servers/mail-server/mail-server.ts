import { isLegacy, openMailServices, proxiedPort, services } from "../../records/service.ts";
import type { SealedFile } from "../generation/configuration-file.ts";
import { byPath, type ConfigurationFile, readableByAll } from "../generation/configuration-file.ts";
import { INJECTION_PORT, LOGIN_LIMITS_PORT, PASSWORD_PORT, SOCKETS } from "../generation/container-paths.ts";
import {
  DNS_QUESTION,
  type HealthQuestion,
  HTTP_QUESTION,
  MILTER_QUESTION,
  POLICY_QUESTION,
  renderHealthQuestions,
} from "../generation/health-questions.ts";
import { type Listener, renderListeners } from "../generation/listening.ts";
import { renderNeededServices } from "../generation/needed-services.ts";
import { type TlsPair, tlsPairFile } from "../generation/tls-pair.ts";
import { namedPairFile, renderPairs } from "../generation/tls-pairs.ts";
import { renderUsers } from "./accounts.ts";
import { requireDomain } from "./address.ts";
import { DEFAULT_KEEP_REMOVED_MAIL_DAYS, type MailServerDescription } from "./description.ts";
import { renderDovecot } from "./dovecot.ts";
import { renderLoginLimits } from "./login-limits.ts";
import { renderPasswordChange } from "./password-change.ts";
import { renderPasswordRules } from "./password-rules.ts";
import { renderPostfix } from "./postfix.ts";
import { renderRspamd } from "./rspamd.ts";
import { renderUnbound } from "./unbound.ts";

export { accountFiles } from "./accounts.ts";
export { dkimKeyFile } from "./key-files.ts";
export { trustAnchorsFile } from "./unbound.ts";

/** Postfix, Dovecot and nginx read their key as root, before they give root up. */
export const mailServerPair = tlsPairFile("root");

/** One of `pairs.named`. */
export function mailServerNamedPair(name: string): SealedFile<TlsPair> {
  return namedPairFile(name, "root");
}

/**
 * Every file of the mail server that is not secret, sorted by path. A complete generation also contains
 * {@link accountFiles}, one {@link dkimKeyFile} per selector, the {@link mailServerPair}, a
 * {@link mailServerNamedPair} for each of `pairs.named`, and {@link trustAnchorsFile} where the resolver is sealed and a zone of it signed.
 *
 * @throws RangeError if there is no domain, or a name or an address would change a file's meaning.
 */
export function renderMailServer(description: MailServerDescription): ConfigurationFile[] {
  const { hostName, domains, messageSizeLimitBytes, resolver, pairs } = description;
  const { keepRemovedMailDays = DEFAULT_KEEP_REMOVED_MAIL_DAYS } = description;
  requireDomain(hostName);
  if (domains.length === 0) throw new RangeError("a mail server needs at least one domain");
  for (const { name } of domains) requireDomain(name);
  if (!Number.isSafeInteger(messageSizeLimitBytes) || messageSizeLimitBytes < 1) {
    throw new RangeError(`message size limit ${messageSizeLimitBytes} is not a positive number of bytes`);
  }
  if (!Number.isInteger(keepRemovedMailDays) || keepRemovedMailDays < 0) {
    throw new RangeError(`${keepRemovedMailDays} is not a valid number of days to keep removed mail for`);
  }
  requireProxied(description);
  const files = [
    ...renderPostfix(description),
    ...renderDovecot(description),
    ...renderUsers(description),
    { path: "mailboxes/keep-removed-days", content: `${keepRemovedMailDays}\n` },
    ...renderRspamd(description),
    ...renderUnbound(resolver),
    ...renderPasswordChange(description),
    ...renderPasswordRules(description),
    ...renderLoginLimits(description),
    ...renderPairs(pairs),
    renderListeners(listeners(description)),
    renderHealthQuestions(healthQuestions),
  ];
  return byPath([...readableByAll(files), renderNeededServices(neededServices(description), "generations")]);
}

function requireProxied({ proxied, legacyPorts }: MailServerDescription): void {
  if (proxied === undefined) return;
  if (proxied.from.length === 0) throw new RangeError("the PROXY protocol needs a network that is believed");
  if (proxied.services.length === 0) throw new RangeError("the PROXY protocol needs a service");
  const closed = proxied.services.find((name) => isLegacy(name) && !legacyPorts);
  if (closed !== undefined) throw new RangeError(`${closed} is closed, also for the PROXY protocol`);
}

function neededServices({ webmailAddress }: MailServerDescription): string[] {
  return [
    ...["dovecot", "login-limits", "mailbox-room", "message-gate", "postfix", "retry-deferred", "rspamd"],
    ...["smtp-front", "submission-logins", "unbound", "write-indexes"],
    ...(webmailAddress === undefined ? [] : ["password-change", "password-tls"]),
  ];
}

function listeners({ legacyPorts, webmailAddress, proxied }: MailServerDescription): Listener[] {
  // The resolver answers the container's own programs, as a name server does others.
  const resolver = services.dns.port;
  const ports = [
    ...openMailServices(legacyPorts).map((service) => services[service].port),
    ...(proxied?.services ?? []).map(proxiedPort),
    resolver,
    INJECTION_PORT,
    ...(webmailAddress === undefined ? [] : [PASSWORD_PORT]),
  ].sort((a, b) => a - b);
  return [
    ...ports.map((port) => `tcp ${port}` as const),
    `udp ${resolver}`,
    `unix ${SOCKETS.auth}`,
    `unix ${SOCKETS.submissions}`,
    `unix ${SOCKETS.lmtp}`,
    `unix ${SOCKETS.room}`,
    `unix ${SOCKETS.quota}`,
    `unix ${SOCKETS.gate}`,
    `unix ${SOCKETS.milter}`,
    `unix ${SOCKETS.scanners}`,
    ...(webmailAddress === undefined ? [] : [`unix ${SOCKETS.password}` as const]),
  ];
}

/** Postfix and Dovecot greet each other's processes on these sockets, and log nothing of it, unlike on their ports. */
const healthQuestions: readonly HealthQuestion[] = [
  { daemon: "postfix", socket: "unix /var/spool/postfix/private/rewrite" },
  { daemon: "dovecot", socket: "unix /run/dovecot/master" },
  { daemon: "dovecot-auth", socket: "unix /run/dovecot/auth-login" },
  { daemon: "login-limits", socket: `tcp ${LOGIN_LIMITS_PORT}`, request: HTTP_QUESTION },
  { daemon: "submission-logins", socket: `unix ${SOCKETS.submissions}` },
  { daemon: "mailbox-room", socket: `unix ${SOCKETS.room}`, request: POLICY_QUESTION },
  { daemon: "smtp-front", socket: `unix ${SOCKETS.front}` },
  { daemon: "rspamd", socket: `unix ${SOCKETS.gate}`, request: MILTER_QUESTION },
  { daemon: "unbound", socket: `udp ${services.dns.port}`, request: DNS_QUESTION },
];
