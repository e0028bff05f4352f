import type { Settings } from "../../kit/lab.ts";
import { password } from "./clients.ts";

const mailbox = (name: string) => ({ name, password });

/** What runs before the first change: two mail servers, a name server for the world and one for the lab, a web server. */
export const fixture: Settings = {
  lab: true,
  web: { webmail: false },
  domains: [
    {
      name: "one.test",
      mailboxes: [mailbox("ana"), mailbox("bia"), mailbox("caio"), mailbox("dora"), mailbox("eva")],
      aliases: [
        { name: "sales", to: ["bia@one.test", "caio@one.test"] },
        { name: "info", to: ["bia@one.test"] },
      ],
    },
    { name: "two.test", mailboxes: [mailbox("ana"), mailbox("bia"), mailbox("caio")] },
    { name: "extra.test", mailboxes: [mailbox("ana")] },
  ],
  parkedDomains: [{ name: "parked.test" }],
  servers: [
    {
      hostName: "mx.two.test",
      domains: ["two.test"],
      ports: {
        smtp: 2025,
        submission: 2587,
        submissions: 2465,
        imaps: 2993,
        pop3s: 2995,
        sieve: 5190,
        imap: 2143,
        pop3: 2110,
      },
    },
  ],
};
