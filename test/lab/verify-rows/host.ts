import { canHaveOwnAddress } from "../../kit/own-address.ts";
import type { Row } from "./row.ts";

/** Where this machine cannot have an address of its own, the one of loopback hides everybody. */
const engineRows: readonly Row[] = canHaveOwnAddress
  ? [
      {
        name: "an engine that hides who connects",
        break: (b) => b.userlandProxy(25),
        red: ["clients.ADDRESS"],
        seen: /^your engine hides your clients: 10\.[\d.]+ is 198\.19\.[\d.]+ there$/,
        advice: /userland proxy.*"iptables": false.*restart the engine/,
      },
    ]
  : [];

/** The machine: its ports, its disk, and what runs beside the servers. */
export const hostRows: readonly Row[] = [
  ...engineRows,
  {
    name: "something else on a port that is to be closed",
    break: (b) => b.listener(143),
    red: ["closed.imap"],
    seen: /:143 is open/,
    advice: /ss -ltnp/,
  },
  {
    name: "the same for POP3",
    break: (b) => b.listener(110),
    red: ["closed.pop3"],
    seen: /:110 is open/,
    advice: /ss -ltnp/,
  },
  {
    name: "a backup that has not been made for days",
    break: async (b) => {
      await b.inMailServer("touch --date='3 days ago' /var/mail/v/.backed-up");
      return () => b.inMailServer("touch /var/mail/v/.backed-up");
    },
    red: ["backup.MAIL"],
    seen: /^3 days ago, 26 h are allowed$/,
    advice: /why the job no longer runs.*docker exec .*-mail-server touch \/var\/mail\/v\/\.backed-up/,
  },
  {
    name: "no backup at all",
    break: async (b) => {
      await b.inMailServer("rm /var/mail/v/.backed-up");
      return () => b.inMailServer("touch /var/mail/v/.backed-up");
    },
    red: ["backup.MAIL"],
    seen: /no backup has been reported/,
    advice: /docker exec .*-mail-server touch/,
  },
  {
    name: "a full disk",
    break: async (b) => {
      await b.inMailServer("head -c 60M /dev/zero >/var/mail/v/full");
      return () => b.inMailServer("rm /var/mail/v/full");
    },
    red: ["disk.MAIL"],
    seen: /\/var\/mail\/v has \d MiB left/,
    advice: /Remove what is not needed/,
  },
  {
    name: "a disk without room for another file",
    break: async (b) => {
      await b.inMailServer("mkdir /var/mail/v/many; cd /var/mail/v/many; touch $(seq 1 1900)");
      return () => b.inMailServer("rm -r /var/mail/v/many");
    },
    red: ["disk.MAIL"],
    seen: /room for \d+ files only/,
    advice: /Remove what is not needed/,
  },
];
