import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { nameLookups } from "../../../clients/card.ts";
import { settingsFor } from "../../../clients/settings.ts";
import { domain } from "../document-lab.ts";
import { MailClients } from "../mail-clients.ts";
import type { Current } from "./current.ts";

const run = promisify(execFile);
const hasNslookup = await run("nslookup", ["-version"]).then(
  () => true,
  () => false,
);

/** What the document looks up, and what its simulator could not do: MX and TXT records. */
export function dnsSuite(current: Current): void {
  const resolver = () => new MailClients(current().target).resolver();

  test.each(["mail", "smtp", "imap", "pop3"])("%s leads to the server", async (host) => {
    expect(await resolver().resolve4(`${host}.${domain}`)).toEqual([current().lab.address]);
  });

  test.skipIf(!hasNslookup)("the card's nslookup lines work as printed", async () => {
    const lines = nameLookups(settingsFor(current().target, `vaamonde@${domain}`));
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const [program = "", ...args] = line.split(" ");
      const { stdout } = await run(program, args);
      expect(stdout).toMatch(new RegExp(`Name:\\s+\\S+\\.${domain}\\s+Address: ${current().lab.address}`));
    }
  });

  test("MX names the server", async () => {
    const [record, ...others] = await resolver().resolveMx(domain);
    expect(record?.exchange).toBe(`mail.${domain}`);
    expect(others).toEqual([]);
  });

  test("SPF lets the server send, and nobody else", async () => {
    const texts = (await resolver().resolveTxt(domain)).map((strings) => strings.join(""));
    const policies = texts.filter((text) => text.startsWith("v=spf1 "));
    expect(policies).toHaveLength(1);
    expect(policies[0]).toMatch(/^v=spf1 .*(mx|a:mail|ip4:).* -all$/);
  });

  test("DMARC is published", async () => {
    const [[text] = []] = await resolver().resolveTxt(`_dmarc.${domain}`);
    expect(text).toMatch(/^v=DMARC1; *p=(none|quarantine|reject)/);
  });

  test("each DKIM selector of the plan is published whole", async () => {
    const [{ records } = { records: [] }] = current().target.domains;
    const planned = records.filter(({ name }) => name.includes("._domainkey."));
    expect(planned.length).toBeGreaterThanOrEqual(1);
    for (const { name, content } of planned) {
      const answers = await resolver().resolveTxt(name);
      expect(answers.map((strings) => strings.join(""))).toEqual([content]);
    }
  });

  test("a name that does not exist is denied, and other domains are not served", async () => {
    await expect(resolver().resolve4(`nothing.${domain}`)).rejects.toMatchObject({ code: "ENOTFOUND" });
    await expect(resolver().resolve4("example.org")).rejects.toMatchObject({ code: "EREFUSED" });
  });
}
