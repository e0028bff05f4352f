/** What the API answers when it refuses, one entry in `errors` a problem. */
export interface ApiProblem {
  readonly code: number;
  readonly message: string;
  readonly error_chain?: readonly ApiProblem[];
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly problems: readonly ApiProblem[];

  constructor(status: number, ...problems: readonly ApiProblem[]) {
    super(problems.map(({ code, message }) => `${code} ${message}`).join("; "));
    this.status = status;
    this.problems = problems;
  }
}

const sameName =
  "For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.";

/**
 * Codes and wording as users of the API have reported them: Cloudflare publishes no list. Where several wordings
 * are known, it is the newest. The reports:
 *
 * - 6003, 6111: jeessy2/ddns-go#1296; 1000: sendmebits/ghostmail-ios#2; 9109: octodns/octodns-cloudflare#60;
 *   10000: cloudflare/terraform-provider-cloudflare#913
 * - 7003: timothymiller/cloudflare-ddns#152, with status 400 in cloudflare/cf-terraforming#254; 1001:
 *   cloudflare/terraform-provider-cloudflare#192
 * - 81044, 81053 to 81058: joshuaavalon/SynologyCloudflareDDNS#29, favonia/cloudflare-ddns#990, jeessy2/ddns-go#1378
 * - 9005: yulewang/cloudflare-api-v4-ddns#16; 9009 and 9100: pulumi/pulumi-cloudflare#1107; 9021:
 *   openwrt/packages#11083, with the bounds of the API's reference; 9313: STRRL/cloudflare-tunnel-ingress-controller#168
 *
 * The numbers of the others are taken from clients' tables and tests, without a report of a real answer: rely on
 * their being errors with status 400, on no more. That of `readOnly` is made up: the dashboard's refusal alone is known
 * (DNSControl/dnscontrol#3850).
 */
export const problems = {
  malformedToken: {
    code: 6003,
    message: "Invalid request headers",
    error_chain: [{ code: 6111, message: "Invalid format for Authorization header" }],
  },
  unknownTokenAtVerification: { code: 1000, message: "Invalid API Token" },
  unknownToken: { code: 9109, message: "Invalid access token" },
  notAllowed: { code: 9109, message: "Unauthorized to access requested resource" },
  noDnsRight: { code: 10_000, message: "Authentication error" },
  noSuchZone: { code: 1001, message: "Invalid zone identifier" },
  unreadableBody: { code: 9207, message: "Request body is invalid." },
  noSuchRecord: { code: 81_044, message: "Record does not exist." },
  besideAddress: {
    code: 81_053,
    message: `An A, AAAA, or CNAME record with that host already exists. ${sameName}`,
  },
  besideAlias: { code: 81_054, message: `A CNAME record with that host already exists. ${sameName}` },
  besideDelegation: { code: 81_056, message: `NS records with that host already exist. ${sameName}` },
  readOnly: { code: 1043, message: "This record is managed by Cloudflare and cannot be changed." },
  identical: { code: 81_058, message: "An identical record already exists." },
  name: { code: 9000, message: "DNS name is invalid." },
  type: { code: 9001, message: "DNS record type is invalid." },
  notProxiable: { code: 9004, message: "This record type cannot be proxied." },
  ipv4: { code: 9005, message: "Content for A record must be a valid IPv4 address." },
  ipv6: { code: 9006, message: "Content for AAAA record must be a valid IPv6 address." },
  alias: { code: 9007, message: "Content for CNAME record is invalid." },
  exchange: {
    code: 9009,
    message:
      "Change the content of your MX record to be a hostname (and not an IP address). For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/how-to/email-records/#add-mx-records>.",
  },
  ttl: { code: 9021, message: "TTL must be between 60 and 86400 seconds, or 1 for Automatic." },
  noContent: { code: 9020, message: "DNS record content is required." },
  noPriority: { code: 9100, message: "priority is a required field." },
  comment: { code: 9313, message: "DNS record comment exceeds the maximum length of 100 characters." },
} as const satisfies Readonly<Record<string, ApiProblem>>;

export function noRoute(path: string): ApiProblem {
  return { code: 7003, message: `Could not route to ${path}, perhaps your object identifier is invalid?` };
}

/** libdns/cloudflare 0.2.2 ran into this one: a weight of 0 that it left out. */
export function noDataField(field: string): ApiProblem {
  return { code: 9101, message: `${field} is a required data field.` };
}
