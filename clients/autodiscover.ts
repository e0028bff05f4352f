import type { ClientDescription } from "./description.ts";
import type { ServerSetting } from "./server-setting.ts";
import { escapeXml } from "./xml.ts";

/** The only kind of answer that is given: settings of IMAP, POP3 and SMTP. MAPI and ActiveSync have others. */
export const outlookSchema =
  "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
const responseSchema = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";

/**
 * The answer to an Autodiscover request in plain XML (POX), by which Outlook and eM Client set themselves up.
 *
 * @param loginName - the address that was asked for; without it the client takes what its user has typed.
 * @see https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxdscli
 */
export function renderAutodiscover(
  { incoming, outgoing }: ClientDescription,
  loginName?: string | undefined,
): string {
  // Outlook takes the first of each type, and knows no second choice.
  const servers = [...incoming, ...outgoing].filter(
    ({ protocol }, index, all) => all.findIndex((other) => other.protocol === protocol) === index,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${responseSchema}">
  <Response xmlns="${outlookSchema}">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${servers.map((server) => protocolElement(server, loginName)).join("")}    </Account>
  </Response>
</Autodiscover>
`;
}

function protocolElement(
  { protocol, host, port, security }: ServerSetting,
  loginName: string | undefined,
): string {
  const login = loginName === undefined ? "" : `        <LoginName>${escapeXml(loginName)}</LoginName>\n`;
  // Encryption outweighs SSL where a client knows both (MS-OXDSCLI 2.2.4.1.1.2.6.17).
  return `      <Protocol>
        <Type>${protocol}</Type>
        <Server>${escapeXml(host)}</Server>
        <Port>${port}</Port>
        <DomainRequired>off</DomainRequired>
${login}        <SPA>off</SPA>
        <SSL>on</SSL>
        <Encryption>${security === "TLS" ? "SSL" : "TLS"}</Encryption>
        <AuthRequired>on</AuthRequired>
      </Protocol>
`;
}

/** What an answer without settings says (MS-OXDSCLI 2.2.4.1.1.1). */
export const AutodiscoverError = {
  invalidRequest: { code: 600, message: "Invalid Request" },
  notProvided: { code: 601, message: "Provider is not available" },
} as const;

export function renderAutodiscoverError({
  code,
  message,
}: (typeof AutodiscoverError)[keyof typeof AutodiscoverError]): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="${responseSchema}">
  <Response>
    <Error Time="00:00:00.0000000" Id="0">
      <ErrorCode>${code}</ErrorCode>
      <Message>${message}</Message>
      <DebugData />
    </Error>
  </Response>
</Autodiscover>
`;
}

/** The answer to Autodiscover v2: the place of the plain XML, which is the one protocol that there is. */
export function renderAutodiscoverJson(url: string): string {
  return `${JSON.stringify({ Protocol: "AutodiscoverV1", Url: url })}\n`;
}
