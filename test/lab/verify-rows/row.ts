import type { Breakage, Repair } from "../../kit/breakage.ts";
import { domain } from "../../kit/document-lab.ts";

/** One thing that is wrong in the real lab, and what `verify` has to say of it. */
export interface Row {
  readonly name: string;
  readonly break: (breakage: Breakage) => Promise<Repair>;
  /** The checks that turn red, and no others; `MAIL`, `WEB`, `REVERSE` and `ADDRESS` stand for the lab's names. */
  readonly red: readonly string[];
  /** What the first of them says, and how to repair it. */
  readonly seen: RegExp;
  readonly advice: RegExp;
}

/** Another company, to which the reports on this domain go. */
export const partner = "parceiro.pti";
/** The checks that need a signature, an SPF record and a policy that agree. */
export const authentication = ["submission", "submissions"].map(
  (name) => `mail.authentication.${name}.${domain}`,
);
export const certificates = [
  `tls.smtp.mail.${domain}`,
  `tls.submission.smtp.${domain}`,
  `tls.submissions.smtp.${domain}`,
  `tls.imaps.imap.${domain}`,
  `tls.pop3s.pop3.${domain}`,
  `tls.sieve.imap.${domain}`,
];
export const days = (count: number) => new Date(Date.now() + count * 86_400_000);
