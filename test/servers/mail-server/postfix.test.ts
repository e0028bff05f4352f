import { describe, expect, test } from "vitest";
import { renderPostfix } from "../../../servers/mail-server/postfix.ts";
import { contentOf, LAB } from "./example.ts";

const files = renderPostfix(LAB);
const main = contentOf(files, "postfix/main.cf");
const master = contentOf(files, "postfix/master.cf");

/** Settings of main.cf, continuation lines joined. */
const settings = new Map(
  main
    .replace(/^#.*\n/gm, "")
    .replace(/\n[ \t]+/g, " ")
    .split("\n")
    .filter((line) => line.includes(" ="))
    .map((line) => [line.slice(0, line.indexOf(" =")), line.slice(line.indexOf(" =") + 2).trim()]),
);

describe("main.cf", () => {
  test.each([
    ["smtpd_sasl_auth_enable", "no"],
    ["smtpd_relay_restrictions", "permit_sasl_authenticated, reject_unauth_destination"],
    ["smtpd_forbid_bare_newline", "normalize"],
    ["smtpd_forbid_bare_newline_exclusions", ""],
    ["smtpd_tls_protocols", ">=TLSv1.2"],
    ["smtpd_tls_mandatory_protocols", ">=TLSv1.2"],
    ["smtpd_tls_auth_only", "yes"],
    ["smtpd_tls_chain_files", "/run/maildomain/current/tls/pair.pem"],
    ["tls_eecdh_auto_curves", "X25519MLKEM768 X25519 prime256v1 secp384r1"],
    ["smtpd_sender_login_maps", "lmdb:/run/maildomain/tables/senders"],
    ["mua_client", "permit_sasl_authenticated, reject"],
    ["message_size_limit", "26214400"],
    ["myhostname", "mail.vaamonde.pti"],
    ["mydomain", "vaamonde.pti"],
    ["milter_default_action", "tempfail"],
    ["smtp_tls_security_level", "dane"],
    ["smtp_dns_support_level", "dnssec"],
    ["disable_vrfy_command", "yes"],
    ["maillog_file", "/dev/stdout"],
    ["smtp_line_length_limit", "0"],
    ["lmtp_line_length_limit", "0"],
    ["disable_mime_output_conversion", "yes"],
    ["hopcount_limit", "120"],
    ["smtpd_client_connection_count_limit", "0"],
    ["smtpd_timeout", "300s"],
    ["smtpd_starttls_timeout", "10s"],
    ["service_throttle_time", "1s"],
    ["lmtp_destination_recipient_limit", "1"],
  ])("%s = %s", (name, value) => {
    expect(settings.get(name)).toBe(value);
  });

  test("trusts no network: no restriction names mynetworks", () => {
    expect([...settings].filter(([, value]) => value.includes("permit_mynetworks"))).toEqual([]);
  });

  test("senders are checked against the login on the submission ports", () => {
    expect(settings.get("mua_sender")).toMatchInlineSnapshot(
      `"check_sender_access regexp:{{/[^ -~]/ 553 5.6.7 non-ASCII address}}, reject_non_fqdn_sender, reject_authenticated_sender_login_mismatch"`,
    );
  });
});

test("a sealed server sends nothing to an address without a name", () => {
  const sealed = contentOf(
    renderPostfix({ ...LAB, resolver: { kind: "sealed", zones: [] } }),
    "postfix/main.cf",
  );
  const added = sealed.split("\n").filter((line) => !main.includes(line));
  expect(added).toMatchInlineSnapshot(`
    [
      "transport_maps = regexp:{{/@\\[/ error:5.1.2 mail is sent to names only}}",
    ]
  `);
});

describe("master.cf", () => {
  const services = master.split(/\n(?=[a-z])/).filter((service) => !service.startsWith("#"));
  const service = (name: string) => services.find((text) => text.startsWith(`${name} `)) ?? "";

  test("25 has no option of its own but how it learns who connects", () => {
    expect(service("smtpd")).toMatch(
      /^smtpd +unix +- +- +n +- +100 +smtpd\n +-o smtpd_upstream_proxy_protocol=haproxy$/,
    );
  });

  test("mail leaves by one family where one is declared, and comes by both", () => {
    for (const sendsBy of ["ipv4", "ipv6"] as const) {
      const text = contentOf(renderPostfix({ ...LAB, sendsBy }), "postfix/master.cf");
      const limited = text
        .split(/\n(?=[a-z0-9])/)
        .filter((one) => one.includes(`-o inet_protocols=${sendsBy}`));
      expect(limited.map((one) => one.split(" ")[0])).toEqual(["smtp", "relay"]);
    }
    expect(master).not.toContain("inet_protocols");
    expect(settings.get("inet_protocols")).toBe("all");
  });

  test("587", () => {
    expect(service("submission")).toMatchInlineSnapshot(`
      "submission  unix  -       -      n      -      100    smtpd
          -o syslog_name=postfix/submission
          -o smtpd_upstream_proxy_protocol=haproxy
          -o smtpd_tls_security_level=encrypt
          -o smtpd_sasl_auth_enable=yes
          -o smtpd_discard_ehlo_keywords=$unused_keywords
          -o smtpd_peername_lookup=no
          -o smtpd_client_restrictions=$mua_client
          -o smtpd_relay_restrictions=$mua_relay
          -o smtpd_sender_restrictions=$mua_sender
          -o smtpd_recipient_restrictions=$mua_recipient
          -o smtpd_hide_client_session=yes
          -o milter_macro_daemon_name=ORIGINATING"
    `);
  });

  test("465 differs from 587 in its TLS alone", () => {
    const expected = service("submission")
      .replace(/^submission /, "submissions")
      .replace(
        "syslog_name=postfix/submission\n",
        "syslog_name=postfix/submissions\n    -o smtpd_tls_wrappermode=yes\n",
      );
    expect(service("submissions")).toBe(expected);
  });

  test("nothing is chrooted", () => {
    const columns = services.map((text) => text.trim().split(/\s+/)[4]);
    expect(columns.every((chroot) => chroot === "n")).toBe(true);
    expect(columns.length).toBeGreaterThan(20);
  });
});
