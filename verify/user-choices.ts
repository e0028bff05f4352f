import type { DockerEngine } from "../engine/docker-engine.ts";
import type { RunningStack } from "../outputs/running-stack.ts";

/** What users have chosen for themselves, of which no declaration knows: the addresses of their mailboxes. */
export interface UserChoices {
  /** A password of their own: the one that the program knows lets nobody in. */
  readonly passwords: ReadonlySet<string>;
  /** Rules of their own, which may put mail elsewhere, or send it on. */
  readonly rules: ReadonlySet<string>;
}

export const noChoices: UserChoices = { passwords: new Set(), rules: new Set() };

/** A chosen password counts as long as the declared one is that which it was chosen in place of. */
const question = `
cd /var/mail/v || exit 0
if [ -e .maildomain/passwords ]; then
  awk -F: 'NR == FNR { declared[$1] = $2; next } declared[$1] == $2 { print "password " $1 }' \\
    /run/maildomain/current/dovecot/passwd .maildomain/passwords
fi
for rules in */*/.dovecot.sieve; do
  if [ -e "$rules" ]; then
    mailbox=\${rules%/.dovecot.sieve}
    echo "rules \${mailbox#*/}@\${mailbox%%/*}"
  fi
done
`;

/** Nothing of a server that does not answer: the checks of its container say so. */
export async function choicesOf(
  engine: DockerEngine,
  { containers: { mailServer } }: Pick<RunningStack, "containers">,
): Promise<UserChoices> {
  const answer = await engine.exec(mailServer, ["sh", "-c", question]).catch(() => "");
  return parseChoices(answer);
}

/** @internal */
export function parseChoices(answer: string): UserChoices {
  const lines = answer.split("\n").map((line) => line.split(" "));
  const of = (kind: string) =>
    new Set(lines.flatMap(([word, address]) => (word === kind && address ? [address] : [])));
  return { passwords: of("password"), rules: of("rules") };
}
