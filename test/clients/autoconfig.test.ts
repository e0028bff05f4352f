import { XMLParser } from "fast-xml-parser";
import { expect, test } from "vitest";
import * as z from "zod";
import { renderAutoconfig } from "../../clients/autoconfig.ts";
import { labClients, movedClients, pop3Clients } from "./lab.ts";

const list = ["incomingServer", "outgoingServer"];
const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  isArray: (name) => list.includes(name),
});

/** What Thunderbird's reader of the file insists on (readFromXML.sys.mjs). */
const server = z.strictObject({
  "@_type": z.enum(["imap", "pop3", "smtp"]),
  hostname: z.hostname(),
  port: z.string().regex(/^\d{2,5}$/),
  socketType: z.enum(["SSL", "STARTTLS"]),
  authentication: z.literal("password-cleartext"),
  username: z.string(),
});
const clientConfig = z.object({
  clientConfig: z.strictObject({
    "@_version": z.literal("1.1"),
    emailProvider: z.strictObject({
      "@_id": z.hostname(),
      domain: z.hostname(),
      displayName: z.string().min(1),
      displayShortName: z.string().min(1),
      incomingServer: z.array(server).min(1),
      outgoingServer: z.array(server).min(1),
    }),
  }),
});

test("the course exercise's lab", () => {
  expect(renderAutoconfig(labClients)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <clientConfig version="1.1">
      <emailProvider id="vaamonde.pti">
        <domain>vaamonde.pti</domain>
        <displayName>vaamonde.pti</displayName>
        <displayShortName>vaamonde.pti</displayShortName>
        <incomingServer type="imap">
          <hostname>imap.vaamonde.pti</hostname>
          <port>993</port>
          <socketType>SSL</socketType>
          <authentication>password-cleartext</authentication>
          <username>%EMAILADDRESS%</username>
        </incomingServer>
        <incomingServer type="pop3">
          <hostname>pop3.vaamonde.pti</hostname>
          <port>995</port>
          <socketType>SSL</socketType>
          <authentication>password-cleartext</authentication>
          <username>%EMAILADDRESS%</username>
        </incomingServer>
        <outgoingServer type="smtp">
          <hostname>smtp.vaamonde.pti</hostname>
          <port>465</port>
          <socketType>SSL</socketType>
          <authentication>password-cleartext</authentication>
          <username>%EMAILADDRESS%</username>
        </outgoingServer>
        <outgoingServer type="smtp">
          <hostname>smtp.vaamonde.pti</hostname>
          <port>587</port>
          <socketType>STARTTLS</socketType>
          <authentication>password-cleartext</authentication>
          <username>%EMAILADDRESS%</username>
        </outgoingServer>
      </emailProvider>
    </clientConfig>
    "
  `);
});

test.each([
  [labClients, ["imap SSL 993", "pop3 SSL 995"], ["smtp SSL 465", "smtp STARTTLS 587"]],
  [
    movedClients,
    ["imap SSL 2993", "imap STARTTLS 2143", "pop3 SSL 2995", "pop3 STARTTLS 2110"],
    ["smtp SSL 2465", "smtp STARTTLS 2587"],
  ],
  [pop3Clients, ["pop3 SSL 995"], ["smtp STARTTLS 587"]],
])(
  "lists the services that are on, the best first, in a form that Thunderbird takes",
  (clients, incoming, outgoing) => {
    const { emailProvider } = clientConfig.parse(parser.parse(renderAutoconfig(clients))).clientConfig;
    const brief = (servers: typeof emailProvider.incomingServer) =>
      servers.map((each) => `${each["@_type"]} ${each.socketType} ${each.port}`);
    expect(brief(emailProvider.incomingServer)).toEqual(incoming);
    expect(brief(emailProvider.outgoingServer)).toEqual(outgoing);
  },
);

test("for one person, the address is filled in, escaped", () => {
  const text = renderAutoconfig(labClients, "d'avila@vaamonde.pti");
  expect(text).not.toContain("%EMAILADDRESS%");
  expect(text.match(/<username>d&apos;avila@vaamonde\.pti<\/username>/g)).toHaveLength(4);
});
