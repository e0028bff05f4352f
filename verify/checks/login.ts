import { type Check, failed, ok } from "../check.ts";
import { withInbox } from "../probes/imap.ts";
import { logInToSieve } from "../probes/managesieve.ts";
import { withMaildrop } from "../probes/pop3.ts";
import { type Login, SmtpSession } from "../probes/smtp.ts";
import type { Service } from "../services.ts";

/**
 * A login as the mail clients of the domain's users make it.
 *
 * @param advice - what to do where the server refuses it.
 */
export function loginCheck(
  group: string,
  service: Service,
  login: Login,
  advice = "Compare the password with the one that `npm run password` shows.",
): Check {
  return {
    id: `login.${service.name}.${login.user}`,
    group,
    title: `log in on ${service.name} ${service.port} as ${login.user}`,
    why: "People set up their client with the full address or with the bare user name.",
    remedy: `See what the server says about it: \`docker logs\` of the mail server. A password that a user has chosen counts until another one is declared, or \`docker exec … maildomain-password --reset ADDRESS\`.`,
    run: async () => {
      const refusal = await attempt(service, login);
      return refusal === undefined ? ok("welcome") : failed(refusal, advice);
    },
  };
}

async function attempt(service: Service, login: Login): Promise<string | undefined> {
  switch (service.protocol) {
    case "smtp": {
      using session = await SmtpSession.open(service);
      return (await session.login(login))?.text;
    }
    case "imap":
      await withInbox(service, login, async () => {});
      return undefined;
    case "managesieve":
      return await logInToSieve(service, login);
    case "pop3":
      await withMaildrop(service, login, (client) => client.STAT());
      return undefined;
  }
}
