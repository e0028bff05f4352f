import { checkClient } from "../../naming/check-client.ts";
import { type Check, failed, ok } from "../check.ts";
import { openDialogue } from "../probes/dialogue.ts";
import { openTls } from "../probes/tls.ts";
import { authority, type Service } from "../services.ts";

/** The name by which a server presents itself, in its greeting and in its answer to EHLO. */
export function greetingCheck(group: string, service: Service, hostName: string): Check {
  return {
    id: `greeting.${service.name}`,
    group,
    title: `${service.name} ${service.port} greets as ${hostName}`,
    why: "Other servers compare this name with the address's reverse name; a difference looks like a bot (RFC 5321 section 4.1.4).",
    remedy: `Check that ${authority(service)} can be reached.`,
    run: async () => {
      await using dialogue = await openDialogue("smtp", service);
      const hello = await dialogue.ask(`EHLO ${checkClient}`);
      const names = [dialogue.greeting, hello].map((reply) => /^\d{3}[ -](\S+)/.exec(reply)?.[1] ?? "");
      return names.every((name) => name.toLowerCase() === hostName)
        ? ok(dialogue.greeting)
        : failed(
            names.join(" and, after EHLO, "),
            `Set the server's name (myhostname, smtpd_banner) to ${hostName}, or \`hostName\` in the stack file to its name.`,
          );
    },
  };
}

/** Nothing but STARTTLS works before TLS, so that an attacker who strips STARTTLS from the answers learns nothing. */
export function startTlsRequiredCheck(service: Service): Check {
  return {
    id: `starttls.${service.name}`,
    group: "Service",
    title: `nothing works before STARTTLS on ${service.name} ${service.port}`,
    why: "An attacker in between can strip STARTTLS from the answers; then mail must stop, not be sent in the clear (RFC 8314 section 3.3).",
    remedy: `Check that ${authority(service)} can be reached.`,
    run: async () => {
      await using dialogue = await openDialogue("smtp", service);
      const offers = await dialogue.ask(`EHLO ${checkClient}`);
      const advice = "Set smtpd_tls_security_level=encrypt for submission.";
      if (!/^250[ -]STARTTLS$/m.test(offers)) return failed("STARTTLS is not offered", advice);
      const reply = await dialogue.ask("MAIL FROM:<>");
      // RFC 3207 section 4.
      return reply.startsWith("530") ? ok(reply) : failed(`MAIL before STARTTLS: ${reply}`, advice);
    },
  };
}

/** What people notice as slow, in milliseconds; a server in good order takes a hundredth of it. */
const slowMs = 3_000;

/** How long a client waits for its connection under TLS. */
export function latencyCheck(service: Service): Check {
  return {
    id: `latency.${service.name}`,
    group: "Service",
    title: `${service.name} ${service.port} answers soon`,
    why: "Clients reconnect all the time, and people wait for it.",
    remedy: `Check that ${authority(service)} can be reached.`,
    // A machine that is slow, or busy for a while, serves mail all the same; that nothing answers others find as well.
    isHint: true,
    run: async () => {
      const start = performance.now();
      const socket = await openTls(service, { rejectUnauthorized: false });
      socket.destroy();
      const milliseconds = Math.round(performance.now() - start);
      if (milliseconds < slowMs) return ok(`TLS after ${milliseconds} ms`);
      return failed(
        `TLS only after ${(milliseconds / 1000).toFixed(1)} s`,
        "See the load of the host (`docker stats`), and whether the server waits for a resolver.",
      );
    },
  };
}
