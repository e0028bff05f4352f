import { domain } from "../../kit/document-lab.ts";
import type { Row } from "./row.ts";

/** What Dovecot does, and its tables. */
export const dovecotRows: readonly Row[] = [
  {
    name: "a user who is kept out of POP3",
    break: (b) => b.file("dovecot/refused-pop3", (users) => `${users}\nrobsonvaamonde@${domain}:`),
    red: [`login.pop3s.robsonvaamonde@${domain}`, "login.pop3s.robsonvaamonde"],
    seen: /[Aa]uthentication failed/,
    advice: /npm run up|password/,
  },
  {
    name: "a user who is kept out of ManageSieve",
    break: (b) => b.file("dovecot/refused-sieve", (users) => `${users}\nrobsonvaamonde@${domain}:`),
    red: [`login.sieve.robsonvaamonde@${domain}`, "login.sieve.robsonvaamonde"],
    seen: /^NO .*[Aa]uthentication failed/,
    advice: /npm run up|password/,
  },
  {
    name: "POP3 that reads another mailbox than IMAP",
    break: (b) =>
      b.dovecot((text) => text.replace("protocol pop3 {", "protocol pop3 {\n  mail_path = ~/Elsewhere")),
    red: ["submission", "submissions"].map((name) => `mail.pop3.${name}.${domain}`),
    seen: /not in the maildrop/,
    advice: /POP3 and IMAP read the same mailbox/,
  },
  {
    name: "an account that somebody has taken out by hand",
    break: (b) => b.file("dovecot/passwd", (users) => users.replace(/^rogeriosampaio@.*\n/m, "")),
    red: ["files.MAIL"],
    seen: /^dovecot\/passwd in the running server$/,
    advice: /npm run up.*as declared/,
  },
];
