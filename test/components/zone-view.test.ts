import { expect, test } from "vitest";
import { DnsZones, MailDomain } from "../../components/index.ts";
import { viewZones } from "../../components/zone-view.ts";
import { record, value } from "./recorder.ts";

test("from a lab's network the servers are where they are there, and all else is the same", async () => {
  const addresses = { ipv4: "192.0.2.25" };
  const [views] = await record(() => {
    const domain = new MailDomain("example.org", {
      domain: "example.org",
      hostName: "mail.example.org",
      addresses,
      mailboxes: [{ address: "ana@example.org" }],
    });
    const args = {
      zones: [{ name: "example.org" }, { name: "2.0.192.in-addr.arpa", dnssec: false }],
      servers: [{ hostName: "mail.example.org", ttl: 3600, addresses }],
      domains: [domain.recordDescription],
      nameServerAddress: "192.0.2.53",
    };
    const { localZones } = new DnsZones("dns", args);
    const places = new Map([["mail.example.org", "198.19.0.3"]]);
    const inside = viewZones(args, localZones, { addresses: places, nameServerAddress: "198.19.0.2" });
    return { localZones, inside };
  });
  const [outside] = views.localZones;
  const [inside, reverse, ...others] = views.inside;
  expect(others).toEqual([]);
  expect(inside?.signingKey).toBe(outside?.signingKey);
  const lines = async (zone: typeof inside): Promise<string[]> =>
    zone ? (await value(zone.text)).split("\n") : [];
  const published = new Set(await lines(outside));
  expect((await lines(inside)).filter((line) => !published.has(line))).toMatchInlineSnapshot(`
    [
      "ns1.example.org.	3600	IN	A	198.19.0.2",
      "mail.example.org.	3600	IN	A	198.19.0.3",
      "smtp.example.org.	3600	IN	A	198.19.0.3",
      "imap.example.org.	3600	IN	A	198.19.0.3",
      "pop3.example.org.	3600	IN	A	198.19.0.3",
    ]
  `);
  expect(await lines(reverse)).toContain("3.0.19.198.in-addr.arpa.\t3600\tIN\tPTR\tmail.example.org.");
});
