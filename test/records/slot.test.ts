import { expect, test } from "vitest";
import { saysTheSame, slotKind } from "../../records/index.ts";

test.each<[string, string, ReturnType<typeof slotKind>]>([
  ["_dmarc.example.org", "v=DMARC1; p=none", "dmarc"],
  ["_dmarc.example.org", "v = DMARC1 ; p = reject", "dmarc"],
  ["_dmarc.example.org", " v=dmarc1;p=none", "dmarc"],
  ["_dmarc.example.org", "v=DMARC10; p=none", undefined],
  ["example.org", "V=SPF1 mx", "spf"],
  ["example.org", "v = spf1 mx", "spf"],
  ["example.org", "v=spf10 mx", undefined],
  ["_mta-sts.example.org", "v=STSv1 ;id=1", "mta-sts"],
  ["_smtp._tls.example.org", "v=TLSRPTv1\t; rua=mailto:a@example.org", "tls-rpt"],
  ["rsa1._domainkey.example.org", "p=AAAA", "dkim"],
  ["example.org", "ms=1", undefined],
])("%s TXT %j has the slot %s", (name, content, kind) => {
  expect(slotKind({ name, type: "TXT", content })).toBe(kind);
});

test.each<[string, string, boolean]>([
  ["v=DMARC1; p=reject", "v = DMARC1 ; p = reject ;", true],
  ["v=DMARC1; p=reject", "v=DMARC1; p=none", false],
  // Receivers do not read it, so that it has to change.
  ["v=DMARC1; p=reject", " v=DMARC1; p=reject", false],
  ["v=DMARC1; p=reject", "v=DMARC1; P=reject", false],
])("%j and %j say the same: %s", (one, other, answer) => {
  const placed = (content: string) => ({ name: "_dmarc.example.org", type: "TXT", content });
  expect(saysTheSame(placed(one), placed(other))).toBe(answer);
});
