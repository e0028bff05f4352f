import type { RunningStack } from "../../outputs/running-stack.ts";
import { domainOf, isTlsReporting, parseTlsReporting, readDmarc } from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";
import type { Service } from "../services.ts";
import { recipientReply } from "./relay.ts";

/** Reports on DMARC and TLS go to addresses of the stack's own domains, where the server has to take them. */
export function reportAddressChecks(running: RunningStack, smtp: Service): Check[] {
  const texts = running.zones.flatMap(({ records }) =>
    records.flatMap(({ type, content }) => (type === "TXT" ? reportAddresses(content) : [])),
  );
  const domains = running.domains.map(({ name }) => name);
  return [...new Set(texts)]
    .filter((address) => domains.includes(domainOf(address)))
    .map((address) => ({
      id: `reports.${address}`,
      group: "Service",
      title: `reports to ${address} are accepted`,
      why: "Reports show whether mail fails or is forged elsewhere (RFC 9990, RFC 8460).",
      remedy: `Check that ${smtp.host}:${smtp.port} can be reached.`,
      run: async () => {
        const reply = await recipientReply(smtp, address);
        return reply.startsWith("2")
          ? ok(reply)
          : failed(reply, `Declare a mailbox or an alias ${address}, or another address for reports.`);
      },
    }));
}

function reportAddresses(text: string): string[] {
  const dmarc = readDmarc(text)?.dmarc;
  if (dmarc !== undefined) return [...(dmarc.reportAddresses ?? [])];
  return isTlsReporting(text) ? [...parseTlsReporting(text).reportAddresses] : [];
}
