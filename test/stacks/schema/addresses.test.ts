import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDmarc, formatTlsReporting } from "../../../records/index.ts";
import { renderTables } from "../../../servers/mail-server/address-tables.ts";
import { checkSettings } from "../../../stacks/reading/check.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";
import { existingAddress } from "../../records/arbitrary.ts";

const settings = (address: string, sendAs: string) => ({
  domains: [
    {
      name: "example.org",
      mailboxes: [
        { name: "ana", password: "a long enough one", forward: { to: [address] }, sendAs: [sendAs] },
      ],
      aliases: [{ name: "out", to: [address] }],
      catchAll: [address],
      dmarc: { reports: address },
      tlsReports: address,
      certificates: { reports: address },
    },
  ],
});

test.each([["a..b@example.org"], [`${"a".repeat(70)}@example.org`]])("%s is refused at each path", (bad) => {
  const { problems = [] } = checkSettings(settings(bad, bad));
  const text = JSON.stringify(problems);
  for (const key of ["dmarc", "tlsReports", "sendAs", "catchAll", "forward", "certificates"]) {
    expect(text).toContain(key);
  }
});

test("what the schema takes, tables and records hold", () => {
  const written = fc.oneof(
    existingAddress,
    fc.string().map((local) => `${local}@example.net`),
  );
  fc.assert(
    fc.property(written, fc.constantFrom("@Example.org", "sales@example.org"), (address, sendAs) => {
      const parsed = stackSchema.safeParse(settings(address, sendAs));
      // Whatever is refused is refused by the schema: nothing below may throw.
      if (!parsed.success) return;
      const [domain] = parsed.data.domains;
      const [mailbox] = domain?.mailboxes ?? [];
      if (domain === undefined || mailbox?.forward === undefined) throw new Error("nothing was parsed");
      const to = domain.catchAll;
      const tables = renderTables([
        {
          name: domain.name,
          mailboxes: [
            {
              address: "ana@example.org",
              quotaBytes: 0,
              sendAs: mailbox.sendAs,
              forward: { to: mailbox.forward.to, keepCopy: true },
            },
          ],
          aliases: [
            { address: "@example.org", targets: to },
            { address: "out@example.org", targets: domain.aliases[0]?.to ?? [] },
          ],
          dkimSelectors: [],
        },
      ]);
      const aliases = tables.find(({ path }) => path.endsWith("/aliases"))?.content ?? "";
      expect(aliases.split("\n")).toContain(`out@example.org ${to[0]}`);
      const reports = [domain.dmarc.reports ?? ""];
      expect(formatDmarc({ policy: "reject", reportAddresses: reports })).toContain("rua=mailto:");
      expect(formatTlsReporting({ reportAddresses: reports })).toContain("rua=mailto:");
    }),
  );
});
