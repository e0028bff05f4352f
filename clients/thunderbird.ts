import { bestServer } from "./choice.ts";
import type { ClientDescription, ClientOwner } from "./description.ts";
import type { ServerSetting } from "./server-setting.ts";

/** nsMsgSocketType of Thunderbird. */
const socketTypes: Readonly<Record<ServerSetting["security"], number>> = { STARTTLS: 2, TLS: 3 };
/** nsMsgAuthMethod: the plain password, inside TLS. */
const passwordCleartext = 3;

/** `user.js` of a new Thunderbird profile: an account that is set up at the first start. */
export function renderThunderbird(description: ClientDescription, { address, name }: ClientOwner): string {
  const imap = bestServer(description, "IMAP");
  const smtp = bestServer(description, "SMTP");
  const preferences: Readonly<Record<string, string | number | boolean>> = {
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.account.account1.identities": "id1",
    "mail.account.account1.server": "server1",
    "mail.identity.id1.fullName": name,
    "mail.identity.id1.useremail": address,
    "mail.identity.id1.smtpServer": "smtp1",
    "mail.identity.id1.valid": true,
    "mail.server.server1.type": "imap",
    "mail.server.server1.name": address,
    "mail.server.server1.hostname": imap.host,
    "mail.server.server1.port": imap.port,
    "mail.server.server1.socketType": socketTypes[imap.security],
    "mail.server.server1.authMethod": passwordCleartext,
    "mail.server.server1.userName": address,
    "mail.server.server1.login_at_startup": true,
    "mail.server.server1.check_new_mail": true,
    "mail.smtpservers": "smtp1",
    "mail.smtp.defaultserver": "smtp1",
    "mail.smtpserver.smtp1.hostname": smtp.host,
    "mail.smtpserver.smtp1.port": smtp.port,
    "mail.smtpserver.smtp1.try_ssl": socketTypes[smtp.security],
    "mail.smtpserver.smtp1.authMethod": passwordCleartext,
    "mail.smtpserver.smtp1.username": address,
  };
  const lines = Object.entries(preferences).map(
    ([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`,
  );
  return lines.join("");
}
