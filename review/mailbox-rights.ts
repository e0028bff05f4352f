import type { Change } from "./change.ts";
import { listOf, propertiesOf, type Step } from "./preview.ts";

/** The property of a mailbox' Sieve script in the stack. */
export const declaredRules = "declared rules";

/** What a mailbox may do and where its mail goes, each property with how people read its value. */
const rights: readonly {
  readonly key: string;
  readonly property: string;
  readonly format: (value: unknown) => string;
  readonly effect: string;
}[] = [
  {
    key: "enabled",
    property: "user",
    format: (value) => (value === false ? "suspended" : "may log in"),
    effect: "A suspended user is refused at once, open sessions included. Mail keeps arriving.",
  },
  {
    key: "protocols",
    property: "protocols",
    format: (value) => (value === undefined ? "all" : texts(value) || "none"),
    effect: "Removing one closes the user's sessions.",
  },
  {
    key: "receives",
    property: "mail",
    format: (value) => (value === false ? "refused" : "taken"),
    effect: "Refused mail is answered with 550 5.2.1.",
  },
  {
    key: "forward",
    property: "forward",
    format: formatForward,
    effect: "Applies to mail that arrives after `up`.",
  },
  {
    key: "subAddressing",
    property: "sub-addresses",
    format: (value) => (value === false ? "refused" : "taken"),
    effect: "Applies to mail that arrives after `up`.",
  },
  {
    key: "sendAs",
    property: "sends as",
    format: (value) => texts(value) || "itself",
    effect: "Applies to mail sent after `up`.",
  },
  {
    key: "recipientsPerHour",
    property: "recipients per hour",
    format: (value) => (value === undefined ? "any number" : String(value)),
    effect: "Applies to mail sent after `up`.",
  },
  {
    key: "sieve",
    property: declaredRules,
    format: (value) => (value === undefined ? "none" : `${String(value).split("\n").length} lines`),
    effect: "Run before the user's own.",
  },
  {
    key: "appPasswords",
    property: "app passwords",
    format: (value) => listOf(value).map(formatApp).join(", ") || "none",
    effect: "Removing one closes the user's sessions.",
  },
];

/** One change for each property that differs. */
export function reviewRights({ name, before, after }: Step): Change[] {
  return rights.flatMap(({ key, property, format, effect }): Change[] => {
    const [old, next] = [before[key], after[key]];
    if (JSON.stringify(old) === JSON.stringify(next)) return [];
    // A suspension takes the protocols with it; once is enough to say so.
    if (key === "protocols" && before.enabled !== after.enabled) return [];
    return [
      {
        subject: "mailbox",
        kind: "changed",
        name,
        property,
        before: format(old),
        after: format(next),
        effect,
      },
    ];
  });
}

function texts(value: unknown): string {
  return listOf(value).map(String).join(", ");
}

function formatForward(value: unknown): string {
  if (value === undefined) return "none";
  const { to, keepCopy } = propertiesOf(value);
  return `${texts(to)} ${keepCopy === false ? "without" : "with"} a copy here`;
}

function formatApp(value: unknown): string {
  const { name, expires } = propertiesOf(value);
  return expires === undefined ? String(name) : `${name} until ${expires}`;
}
