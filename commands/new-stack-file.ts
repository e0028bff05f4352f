/** A stack file to begin with: as little as works, with the settings that people ask for next as comments. */
import { domainToUnicode } from "node:url";
import { legacyServices, type ServiceName, serviceNames, services } from "../records/index.ts";

export interface NewStack {
  /** The stack's name. */
  readonly name: string;
  readonly domain: string;
  /** A file of mailboxes, relative to `stacks/`; without one the stack begins with one mailbox. */
  readonly directory?: string | undefined;
}

/** The ports of a lab that differ from the standard ones. */
export type MovedPorts = Readonly<Partial<Record<ServiceName, number>>>;

/**
 * How far the ports of a stack may be moved, all together, so that people recognise them: 993, 10993, 20993. Those that are
 * recognised best come first. No port is in two of these sets, and none is beyond the last one that exists.
 */
export const portOffsets: readonly number[] = Array.from({ length: 60 }, (_, at) => at * 1000).toSorted(
  (a, b) => Number(b % 10_000 === 0) - Number(a % 10_000 === 0),
);

export function movedPorts(offset: number): MovedPorts {
  if (offset === 0) return {};
  const opened = serviceNames.filter((name) => !legacyServices.some((closed) => closed === name));
  return Object.fromEntries(opened.map((name) => [name, services[name].port + offset]));
}

/** A lab on this machine. */
export function labFile(stack: NewStack, ports: MovedPorts): string {
  const moved = Object.entries(ports).map(([service, port]) => `    ${service}: ${port}`);
  return `# A lab on this machine. docs/config.md has every setting.
config:
  # Weak passwords are allowed, and \`npm run down\` removes the mail as well.
  maildomain:lab: true
${
  moved.length === 0
    ? ""
    : `  # The standard ones are in use on this machine.
  maildomain:ports:
${moved.join("\n")}
`
}  maildomain:domains:
    - name: ${JSON.stringify(stack.domain)}${asPeopleReadIt(stack.domain)}
${mailboxesOf(stack)}
      # aliases:
      #   - { name: sales, to: [ana@${stack.domain}] }
`;
}

/** Placeholders of what only the owner of the domain knows: an address of the documentation (RFC 5737), no zone's id. */
const unknown = { address: "192.0.2.25", zone: "0".repeat(32) };

/** A domain whose records Cloudflare publishes. */
export function cloudflareFile(stack: NewStack): string {
  const { name, domain } = stack;
  return `# The mail of ${domain}, with its DNS at Cloudflare. docs/config.md has every setting.
config:
  # An API token with one right, Zone → DNS → Edit, for this zone alone.
  cloudflare:apiToken:
    secure: "placeholder: npx pulumi config set --secret cloudflare:apiToken --stack ${name}"

  # Where the containers run; without this on this machine.
  # maildomain:dockerHost: ssh://root@mail.${domain}
  maildomain:address: 0.0.0.0
  # The address under which the world reaches that host. Ask its provider to give it the name mail.${domain} backwards.
  maildomain:publicAddresses: { ipv4: ${unknown.address} }

  # An authority of the stack's own, which phones and Outlook refuse. For certificates of Let's Encrypt, read its terms
  # (https://letsencrypt.org/repository/), open port 80 of the host, and write: { acme: { agreeToTerms: true } }
  maildomain:certificates: { issuer: private }

  maildomain:domains:
    - name: ${JSON.stringify(domain)}${asPeopleReadIt(domain)}
      dns: cloudflare
      # On the zone's overview page in Cloudflare's dashboard.
      cloudflareZone: "${unknown.zone}"
${mailboxesOf(stack)}
      # Who else sends in the domain's name:
      # spf: { includes: [_spf.newsletter.example] }
`;
}

/** An internationalized name stands in the file as the DNS has it. */
function asPeopleReadIt(domain: string): string {
  const unicode = domainToUnicode(domain);
  return unicode === "" || unicode === domain ? "" : ` # ${unicode}`;
}

function mailboxesOf({ name, domain, directory }: NewStack): string {
  if (directory !== undefined) {
    return `      # One mailbox per line: docs/mailboxes.md.
      directory: ${JSON.stringify(directory)}`;
  }
  return `      mailboxes:
        # Its password is generated: npm run password -- ana@${domain} --stack ${name}
        - { name: ana, displayName: Ana }`;
}

/** What people do next, in their order. */
export function nextSteps({ name, domain }: NewStack, file: string, isCloudflare: boolean): string {
  const on = `-- --stack ${name}`;
  const steps = isCloudflare
    ? [
        `Write the host's address and the zone's id into ${file}`,
        `eval "$(npm run --silent env)" && npx pulumi stack init ${name}`,
        `npx pulumi config set --secret cloudflare:apiToken --stack ${name}`,
        `npm run adopt ${on}      (what ${domain} has already)`,
        `npm run preview ${on}`,
        `npm run up ${on}`,
      ]
    : [`npm run preview ${on}`, `npm run up ${on}`];
  return ["Next:", ...steps.map((step, index) => `  ${index + 1}. ${step}`), ""].join("\n");
}
