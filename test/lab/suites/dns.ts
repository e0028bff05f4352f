import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { nameLookups } from "../../../clients/card.ts";
import { settingsFor } from "../../../clients/settings.ts";
import { domain } from "../../kit/document-lab.ts";
import { MailClients } from "../../kit/mail-clients.ts";
import type { Current } from "./current.ts";

const run = promisify(execFile);
const isInstalled = (program: string, ...args: string[]) =>
  run(program, args).then(
    () => true,
    () => false,
  );
const hasNslookup = await isInstalled("nslookup", "-version");
const hasDelv = await isInstalled("delv", "-v");
const hasOpenssl = await isInstalled("openssl", "version");

/** What the document looks up, and what its simulator could not do: MX and TXT records. */
export function dnsSuite(current: Current): void {
  const resolver = () => new MailClients(current().running).resolver();

  test.each(["mail", "smtp", "imap", "pop3"])("%s leads to the server", async (host) => {
    expect(await resolver().resolve4(`${host}.${domain}`)).toEqual([current().lab.address]);
  });

  test.skipIf(!hasNslookup)("the card's nslookup lines work as printed", async () => {
    const lines = nameLookups(settingsFor(current().running, `vaamonde@${domain}`));
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
    const [{ records } = { records: [] }] = current().running.zones;
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

  describe.skipIf(!hasDelv)("DNSSEC, as delv validates it from the DS output", () => {
    const validate = async (ds: string, name: string, type: string): Promise<string> => {
      const [tag, algorithm, digestType, digest] = ds.split(" ");
      const folder = await mkdtemp(join(tmpdir(), "maildomain-"));
      try {
        const anchors = join(folder, "anchors");
        const anchor = `${domain} static-ds ${tag} ${algorithm} ${digestType} "${digest}";`;
        await writeFile(anchors, `trust-anchors { ${anchor} };\n`);
        const place = [`@${current().lab.address}`, "-a", anchors, `+root=${domain}`];
        const { stdout, stderr } = await run("delv", [...place, name, type]);
        return stdout + stderr;
      } finally {
        await rm(folder, { recursive: true });
      }
    };
    const signed = () => {
      const [first] = current().running.zones;
      if (first?.ds == null) throw new Error("the first zone has no DS output");
      return { records: first.records, ds: first.ds };
    };

    test("every record of the plan", async () => {
      const { records, ds } = signed();
      const verdicts = records.map(async ({ name, type }) => [name, type, await validate(ds, name, type)]);
      for (const [name, type, verdict] of await Promise.all(verdicts)) {
        expect(verdict, `${name} ${type}`).toContain("; fully validated");
      }
    });

    test("a name that does not exist", async () => {
      expect(await validate(signed().ds, `nobody.${domain}`, "A")).toContain(
        "; negative response, fully validated",
      );
    });

    test("nothing, from another DS", async () => {
      const other = signed().ds.replace(/.{8}$/, "00000000");
      expect(await validate(other, domain, "MX")).toContain("broken trust chain");
    });
  });

  test.skipIf(!hasOpenssl)("DANE: the server shows the key that its TLSA record announces", async () => {
    const [{ records } = { records: [] }] = current().running.zones;
    const content = records.find(({ type }) => type === "TLSA")?.content ?? "";
    const { stdout } = await shakeHands(content);
    expect(stdout).toContain("Verification: OK");
    expect(stdout).toMatch(/DANE TLSA 3 1 1 .* matched/);
    await expect(shakeHands(`3 1 1 ${"0".repeat(64)}`)).rejects.toThrow();
  });

  const shakeHands = (tlsa: string) => {
    const { endpoint, hostName } = current().running;
    const place = `${endpoint.address}:${endpoint.ports.smtp}`;
    const dane = ["-dane_tlsa_domain", hostName, "-dane_tlsa_rrdata", tlsa, "-verify_return_error"];
    const handshake = run("openssl", ["s_client", "-connect", place, "-starttls", "smtp", ...dane]);
    handshake.child.stdin?.end("QUIT\r\n");
    return handshake;
  };
}
