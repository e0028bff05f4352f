import { expect, test } from "vitest";
import { formatIssuer, parseIssuer, persistentProofRecords, planRecords } from "../../records/index.ts";
import { describeOne } from "./sample.ts";

const account = { authority: "letsencrypt.org", accountUri: "https://acme.example/acct/1" };
const content = formatIssuer(account);

test("each name has a record that names the authority and the account", () => {
  const names = ["example.org", "mail.example.org", "mta-sts.example.org"];
  const records = persistentProofRecords("example.org", 600, { names, content });
  expect(records.map(({ role, name, ttl, type }) => [role, name, ttl, type])).toEqual([
    ["validation-persist", "_validation-persist.example.org", 600, "TXT"],
    ["validation-persist-mail", "_validation-persist.mail.example.org", 600, "TXT"],
    ["validation-persist-mta-sts", "_validation-persist.mta-sts.example.org", 600, "TXT"],
  ]);
  for (const { content: said, why } of records) {
    expect(said).toBe("letsencrypt.org; accounturi=https://acme.example/acct/1");
    expect(parseIssuer(said)).toEqual(account);
    // What a free Cloudflare zone's comment holds.
    expect(why.length).toBeLessThanOrEqual(100);
  }
});

test("a server's own name has its record beside its addresses, also before the account is known", () => {
  const description = describeOne({});
  for (const persistentProof of [content, null]) {
    const servers = description.servers.map((server) => ({ ...server, persistentProof }));
    const name = `_validation-persist.${servers[0]?.hostName}`;
    const { groups } = planRecords<string | null>({ ...description, servers });
    expect(groups.flatMap(({ records }) => records)).toContainEqual(
      expect.objectContaining({
        name,
        type: "TXT",
        content: persistentProof,
        role: "host-validation-persist",
      }),
    );
  }
});
