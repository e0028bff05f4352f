import { X509Certificate } from "node:crypto";
import { XMLParser } from "fast-xml-parser";
import { expect, test } from "vitest";
import { profileOwner, renderAppleProfile } from "../../clients/apple-profile.ts";
import { stableUuid } from "../../clients/stable-uuid.ts";
import { issueAuthorityCertificate, makeKey } from "../../provider/certificate.ts";
import { lifetime } from "../../provider/lifetime.ts";
import { labClients, movedClients, pop3Clients } from "./lab.ts";

type Plist = string | number | boolean | Uint8Array | Plist[] | { [key: string]: Plist };

const parser = new XMLParser({ preserveOrder: true, parseTagValue: false });
type Node = Record<string, Node[] | string>;

/** Reads a property list: http://www.apple.com/DTDs/PropertyList-1.0.dtd. */
function readPlist(xml: string): { [key: string]: Plist } {
  const [root] = (parser.parse(xml) as Node[]).flatMap((node) => (node.plist ?? []) as Node[]);
  return readValue(root as Node) as { [key: string]: Plist };
}

function readValue(node: Node): Plist {
  const [kind = "", content] = Object.entries(node)[0] ?? [];
  const children = content as Node[];
  const text = String(children[0]?.["#text"] ?? "");
  switch (kind) {
    case "string":
      return text;
    case "integer":
      return Number(text);
    case "true":
    case "false":
      return kind === "true";
    case "data":
      return Buffer.from(text, "base64");
    case "array":
      return children.map(readValue);
    case "dict": {
      const pairs = children.flatMap((key, index) =>
        "key" in key
          ? [[String((key.key as Node[])[0]?.["#text"]), readValue(children[index + 1] as Node)]]
          : [],
      );
      return Object.fromEntries(pairs);
    }
    default:
      throw new Error(`<${kind}> in a property list`);
  }
}

/** Apple's keys of a mail payload and their types (com.apple.mail.managed), those that all profiles share included. */
const mailKeys: Readonly<Record<string, "string" | "number" | "boolean">> = {
  PayloadType: "string",
  PayloadVersion: "number",
  PayloadIdentifier: "string",
  PayloadUUID: "string",
  PayloadDisplayName: "string",
  PayloadOrganization: "string",
  EmailAccountDescription: "string",
  EmailAccountName: "string",
  EmailAccountType: "string",
  EmailAddress: "string",
  IncomingMailServerAuthentication: "string",
  IncomingMailServerHostName: "string",
  IncomingMailServerPortNumber: "number",
  IncomingMailServerUseSSL: "boolean",
  IncomingMailServerUsername: "string",
  OutgoingMailServerAuthentication: "string",
  OutgoingMailServerHostName: "string",
  OutgoingMailServerPortNumber: "number",
  OutgoingMailServerUseSSL: "boolean",
  OutgoingMailServerUsername: "string",
  OutgoingPasswordSameAsIncomingPassword: "boolean",
};

const owner = profileOwner("vaamonde@vaamonde.pti", "Admin SOA");
const payloads = (profile: { [key: string]: Plist }) => profile.PayloadContent as { [key: string]: Plist }[];

test("a mailbox of the course exercise's lab", () => {
  expect(readPlist(renderAppleProfile(labClients, owner))).toMatchInlineSnapshot(`
    {
      "PayloadContent": [
        {
          "EmailAccountDescription": "vaamonde@vaamonde.pti",
          "EmailAccountName": "Admin SOA",
          "EmailAccountType": "EmailTypeIMAP",
          "EmailAddress": "vaamonde@vaamonde.pti",
          "IncomingMailServerAuthentication": "EmailAuthPassword",
          "IncomingMailServerHostName": "imap.vaamonde.pti",
          "IncomingMailServerPortNumber": 993,
          "IncomingMailServerUseSSL": true,
          "IncomingMailServerUsername": "vaamonde@vaamonde.pti",
          "OutgoingMailServerAuthentication": "EmailAuthPassword",
          "OutgoingMailServerHostName": "smtp.vaamonde.pti",
          "OutgoingMailServerPortNumber": 465,
          "OutgoingMailServerUseSSL": true,
          "OutgoingMailServerUsername": "vaamonde@vaamonde.pti",
          "OutgoingPasswordSameAsIncomingPassword": true,
          "PayloadDisplayName": "vaamonde@vaamonde.pti",
          "PayloadIdentifier": "pti.vaamonde.mail.7C18C783-7D46-5023-8493-1212DCE37A79.mail",
          "PayloadOrganization": "vaamonde.pti",
          "PayloadType": "com.apple.mail.managed",
          "PayloadUUID": "4737C2B0-7403-5841-84D8-9DDC1EA0556B",
          "PayloadVersion": 1,
        },
      ],
      "PayloadDescription": "Mail of vaamonde@vaamonde.pti",
      "PayloadDisplayName": "vaamonde@vaamonde.pti",
      "PayloadIdentifier": "pti.vaamonde.mail.7C18C783-7D46-5023-8493-1212DCE37A79",
      "PayloadOrganization": "vaamonde.pti",
      "PayloadRemovalDisallowed": false,
      "PayloadType": "Configuration",
      "PayloadUUID": "7C18C783-7D46-5023-8493-1212DCE37A79",
      "PayloadVersion": 1,
    }
  `);
});

test.each([
  [labClients, "EmailTypeIMAP", 993, 465],
  [movedClients, "EmailTypeIMAP", 2993, 2465],
  [pop3Clients, "EmailTypePOP", 995, 587],
])("Apple's keys, with the ports that are published", (clients, type, incoming, outgoing) => {
  const [mail = {}] = payloads(readPlist(renderAppleProfile(clients, owner)));
  expect(Object.fromEntries(Object.entries(mail).map(([key, value]) => [key, typeof value]))).toEqual(
    mailKeys,
  );
  expect(mail).toMatchObject({
    EmailAccountType: type,
    IncomingMailServerPortNumber: incoming,
    OutgoingMailServerPortNumber: outgoing,
  });
});

test("in a lab, the authority comes first", async () => {
  const pem = await issueAuthorityCertificate("lab authority", lifetime(new Date(), 30), makeKey());
  const [authority = {}, mail = {}] = payloads(readPlist(renderAppleProfile(labClients, owner, pem)));
  expect(authority.PayloadType).toBe("com.apple.security.root");
  expect(new X509Certificate(authority.PayloadContent as Buffer).raw).toEqual(new X509Certificate(pem).raw);
  expect(mail.PayloadType).toBe("com.apple.mail.managed");
});

test("identifiers are the same each time, and everybody's own", () => {
  const identifiers = (address: string) =>
    renderAppleProfile(labClients, profileOwner(address)).match(
      /[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}/g,
    ) ?? [];
  expect(identifiers("ana@vaamonde.pti")).toEqual(identifiers("ana@vaamonde.pti"));
  const other = new Set(identifiers("rui@vaamonde.pti"));
  expect(identifiers("ana@vaamonde.pti").filter((identifier) => other.has(identifier))).toEqual([]);
});

test("what an address holds stays text", () => {
  const address = "a&b<c>'\"@vaamonde.pti";
  const [mail = {}] = payloads(readPlist(renderAppleProfile(labClients, profileOwner(address))));
  expect(mail.EmailAddress).toBe(address);
});

test("UUIDs are version 5 of RFC 9562", () => {
  // Python: uuid.uuid5(uuid.NAMESPACE_URL, "http://www.example.com/")
  expect(stableUuid("http://www.example.com/")).toBe("FCDE3C85-2270-590F-9E7C-EE003D65E0E2");
});
