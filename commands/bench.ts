import { join } from "node:path";
import { certificateAgentForTests } from "../toolchain/certificate-agent.ts";
import { pulumiVariables } from "../toolchain/environment.ts";
import { runInForeground } from "../toolchain/foreground.mjs";
import { pebble } from "../toolchain/pebble.ts";
import { allSteps } from "../toolchain/steps.ts";
import { projectFolder } from "../toolchain/versions.ts";
import { type Call, type Command, UsageError } from "./command.ts";

/** What the load on a mail server needs to know; all of it is passed on. */
const mailOptions = {
  against: {
    type: "string",
    value: "HOST:PORT",
    description: "of mail: its port for submission with TLS, 465",
  },
  imap: {
    type: "string",
    value: "HOST:PORT",
    description: "of mail: its port for IMAP with TLS; default: 993",
  },
  user: {
    type: "string",
    value: "ADDRESS",
    description: "of mail: who sends, to itself; its INBOX is emptied",
  },
  "password-file": { type: "string", value: "FILE", description: "of mail: a file with the user's password" },
  insecure: { type: "boolean", description: "of mail: accept any certificate" },
  messages: {
    type: "string",
    value: "N",
    description: "of mail: messages per number of sessions; default: 400",
  },
  sessions: { type: "string", value: "N,N", description: "of mail: how many at a time; default: 1,8" },
  container: {
    type: "string",
    value: "NAME",
    description: "of mail: the server's container on this machine, whose CPU seconds are shown by program",
  },
} as const;

export const command: Command = {
  usage: "[mail --against HOST:PORT --user ADDRESS --password-file FILE]",
  options: mailOptions,
  takes: { positionals: true },
  setUp: (call) => (isMail(call) ? [] : [...allSteps, pebble, certificateAgentForTests()]),

  run(call) {
    const env = { ...process.env, PATH: pulumiVariables().PATH };
    const program = isMail(call) ? ["bench/mail.ts", ...mailWords(call)] : ["bench/main.ts"];
    const [file = "", ...words] = program;
    return runInForeground(process.execPath, [join(projectFolder, file), ...words], { env });
  },
};

function isMail({ positionals }: Call): boolean {
  if (positionals.length === 0) return false;
  if (positionals.length === 1 && positionals[0] === "mail") return true;
  throw new UsageError(`bench cannot measure ${positionals.join(" ")}: use mail, or nothing for all.`);
}

/** @internal */
export function mailWords({ values }: Pick<Call, "values">): string[] {
  for (const needed of ["against", "user", "password-file"] as const) {
    if (values[needed] === undefined)
      throw new UsageError(`bench mail needs --${needed} ${mailOptions[needed].value}.`);
  }
  for (const option of ["against", "imap"] as const) {
    const value = values[option];
    if (value !== undefined && !/^(?:\[[0-9a-f:.]+\]|[^\s:[\]/]+):\d{1,5}$/i.test(`${value}`)) {
      throw new UsageError(
        `--${option} ${value} is not a server's port: use HOST:PORT, as in mail.example.org:465.`,
      );
    }
  }
  for (const option of ["messages", "sessions"] as const) {
    const value = values[option] ?? "1";
    if (
      !/^[1-9]\d{0,4}(?:,[1-9]\d{0,4})*$/.test(`${value}`) ||
      (option === "messages" && `${value}`.includes(","))
    ) {
      const form = option === "messages" ? "a number, as in 400" : "numbers, as in 1,8,20";
      throw new UsageError(`--${option} ${value} is not valid: use ${form}.`);
    }
  }
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}=${value}`];
  });
}
