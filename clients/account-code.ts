import { bestServer } from "./choice.ts";
import type { ClientDescription, ClientOwner } from "./description.ts";
import type { ServerSetting } from "./server-setting.ts";

const formatVersion = 1;
const protocols = { IMAP: 0, SMTP: 0 } as const;
const securities: Readonly<Record<ServerSetting["security"], number>> = { STARTTLS: 2, TLS: 3 };
/** The plain password, inside TLS. */
const passwordCleartext = 1;

/**
 * The text of the QR code by which Thunderbird for Android takes over an account, without its password.
 *
 * @see the format "Export for Mobile", version 1 (2025-02-06), in Thunderbird for Android's documentation
 */
export function renderAccountCode(description: ClientDescription, { address, name }: ClientOwner): string {
  const server = (protocol: keyof typeof protocols) => {
    const { host, port, security } = bestServer(description, protocol);
    return [protocols[protocol], host, port, securities[security], passwordCleartext, address];
  };
  const onlyCode = [1, 1];
  return JSON.stringify([formatVersion, onlyCode, server("IMAP"), [[server("SMTP"), [address, name]]]]);
}
