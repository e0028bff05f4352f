/** What a person asks of a change before it is made: who notices it, from when until when, and whether it can be undone. */
import { parseServerName, ServerRole } from "../naming/servers.ts";
import type { Change, ChangeKind, RiskId, Subject } from "./change.ts";

export interface Consequence {
  readonly who: string;
  readonly when: string;
  /** How, where it can be undone; otherwise what is lost. */
  readonly undo: string;
}

const fromUp = "from `up` on";
const untilTtl = "from `up` on; caches keep the former answer for its TTL";
const formerValue = "the former value";

const nobody = (undo: string): Consequence => ({ who: "nobody", when: fromUp, undo });

const consequences: Readonly<Record<Subject, Readonly<Record<ChangeKind, Consequence>>>> = {
  domain: kinds({
    added: nobody("remove it"),
    removed: {
      who: "its users, and whoever writes to them",
      when: fromUp,
      undo: "declare it again: mail that is still kept is restored, keys are new",
    },
    changed: { who: "other servers", when: untilTtl, undo: formerValue },
  }),
  mailbox: kinds({
    added: nobody("remove it: its mail is set aside"),
    removed: {
      who: "its user, and whoever writes to it",
      when: fromUp,
      undo: "declare it again for as long as its mail is kept",
    },
    changed: { who: "its user", when: fromUp, undo: formerValue },
  }),
  alias: kinds({
    added: { who: "those it leads to", when: fromUp, undo: "remove it" },
    removed: {
      who: "whoever writes to it",
      when: fromUp,
      undo: "declare it again; mail that was refused has gone back to its senders",
    },
    changed: { who: "those it leads to", when: "from the next message on", undo: "the former addresses" },
  }),
  setting: kinds({
    added: { who: "users of the server", when: fromUp, undo: "remove it" },
    removed: { who: "users of the server", when: fromUp, undo: formerValue },
    changed: { who: "users of the server", when: fromUp, undo: formerValue },
  }),
  record: kinds({
    added: { who: "whoever looks it up", when: fromUp, undo: "remove it: caches keep it for one TTL" },
    removed: { who: "whoever looks it up", when: untilTtl, undo: "declare it again" },
    changed: {
      who: "whoever looks it up",
      when: untilTtl,
      undo: "the former value: caches keep this one for its TTL",
    },
  }),
  key: kinds({
    added: nobody("remove it before it is in use"),
    removed: nobody("not the same key: add another one"),
    changed: nobody("the former value"),
    replaced: {
      who: "whoever knows the former one",
      when: "from `up` on, until they know the new one",
      undo: "not at all: the former one is gone",
    },
  }),
  engine: kinds({
    added: nobody("remove it"),
    removed: nobody(formerValue),
    changed: nobody("the former address"),
    replaced: { who: "everybody", when: fromUp, undo: "the former address" },
  }),
  server: kinds({
    added: nobody("remove it"),
    removed: { who: "its users", when: fromUp, undo: "declare it again under the same name" },
    changed: nobody(formerValue),
    replaced: {
      who: "its users, and servers that deliver to it",
      when: "while it is replaced, usually seconds",
      undo: "the former value: replaced once more",
    },
  }),
  package: kinds({
    added: nobody("`npm run updates -- --back`"),
    removed: nobody("`npm run updates -- --back`"),
    changed: nobody("`npm run updates -- --back`"),
  }),
  volume: kinds({
    added: nobody("remove its server"),
    removed: nobody("declare its server again"),
    changed: nobody(formerValue),
  }),
  "client setting": kinds({
    added: nobody("remove it"),
    removed: { who: "whoever uses it", when: fromUp, undo: "declare it again" },
    changed: {
      who: "whoever uses it",
      when: "from `up` on, until it is changed in every client",
      undo: "the former value: changed in every client once more",
    },
  }),
};

/** What cannot be undone, or not for everything, whatever the change is. */
const irreversible: Readonly<Partial<Record<RiskId, Partial<Consequence>>>> = {
  "kept-mail-deleted": {
    who: "whoever wants such mail back",
    undo: "not for mail that is deleted: `npm run archive -- export ADDRESS` saves it before",
  },
  "lab-ends": { who: "everybody whom users write to", undo: "not for mail that has left" },
  "lab-begins": { who: "everybody whom users write to", undo: "`lab: false` within five days" },
  "mail-not-kept": { who: "nobody until then", undo: "`lab: false` before that" },
  "volume-deleted": { who: "its users", undo: "not at all: from a backup" },
  "volume-replaced": { who: "its users", undo: "not at all: from a backup" },
  "volume-detached": { who: "its users", undo: "declare its server again under the same name" },
  "dkim-key-removed": { who: "receivers of mail that it has signed", when: untilTtl },
  "dnssec-key-removed": { who: "whoever looks up a name of the zone", when: untilTtl },
  "mta-sts-stricter": {
    who: "servers that cannot deliver over TLS",
    when: "once they know the policy",
    undo: "`mode: testing`: others keep the enforced policy for its `maxAge`",
  },
  "private-authority": {
    who: "clients that have not been given it, and servers that look for the MTA-STS policy",
    when: "from `up` on, until they trust it",
    undo: "certificates from a public authority: `certificates.files`",
  },
  "account-proves-names": {
    who: "nobody, unless the account's key leaks",
    undo: "another way of proof in its place: the same `up` removes the records",
  },
  "port-80-needed": { who: "nobody, if port 80 is open", undo: "the former way of proof" },
  "engine-changed": { who: "everybody, where it is another engine" },
};

/** Of servers other than mail servers. */
const clientsOf: Readonly<Partial<Record<ServerRole, string>>> = {
  [ServerRole.dnsServer]: "whoever looks up a name that is not cached",
  [ServerRole.innerDnsServer]: "nobody but the lab's own servers",
  [ServerRole.webServer]: "whoever sets up a client",
  [ServerRole.webmail]: "whoever reads mail in a browser",
};

export function consequenceOf({ subject, kind, name, risk, who, undo }: Change): Consequence {
  const usual = consequences[subject][kind];
  const role = subject === "server" ? parseServerName(name)?.role : undefined;
  const stops = kind === "removed" || kind === "replaced";
  const clients = stops && role !== undefined ? clientsOf[role] : undefined;
  return {
    ...usual,
    ...(clients !== undefined && { who: clients }),
    ...(risk !== undefined && irreversible[risk.id]),
    ...(who !== undefined && { who }),
    ...(undo !== undefined && { undo }),
  };
}

/** What is replaced is changed, where nothing else is said of it. */
function kinds({
  replaced,
  ...others
}: Omit<Record<ChangeKind, Consequence>, "replaced"> & {
  readonly replaced?: Consequence;
}): Record<ChangeKind, Consequence> {
  return { ...others, replaced: replaced ?? others.changed };
}
