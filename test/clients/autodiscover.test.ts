import { XMLParser } from "fast-xml-parser";
import { expect, test } from "vitest";
import {
  AutodiscoverError,
  renderAutodiscover,
  renderAutodiscoverError,
  renderAutodiscoverJson,
} from "../../clients/autodiscover.ts";
import { labClients, movedClients, pop3Clients } from "./lab.ts";

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  isArray: (name) => name === "Protocol",
});

/** The names that MS-OXDSCLI gives to the parts of a Protocol element (section 2.2.4.1.1.2.6). */
const published = new Set(
  [
    "Type Server Port LoginName DomainRequired DomainName SPA SSL Encryption AuthRequired UsePOPAuth SMTPLast TTL".split(
      " ",
    ),
  ].flat(),
);

function protocols(xml: string): Record<string, string>[] {
  const { Autodiscover } = parser.parse(xml);
  expect(Autodiscover["@_xmlns"]).toBe(
    "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006",
  );
  const { Response } = Autodiscover;
  expect(Response["@_xmlns"]).toBe(
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a",
  );
  expect(Response.Account).toMatchObject({ AccountType: "email", Action: "settings" });
  return Response.Account.Protocol;
}

test("the answer for a mailbox of the course exercise's lab", () => {
  expect(renderAutodiscover(labClients, "vaamonde@vaamonde.pti")).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="utf-8"?>
    <Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
      <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
        <Account>
          <AccountType>email</AccountType>
          <Action>settings</Action>
          <Protocol>
            <Type>IMAP</Type>
            <Server>imap.vaamonde.pti</Server>
            <Port>993</Port>
            <DomainRequired>off</DomainRequired>
            <LoginName>vaamonde@vaamonde.pti</LoginName>
            <SPA>off</SPA>
            <SSL>on</SSL>
            <Encryption>SSL</Encryption>
            <AuthRequired>on</AuthRequired>
          </Protocol>
          <Protocol>
            <Type>POP3</Type>
            <Server>pop3.vaamonde.pti</Server>
            <Port>995</Port>
            <DomainRequired>off</DomainRequired>
            <LoginName>vaamonde@vaamonde.pti</LoginName>
            <SPA>off</SPA>
            <SSL>on</SSL>
            <Encryption>SSL</Encryption>
            <AuthRequired>on</AuthRequired>
          </Protocol>
          <Protocol>
            <Type>SMTP</Type>
            <Server>smtp.vaamonde.pti</Server>
            <Port>465</Port>
            <DomainRequired>off</DomainRequired>
            <LoginName>vaamonde@vaamonde.pti</LoginName>
            <SPA>off</SPA>
            <SSL>on</SSL>
            <Encryption>SSL</Encryption>
            <AuthRequired>on</AuthRequired>
          </Protocol>
        </Account>
      </Response>
    </Autodiscover>
    "
  `);
});

test.each([
  [labClients, ["IMAP 993 SSL", "POP3 995 SSL", "SMTP 465 SSL"]],
  [movedClients, ["IMAP 2993 SSL", "POP3 2995 SSL", "SMTP 2465 SSL"]],
  [pop3Clients, ["POP3 995 SSL", "SMTP 587 TLS"]],
])("each type once, the best choice, with published names only", (clients, wanted) => {
  const found = protocols(renderAutodiscover(clients, "a&b@vaamonde.pti"));
  expect(found.map(({ Type, Port, Encryption }) => `${Type} ${Port} ${Encryption}`)).toEqual(wanted);
  for (const protocol of found) {
    expect(Object.keys(protocol).filter((name) => !published.has(name))).toEqual([]);
    expect(protocol.LoginName).toBe("a&b@vaamonde.pti");
  }
});

test("to nobody in particular, without a login name", () => {
  for (const protocol of protocols(renderAutodiscover(labClients)))
    expect(protocol).not.toHaveProperty("LoginName");
});

test("what is not answered", () => {
  const error = parser.parse(renderAutodiscoverError(AutodiscoverError.notProvided)).Autodiscover.Response
    .Error;
  expect(error).toMatchObject({ ErrorCode: "601", "@_Id": "0" });
});

test("v2 leads to the plain XML", () => {
  expect(renderAutodiscoverJson("https://autodiscover.vaamonde.pti/autodiscover/autodiscover.xml")).toBe(
    '{"Protocol":"AutodiscoverV1","Url":"https://autodiscover.vaamonde.pti/autodiscover/autodiscover.xml"}\n',
  );
});
