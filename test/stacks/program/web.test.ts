import { expect, test } from "vitest";
import { openedPorts } from "../../../stacks/preflight/ports.ts";
import { domainArgs } from "../../../stacks/program/domain-args.ts";
import { mailServerArgs } from "../../../stacks/program/mail-servers.ts";
import { serversOf } from "../../../stacks/program/servers.ts";
import { networkRole, stackNetwork } from "../../../stacks/program/stack-network.ts";
import { servesWeb, servesWebmail, siteDomains, webHostNames } from "../../../stacks/program/web.ts";
import { webmailArgs } from "../../../stacks/program/web-servers.ts";
import { checkSettings } from "../../../stacks/reading/check.ts";
import { formatPlaced } from "../../../stacks/reading/problems.ts";

const domain = { name: "example.org", mailboxes: [{ name: "ana" }] };

function settingsOf(written: object) {
  const { settings, problems } = checkSettings({ domains: [domain], ...written });
  if (problems !== undefined) throw new Error(formatPlaced("stacks/Pulumi.test.yaml", problems));
  return settings;
}

const webPorts = (written: object) =>
  openedPorts(settingsOf(written)).filter(({ setting }) => /^ports\.https?$/.test(setting));

test.each([
  [{}, false],
  [{ lab: true }, true],
  [{ web: { enabled: true } }, true],
  [{ lab: true, web: { enabled: false } }, false],
])("%j serves: %j", (written, serves) => {
  const settings = settingsOf(written);
  expect(servesWeb(settings)).toBe(serves);
  expect(siteDomains(settings)).toHaveLength(serves ? 1 : 0);
  expect(webPorts(written)).toHaveLength(serves ? 2 : 0);
  const [args] = domainArgs(settings);
  expect(args?.web !== undefined).toBe(serves);
});

test.each([
  [{}, false],
  [{ address: "127.0.53.1" }, false],
  [{ address: "::1" }, false],
  [{ address: "192.168.1.20" }, true],
  [{ address: "0.0.0.0", publicAddresses: { ipv4: "192.168.1.20" } }, true],
  [{ address: "::", publicAddresses: { ipv4: "127.0.0.1", ipv6: "2001:db8::25" } }, true],
])("a phone can open a page at %j: %j", (written, expected) => {
  const [site] = siteDomains(settingsOf({ lab: true, ...written }));
  expect(site?.isReachable).toBe(expected);
});

test("the names that a certificate has to hold", () => {
  expect(webHostNames(settingsOf({ lab: true }))).toEqual([
    "example.org",
    "mail.example.org",
    "autoconfig.example.org",
    "autodiscover.example.org",
    "mta-sts.example.org",
    "webmail.example.org",
  ]);
  expect(webHostNames(settingsOf({ web: { enabled: true } }))).not.toContain("example.org");
});

test.each([
  [{ lab: true }, true, "network"],
  [{ lab: true, web: { webmail: false } }, false, "network"],
  [{ web: { enabled: true } }, false, "network"],
  [{ web: { enabled: true, webmail: true } }, true, "network-fixed"],
])("%j: webmail %s, in its place of the %s", (written, serves, role) => {
  const settings = settingsOf(written);
  const places = stackNetwork(settings, "test");
  expect(servesWebmail(settings)).toBe(serves);
  expect(siteDomains(settings).map(({ webmailHost }) => webmailHost)).toEqual([
    serves ? "webmail.example.org" : undefined,
  ]);
  expect(domainArgs(settings)[0]?.web?.webmail).toBe(serves);
  expect(networkRole(settings, places, { hasIPv6: false })).toBe(role);
  const [server] = serversOf(settings);
  expect(mailServerArgs(server, settings, places).webmailAddress).toBe(
    serves ? places?.webmailAddress : undefined,
  );
  expect(webmailArgs(settings, places)).toMatchObject({
    keepData: !settings.lab,
    webServerAddress: places?.webServerAddress,
  });
});

test("a policy is announced on port 443 alone, and names the server as the MX", () => {
  const settings = settingsOf({
    web: { enabled: true },
    hostName: "mx1.example.net",
    ports: { https: 8443 },
    domains: [{ ...domain, mtaSts: { mode: "enforce", maxAge: 86_400 } }],
  });
  const [args] = domainArgs(settings);
  expect(args?.web).toMatchObject({
    mtaSts: {
      announced: false,
      policy: { mode: "enforce", mx: ["mx1.example.net"], maxAge: 86_400 },
    },
    autodiscover: { host: "autodiscover.example.org", port: 8443 },
    bareName: false,
  });
});

test.each([
  [
    { lab: true, ports: { smtp: 443 } },
    "maildomain:ports.https: 443 is already used by ports.smtp: give each service a port of its own",
  ],
  [{ web: { enabled: "yes" } }, "maildomain:web.enabled: write true or false"],
  [
    { web: { webmail: true } },
    "maildomain:web.webmail: is served by the web server: set web.enabled to true as well",
  ],
  [
    { domains: [{ ...domain, mtaSts: { mode: "strict" } }] },
    'maildomain:domains[0].mtaSts.mode: write "none", "testing" or "enforce"',
  ],
  [
    { domains: [{ ...domain, mtaSts: { maxAge: 60 } }] },
    "maildomain:domains[0].mtaSts.maxAge: write a whole number from 86400 to 31557600",
  ],
])("%j is refused", (written, message) => {
  expect(() => settingsOf(written)).toThrow(message);
});

test("without a web server its ports are free for others", () => {
  expect(settingsOf({ ports: { smtp: 443 } }).ports.smtp).toBe(443);
});

test("a domain of a further server: its own ports and MX; the page under a name that leads to the web server", () => {
  const settings = settingsOf({
    lab: true,
    domains: [domain, { ...domain, name: "example.net" }],
    servers: [
      { hostName: "mx.example.net", address: "127.0.0.2", domains: ["example.net"], ports: { imaps: 2993 } },
    ],
  });
  const [first, second] = siteDomains(settings);
  expect(first?.pageHost).toBe("mail.example.org");
  expect(second).toMatchObject({
    pageHost: "autoconfig.example.net",
    hostNames: ["example.net", "autoconfig.example.net", "autodiscover.example.net"],
    policy: { mx: ["mx.example.net"] },
  });
  expect(second?.clients.incoming[0]).toMatchObject({ host: "imap.example.net", port: 2993 });
  expect(domainArgs(settings)[1]?.web?.addresses).toEqual({ ipv4: "127.0.0.1" });
});
