import type { ClientDescription } from "./description.ts";
import type { ServerSetting } from "./server-setting.ts";
import { stableUuid } from "./stable-uuid.ts";
import { escapeXml } from "./xml.ts";

/** Whose profile it is. The identifiers follow from the address: a newer profile replaces the older one. */
export interface ProfileOwner {
  readonly address: string;
  /** The person's name, as others see it; not where a stranger asks. @default the address */
  readonly name?: string | undefined;
  /** One UUID per payload. */
  readonly uuid: (payload: ProfilePayload) => string;
}

export type ProfilePayload = "profile" | "mail" | "authority";

export function profileOwner(address: string, name?: string): ProfileOwner {
  return { address, name, uuid: (payload) => stableUuid(`mailto:${address}#${payload}`) };
}

type Value = string | number | boolean | Uint8Array | readonly Value[] | { readonly [key: string]: Value };

/**
 * A configuration profile that sets up one mailbox in Apple's Mail.
 *
 * @param authorityPem - the authority that the device is to trust, PEM; none where it knows it already.
 * @see https://developer.apple.com/documentation/devicemanagement/mail
 */
export function renderAppleProfile(
  description: ClientDescription,
  owner: ProfileOwner,
  authorityPem?: string | undefined,
): string {
  const { domain } = description;
  const label = domain.split(".").toReversed().join(".");
  const payload = (kind: ProfilePayload, type: string, name: string): Record<string, Value> => ({
    PayloadType: type,
    PayloadVersion: 1,
    PayloadIdentifier: `${label}.mail.${owner.uuid("profile")}${kind === "profile" ? "" : `.${kind}`}`,
    PayloadUUID: owner.uuid(kind),
    PayloadDisplayName: name,
    PayloadOrganization: domain,
  });
  const authority =
    authorityPem === undefined
      ? []
      : [
          {
            ...payload("authority", "com.apple.security.root", `${domain} certificate authority`),
            PayloadCertificateFileName: `${domain}.crt`,
            PayloadContent: derOf(authorityPem),
          },
        ];
  const account = {
    ...payload("mail", "com.apple.mail.managed", owner.address),
    ...mail(description, owner),
  };
  return plist({
    ...payload("profile", "Configuration", `${owner.address}`),
    PayloadDescription: `Mail of ${owner.address}`,
    PayloadRemovalDisallowed: false,
    PayloadContent: [...authority, account],
  });
}

function mail(
  { incoming, outgoing }: ClientDescription,
  { address, name = address }: ProfileOwner,
): Record<string, Value> {
  // Apple's Mail negotiates STARTTLS and TLS alike under "SSL", by the port.
  const [receiving] = incoming;
  const [sending] = outgoing;
  if (receiving === undefined || sending === undefined) {
    throw new RangeError("an account needs one service to receive by and one to send by");
  }
  return {
    EmailAccountDescription: address,
    EmailAccountName: name,
    EmailAccountType: receiving.protocol === "IMAP" ? "EmailTypeIMAP" : "EmailTypePOP",
    EmailAddress: address,
    ...server("Incoming", receiving, address),
    ...server("Outgoing", sending, address),
    OutgoingPasswordSameAsIncomingPassword: true,
  };
}

function server(
  way: "Incoming" | "Outgoing",
  { host, port }: ServerSetting,
  address: string,
): Record<string, Value> {
  return {
    [`${way}MailServerAuthentication`]: "EmailAuthPassword",
    [`${way}MailServerHostName`]: host,
    [`${way}MailServerPortNumber`]: port,
    [`${way}MailServerUseSSL`]: true,
    [`${way}MailServerUsername`]: address,
  };
}

function derOf(pem: string): Uint8Array {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
}

function plist(root: Value): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${element(root, "")}</plist>
`;
}

function element(value: Value, indent: string): string {
  const inner = `${indent}  `;
  if (typeof value === "string") return `${indent}<string>${escapeXml(value)}</string>\n`;
  if (typeof value === "number") return `${indent}<integer>${value}</integer>\n`;
  if (typeof value === "boolean") return `${indent}<${value}/>\n`;
  if (value instanceof Uint8Array) return `${indent}<data>${Buffer.from(value).toString("base64")}</data>\n`;
  if (isList(value)) {
    return `${indent}<array>\n${value.map((item) => element(item, inner)).join("")}${indent}</array>\n`;
  }
  const entries = Object.entries(value).map(
    ([key, item]) => `${inner}<key>${escapeXml(key)}</key>\n${element(item, inner)}`,
  );
  return `${indent}<dict>\n${entries.join("")}${indent}</dict>\n`;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
