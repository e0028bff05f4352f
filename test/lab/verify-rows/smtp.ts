import { domain } from "../../kit/document-lab.ts";
import { authentication, certificates, days, type Row } from "./row.ts";

/** What Postfix does by its `main.cf`. */
export const postfixRows: readonly Row[] = [
  {
    name: "an open relay",
    break: (b) =>
      b.postfix(
        "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
        "mynetworks = 0.0.0.0/0",
      ),
    red: [`relay.${domain}`, `relay.own-sender.${domain}`],
    seen: /is relayed/,
    advice: /smtpd_relay_restrictions/,
  },
  {
    name: "mail for anybody taken",
    break: (b) => b.postfix("virtual_mailbox_maps = static:all"),
    red: [`unknown-user.${domain}`],
    seen: /verify-nobody@.* is accepted/,
    advice: /smtpd_recipient_restrictions/,
  },
  {
    name: "mail from elsewhere refused",
    break: (b) => b.postfix("smtpd_recipient_restrictions = reject"),
    red: [`receive.${domain}`, `reports.postmaster@${domain}`],
    seen: /^554/,
    advice: /names the rule/,
  },
  {
    name: "an address for reports that is none",
    break: (b) =>
      b.postfix(
        `smtpd_recipient_restrictions = check_recipient_access inline:{{postmaster@${domain} = 550 5.1.1 nobody}}`,
      ),
    red: [`reports.postmaster@${domain}`],
    seen: /^550 5\.1\.1/,
    advice: /Declare a mailbox or an alias postmaster@/,
  },
  {
    name: "no check of the envelope's sender",
    break: (b) => b.postfix("mua_sender = reject_non_fqdn_sender"),
    red: [`forged.envelope.${domain}`],
    seen: /robsonvaamonde@.* could send as leandroramos@/,
    advice: /smtpd_sender_login_maps/,
  },
  {
    name: "passwords on port 25",
    break: (b) => b.postfix("smtpd_sasl_auth_enable = yes"),
    red: ["auth.smtp"],
    seen: /AUTH is offered under TLS/,
    advice: /smtpd_sasl_auth_enable to no/,
  },
  {
    name: "TLS of the nineties",
    break: (b) =>
      b.postfix(
        "smtpd_tls_protocols = >=TLSv1",
        "smtpd_tls_mandatory_protocols = >=TLSv1",
        "tls_medium_cipherlist = DEFAULT@SECLEVEL=0",
      ),
    red: ["tls.old.smtp", "tls.old.submission", "tls.old.submissions"],
    seen: /TLS 1\.1 was accepted/,
    advice: /TLS 1\.2/,
  },
  {
    // Postfix believes what is configured as its own version, and announces it.
    name: "a version with a hole that everybody knows",
    break: (b) => b.postfix("mail_version = 3.8.3"),
    red: ["versions.MAIL"],
    seen: /Postfix 3\.8\.3, .*: SMTP smuggling, CVE-2023-51764/,
    advice: /Rebuild the image with Postfix 3\.8\.4 or later/,
  },
  {
    name: "mail that was put off days ago",
    break: (b) => b.oldMessage(3),
    red: ["queue"],
    seen: /1 messages deferred, the oldest for 72\.\d h: .*refused/,
    advice: /postqueue -i [0-9A-Za-z]+/,
  },
  {
    name: "deliveries that are stuck",
    break: async (b) => {
      // Rspamd without its socket would put mail off already; LMTP comes after the server has taken it.
      const repair = await b.postfix("virtual_transport = lmtp:unix:/run/nowhere");
      return repair;
    },
    red: ["submission", "submissions"].flatMap((name) =>
      ["imap", "pop3", "authentication"].map((what) => `mail.${what}.${name}.${domain}`),
    ),
    seen: /accepted, but not in the inbox/,
    advice: /postqueue -p/,
  },
];

/** What it does by its other files, what the filter does, and the certificate. */
export const mailRows: readonly Row[] = [
  {
    name: "no check of the From line",
    break: (b) => b.filterRule((rule) => rule.replace("if action then task", "if false then task")),
    red: [`forged.header.${domain}`, `forged.null.${domain}`],
    seen: /robsonvaamonde@.* could send as leandroramos@/,
    advice: /rule on the From header/,
  },
  {
    name: "mail that is not signed",
    break: (b) => b.file("rspamd/signing-keys", () => ""),
    red: authentication,
    seen: /^DKIM none, SPF pass, DMARC pass$/,
    advice: /Rspamd has a key for vaamonde\.pti/,
  },
  {
    name: "submission without TLS",
    break: (b) =>
      b.postfixServices("/^submission /,/^submissions/s/tls_security_level=encrypt/tls_security_level=may/"),
    red: ["starttls.submission"],
    seen: /MAIL before STARTTLS: /,
    advice: /smtpd_tls_security_level=encrypt/,
  },
  {
    name: "passwords without TLS",
    break: (b) =>
      b.postfixServices(
        "/^submission /,/^submissions/s/smtpd_tls_security_level=encrypt/smtpd_tls_security_level=may\\n    -o smtpd_tls_auth_only=no\\n    -o smtpd_sasl_security_options=noanonymous/",
      ),
    red: ["auth.submission.plain", "starttls.submission"],
    seen: /AUTH is offered before STARTTLS/,
    advice: /smtpd_tls_auth_only=yes/,
  },
  {
    name: "another name in the greeting",
    break: (b) => b.greeting("localhost.localdomain"),
    red: ["greeting.smtp", "greeting.submission"],
    seen: /localhost\.localdomain and, after EHLO, mail/,
    advice: /myhostname, smtpd_banner/,
  },
  {
    name: "a certificate whose time is running out",
    break: (b) => b.certificate(days(-364), days(1)),
    red: certificates,
    seen: /^(?:\d+ (?:h|min)|[01] days) left of 365 days/,
    advice: /npm run up.*renews/,
  },
];
