/** A mailbox and an alias, as a stack declares them. */
import * as z from "zod";
import { passwordHashProblem } from "../../keys/password-scheme.ts";
import { shortNameForm } from "../../records/index.ts";
import { loginProtocols, MOST_APP_PASSWORDS } from "../../servers/mail-server/description.ts";
import {
  anyText,
  day,
  localPart,
  refuse,
  section,
  sendingAddress,
  size,
  targetAddress,
  text,
  wholeNumber,
} from "./fields.ts";

const password = anyText("the password").regex(/^\P{Cc}{1,256}$/u, {
  error: "write 1 to 256 characters without line breaks or other control characters",
});

const appPassword = section({
  name: text("a name such as phone")
    .regex(shortNameForm, {
      error: "write 1 to 32 lower-case letters, digits and hyphens, such as phone",
    })
    .meta({ description: "What it is for; unique within the mailbox.", example: "phone" }),
  expires: day.optional().meta({
    description: "The last day on which it is valid, in UTC; unlimited by default.",
    example: "2027-01-31",
  }),
  password: password.optional().meta({
    secret: true,
    description:
      "Same rules as a mailbox's password. Without it one is generated; `npm run password -- ADDRESS/NAME` shows it.",
    example: "correct horse battery staple",
  }),
});

const forward = section({
  to: z
    .array(targetAddress("an address such as ana@example.net"))
    .min(1, { error: "write at least one address" })
    .meta({
      description: "The addresses that receive its mail, here or elsewhere.",
      example: ["ana@example.net"],
    }),
  keepCopy: z.boolean({ error: "write true or false" }).default(true).meta({
    description: "Whether the mailbox keeps the mail as well.",
    example: false,
  }),
});

const flag = z.boolean({ error: "write true or false" });

/** One mailbox: an entry of `mailboxes`, and with the same keys a row of a domain's `directory`. */
export const mailboxSchema = section({
  name: localPart("the part of the address before the @").meta({
    description: "The part of the address before the @; case does not matter.",
    example: "ana",
  }),
  displayName: text("the person's name")
    .min(1)
    .max(200)
    .optional()
    .meta({ description: "The person's name, as clients show it.", example: "Ana Lima" }),
  password: password.optional().meta({
    secret: true,
    description:
      "The password to log in with: 12 to 256 characters and not a weak one (docs/mailboxes.md), anything where `lab` is true. " +
      "A secret (`secure:`) outside a lab. Without it one is generated; `npm run password -- ADDRESS` shows it.",
    example: "correct horse battery staple",
  }),
  passwordHash: text("a password's hash")
    .check(refuse(passwordHashProblem))
    .optional()
    .meta({
      description:
        "In place of `password`, its hash with Dovecot's scheme before it, such as `{ARGON2ID}` or " +
        "`{SHA512-CRYPT}`; it is used unchanged.",
      example: "{SHA512-CRYPT}$6$…",
    }),
  quota: size(2 ** 20, 2 ** 50)
    .prefault("1 GiB")
    .meta({ description: "How much mail the mailbox holds: 1 MiB to 1024 TiB.", example: "5 GiB" }),
  aliases: z
    .array(localPart("the part of an alias before the @"))
    .default([])
    .meta({
      description: "Further names of this mailbox in its domain, by which it may also send.",
      example: ["a.lima"],
    }),
  enabled: flag.default(true).meta({
    description:
      "`false` suspends the user: refused on every protocol at once, open sessions included. Mail is still accepted, see `receives`.",
    example: false,
  }),
  receives: flag.default(true).meta({
    description:
      "`false` refuses mail to it (550 5.2.1): for one that only sends, or a user who no longer works here.",
    example: false,
  }),
  protocols: z
    .array(z.enum(loginProtocols, { error: `write ${loginProtocols.map((name) => `"${name}"`).join(", ")}` }))
    .min(1, { error: "write at least one, or enabled: false" })
    .default([...loginProtocols])
    .meta({
      description: "What the user may log in to; `sieve` is ManageSieve (RFC 5804).",
      example: ["imap"],
    }),
  forward: forward.optional().meta({ description: "Where its mail is sent as well or instead." }),
  subAddressing: flag.default(true).meta({
    description: "Whether `ana+anything` also belongs to ana (RFC 5233); `false` refuses it as unknown.",
    example: false,
  }),
  sendAs: z
    .array(sendingAddress)
    .default([])
    .meta({
      description:
        "Addresses of the domains here that it may also send as, in addition to its own and those whose mail it receives; `@example.org` is every address without an owner.",
      example: ["billing@example.org"],
    }),
  recipientsPerHour: wholeNumber(1, 1_000_000).optional().meta({
    description:
      "The number of recipients per hour, by whatever way its mail leaves: 1 to 1000000; unlimited by default.",
    example: 200,
  }),
  sieve: text("a file such as sieve/ana.sieve")
    .regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*\.sieve$/, {
      error: "write a file beside the stack file that ends in .sieve, such as sieve/ana.sieve",
    })
    .optional()
    .meta({
      description: "A file in `stacks/` with rules (Sieve, RFC 5228) that run before the user's own.",
      example: "sieve/ana.sieve",
    }),
  appPasswords: z
    .array(appPassword)
    .max(MOST_APP_PASSWORDS, { error: `write at most ${MOST_APP_PASSWORDS}` })
    .default([])
    .meta({ description: "Passwords for one program each, beside the user's own." }),
});

export const alias = section({
  name: localPart("the part of the address before the @").meta({
    description: "The part of the address before the @.",
    example: "sales",
  }),
  to: z
    .array(targetAddress("an address such as ana@example.org"))
    .min(1, { error: "write at least one address" })
    .meta({
      description: "The addresses that receive its mail.",
      example: ["ana@example.org", "rui@example.org"],
    }),
  membersMaySend: z.boolean({ error: "write true or false" }).default(true).meta({
    description: "Whether the mailboxes that it reaches may also send as it.",
    example: false,
  }),
});
