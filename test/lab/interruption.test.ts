import { setTimeout as sleep } from "node:timers/promises";
import type { ImapFlow } from "imapflow";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashPassword } from "../../provider/password-hash.ts";
import type { HostedAlias, HostedDomain, HostedMailbox } from "../../servers/mail-server/description.ts";
import { docker } from "../kit/engine.ts";
import { domainOf, MailServerLab } from "../kit/mail-server-lab.ts";

const name = "vaamonde.pti";
const at = (user: string) => `${user}@${name}`;
const lab = new MailServerLab();
const rounds = 10;
/** A busy machine does what it can in this time, in seconds, and no less than {@link fewest} changes. */
const patience = 900;
const fewest = 30;

beforeAll(() => lab.start());
afterAll(() => lab.server.remove());

/** What is declared at the moment; ana, bia and caio are nobody's business. */
interface Declared {
  mailboxes: Record<string, Partial<HostedMailbox>>;
  aliases: HostedAlias[];
  others: HostedDomain[];
  selectors: string[];
}

/** One kind of change each; ten of them make a round. */
const changes: [what: string, change: (declared: Declared, round: number) => void | Promise<void>][] = [
  ["a mailbox comes", ({ mailboxes }, n) => void Object.assign(mailboxes, { [`new${n}`]: {} })],
  [
    "an alias comes",
    ({ aliases }, n) => void aliases.push({ address: at(`alias${n}`), targets: [at("ana")] }),
  ],
  [
    "a quota changes",
    ({ mailboxes }, n) => void Object.assign(mailboxes, { [`new${n}`]: { quotaBytes: 1_000_000 * (n + 1) } }),
  ],
  [
    "a password changes",
    async (_, n) => {
      lab.hashes[at(`new${n}`)] = await hashPassword(`another one ${n}`);
    },
  ],
  ["a domain comes", ({ others }, n) => void others.push(domainOf(`example${n}.org`, { ana: {} }))],
  [
    "a user is suspended",
    ({ mailboxes }, n) => void Object.assign(mailboxes, { [`new${n}`]: { protocols: [] } }),
  ],
  ["a signing key comes", ({ selectors }, n) => void selectors.push(`k${n}`)],
  ["a certificate changes", () => lab.newPair()],
  ["a mailbox is removed", ({ mailboxes }, n) => void delete mailboxes[`new${n}`]],
  ["a domain is removed", ({ others }) => void others.shift()],
];

/** Does something over and over until it is told to stop, and keeps what went wrong with the change of that time. */
function keepDoing(
  what: string,
  every: number,
  act: (n: number) => Promise<unknown>,
  failures: string[],
  now: () => string,
) {
  let going = true;
  let count = 0;
  const done = (async () => {
    while (going) {
      const change = now();
      try {
        await act(count);
        count += 1;
      } catch (error) {
        failures.push(`${what} (${change}): ${error instanceof Error ? error.message : error}`);
      }
      await sleep(every);
    }
  })();
  const stop = async () => {
    going = false;
    await done;
    return count;
  };
  return { stop };
}

test("a hundred changes, one after another, interrupt nobody", async () => {
  const declared: Declared = {
    mailboxes: { ana: {}, bia: {}, caio: {} },
    aliases: [],
    others: [],
    selectors: ["r1"],
  };
  const serve = () => {
    const { mailboxes, aliases, others, selectors } = declared;
    return lab.serve([domainOf(name, mailboxes, { aliases, dkimSelectors: selectors }), ...others]);
  };
  await serve();

  const failures: string[] = [];
  let change = "before";
  const sessions: ImapFlow[] = [];
  for (const user of ["ana", "bia", "caio"]) {
    const session = await lab.imap(at(user));
    session.on("close", () => failures.push(`a session of ${user} (${change}): closed`));
    await session.mailboxOpen("INBOX");
    sessions.push(session);
  }
  const sender = lab.submission(at("caio"));
  const letter = (subject: string) => ({ to: at("ana"), subject, text: "x" });
  const now = () => change;
  const activities = {
    received: keepDoing("from elsewhere", 100, (n) => lab.receive(at("ana"), `r${n}`), failures, now),
    sent: keepDoing(
      "from a user",
      100,
      (n) => sender.sendMail({ from: at("caio"), ...letter(`s${n}`) }),
      failures,
      now,
    ),
    imap: keepDoing("IMAP login", 250, async () => (await lab.imap(at("bia"))).logout(), failures, now),
    pop3: keepDoing("POP3 login", 250, async () => (await lab.maildrop(at("bia"))).close(), failures, now),
    submission: keepDoing(
      "submission login",
      500,
      async () => {
        const transport = lab.submission(at("bia"));
        await transport.verify().finally(() => transport.close());
      },
      failures,
      now,
    ),
    noop: keepDoing(
      "a command in a session",
      100,
      (n) => sessions[n % 3]?.noop() ?? Promise.reject(),
      failures,
      now,
    ),
  };

  let applied = 0;
  const end = Date.now() + patience * 1000;
  for (let round = 0; round < rounds && Date.now() < end; round += 1) {
    for (const [what, apply] of changes) {
      change = `${round}: ${what}`;
      await apply(declared, round);
      await serve();
      applied += 1;
    }
  }
  const counts = Object.fromEntries(
    await Promise.all(
      Object.entries(activities).map(async ([what, { stop }]) => [what, await stop()] as const),
    ),
  );
  for (const session of sessions) session.removeAllListeners("close");
  expect(failures, failures.length === 0 ? "" : await complaints()).toEqual([]);
  expect(applied).toBeGreaterThanOrEqual(fewest);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(applied);

  const expected = [
    ...Array.from({ length: counts.received ?? 0 }, (_, n) => `r${n}`),
    ...Array.from({ length: counts.sent ?? 0 }, (_, n) => `s${n}`),
  ].toSorted();
  await expect.poll(async () => (await lab.subjects(at("ana"))).toSorted()).toEqual(expected);
  for (const session of sessions) await session.logout();
  sender.close();
}, 1_800_000);

/** What the server says of sessions that ended in another way than by a logout, and of its own trouble. */
async function complaints(): Promise<string> {
  const lines = (await docker("logs", lab.server.name)).split("\n");
  const isComplaint =
    /Fatal|Panic|Login aborted|Auth server restarted|imap\((?:ana|caio)@.*(?:Error|Disconnected|closed)|master: .*(?:Warning|Error)|killed/;
  return lines
    .filter((line) => isComplaint.test(line))
    .slice(-60)
    .join("\n");
}
