import { describeClients } from "../../clients/description.ts";

const names = {
  incoming: { imap: "imap.vaamonde.pti", pop3: "pop3.vaamonde.pti" },
  outgoing: "smtp.vaamonde.pti",
};

/** What the course exercise's lab has, with the standard ports. */
export const labClients = describeClients("vaamonde.pti", names, {
  submission: 587,
  submissions: 465,
  imaps: 993,
  pop3s: 995,
});

/** Every service, on ports of its own. */
export const movedClients = describeClients("vaamonde.pti", names, {
  submission: 2587,
  submissions: 2465,
  imaps: 2993,
  imap: 2143,
  pop3s: 2995,
  pop3: 2110,
});

/** One way only. */
export const pop3Clients = describeClients("vaamonde.pti", names, { submission: 587, pop3s: 995 });
