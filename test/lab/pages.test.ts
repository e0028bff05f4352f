import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { findProgram } from "../../toolchain/child-process.ts";
import { pages, readPage, shellBlocks } from "../docs/pages.ts";
import { password, users } from "../kit/document-lab.ts";
import { docker } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { examplesIn, linesOf, Reader } from "../kit/reader.ts";

/** As people write it: with comments, without quotes, and without the salt that plain Pulumi notes. */
const stackFile = `# The course exercise's lab, and a company.
config:
  maildomain:lab: true
  maildomain:domains:
    - name: vaamonde.pti
      mailboxes:
${users.map((name) => `        - { name: ${name}, password: "${password}" }`).join("\n")}
    # The pages' company.
    - name: example.org
      mailboxes:
        - { name: ana, displayName: Ana Lima }   # her password is generated
        - { name: rui, password: "${password}" }
`;

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
/** What pages expect a reader to have. */
const files = {
  "privkey.pem": privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  "docker-data/dms/config/postfix-accounts.cf":
    "ana@example.org|{SHA512-CRYPT}$6$W4rxRQwI6HNMt9n3$riCi5/OqUxnU8eZsOlZwoCnrNgu1gBGPkJc.ER.LhJCu7sOg9i1kBrRIistlBIp938GdBgMlYuoXYUU5A4Qiv0\n",
};

const hasNslookup = findProgram("nslookup") !== undefined;
let lab: Lab;
let reader: Reader;

beforeAll(async () => {
  const settings = Object.entries(parse(stackFile).config as Readonly<Record<string, unknown>>);
  lab = await Lab.create(
    Object.fromEntries(settings.map(([key, value]) => [key.replace("maildomain:", ""), value])),
  );
  reader = await Reader.of(lab, `${stackFile}  maildomain:address: ${lab.address}\n`, files);
  for (const block of shellBlocks(readPage("README.md")).slice(0, 1)) await reader.follow(block);
  const running = await lab.settled();
  // Somebody who has received mail, and of whom mail is kept.
  const rui = new MailClients(running).smtp("submission", "rui@example.org", password);
  await rui.sendMail({ from: "rui@example.org", to: "ana@example.org", subject: "Hello", text: "Hello" });
  rui.close();
  const server = `${lab.prefix}-mail-server`;
  const mailboxStatus = ["doveadm", "mailbox", "status", "-u", "ana@example.org", "messages", "INBOX"];
  const arrives = async () => expect(await docker("exec", server, ...mailboxStatus)).toContain("messages=1");
  await vi.waitFor(arrives, { timeout: 300_000, interval: 500 });
  const [mail, aside] = ["/var/mail/v/example.org/ana", "/var/mail/v/.removed/example.org/ana"];
  // More than once: the pages show one after another what can be done with it.
  for (const hours of [3, 2, 1]) {
    const time = new Date(Date.now() - hours * 3_600_000).toISOString().replace(/[-:]|\.\d+/g, "");
    const copy = `mkdir -p ${aside} && cp -r ${mail} ${aside}/${time} && chown -R vmail:vmail ${aside}/${time}`;
    await docker("exec", server, "sh", "-c", copy);
  }
});
afterAll(async () => {
  await reader?.remove();
  await lab.takeDown();
});

// What CHANGELOG.md says was so when it was written.
const read = pages.filter((page) => page !== "CHANGELOG.md" && shellBlocks(readPage(page)).length > 0);

describe.each(read)("%s, followed from its beginning", (page) => {
  afterAll(() => reader?.close());

  for (const block of shellBlocks(readPage(page))) {
    const examples = examplesIn(block.marks);
    const left = examples.length === 0 ? "" : ` (an example, not run: ${examples.join("; ")})`;
    test(`line ${block.line}${left}`, async ({ skip }) => {
      const lines = linesOf(block, lab);
      skip(lines.length === 0, examples.join("; "));
      skip(!hasNslookup && lines.some((line) => line.startsWith("nslookup ")), "nslookup is not installed");
      const before = await reader.stackFile();
      await reader.follow(block);
      // Plain Pulumi notes a salt there, and rewrites it.
      if (!lines.some((line) => line.includes("npx pulumi"))) expect(await reader.stackFile()).toBe(before);
    });
  }
});
