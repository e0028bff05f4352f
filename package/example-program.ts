/** One program, of which each component's example is a part, in the languages that most people write. */

/** Another resource of the program, or one of its values. */
class Reference {
  readonly resource: string;
  readonly property: string | undefined;

  constructor(resource: string, property?: string) {
    this.resource = resource;
    this.property = property;
  }
}

/** What a file says. */
class FileText {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }
}

interface ExampleResource {
  /** Of another package where a colon is in it. @example "docker:Volume" */
  readonly component: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Another resource that an example shows before it, by what others call it. */
  readonly with?: string;
}

const hostName = "mail.example.org";
const addresses = { ipv4: "192.0.2.25" };

/** By what other resources call it. */
const resources: Readonly<Record<string, ExampleResource>> = {
  authority: {
    component: "CertificateAuthority",
    name: "authority",
    properties: { commonName: "Example authority" },
  },
  domain: {
    component: "MailDomain",
    name: "example.org",
    properties: {
      domain: "example.org",
      hostName,
      addresses,
      mailboxes: [{ address: "ana@example.org", displayName: "Ana Lima" }],
    },
  },
  certificate: {
    component: "LabCertificate",
    name: "certificate",
    properties: {
      hostNames: [hostName, "imap.example.org", "smtp.example.org"],
      authority: new Reference("authority"),
    },
  },
  ownCertificate: {
    component: "OwnCertificate",
    name: "own-certificate",
    properties: {
      hostNames: [hostName],
      keys: {
        // Not `own`: YAML's check of types would take the key for the property.
        bought: {
          stage: "serving",
          own: {
            privateKey: new FileText("mail.key"),
            certificate: new FileText("mail.pem"),
            chain: new FileText("chain.pem"),
          },
        },
      },
    },
  },
  account: {
    component: "AcmeAccount",
    name: "account",
    properties: { directory: "letsencrypt", agreeToTerms: true, contact: ["hostmaster@example.org"] },
  },
  acmeCertificate: {
    component: "AcmeCertificate",
    name: "acme-certificate",
    properties: { hostNames: [hostName] },
  },
  serverCertificate: {
    component: "ServerCertificate",
    name: "server-certificate",
    properties: {
      hostNames: [hostName],
      caCertificate: new Reference("authority", "certificate"),
      caPrivateKey: new Reference("authority", "privateKey"),
    },
  },
  zoneKey: { component: "DnssecKey", name: "example.org", properties: { zone: "example.org" } },
  server: {
    component: "MailServer",
    name: "mail-server",
    properties: {
      hostName,
      domains: [new Reference("domain")],
      certificate: new Reference("certificate"),
      address: "0.0.0.0",
    },
  },
  dns: {
    component: "DnsZones",
    name: "dns",
    properties: {
      zones: [{ name: "example.org" }],
      servers: [{ hostName, addresses, ttl: 3600 }],
      domains: [new Reference("domain", "recordDescription")],
      nameServerAddress: "192.0.2.25",
    },
  },
  nameServer: {
    component: "LocalDnsServer",
    name: "dns-server",
    properties: { zones: new Reference("dns", "localZones"), address: "192.0.2.25" },
  },
  certificates: { component: "docker:Volume", name: "certificates", properties: {} },
  agent: {
    component: "CertificateAgent",
    name: "certificate-agent",
    properties: {
      orders: [
        { name: "mail-server", hostNames: [hostName], request: new Reference("acmeCertificate", "request") },
      ],
      directory: "letsencrypt",
      accountKey: new Reference("account", "privateKey"),
      certificatesVolume: new Reference("certificates", "name"),
      addresses: ["0.0.0.0"],
      after: [new Reference("nameServer")],
    },
    with: "certificates",
  },
  web: {
    component: "WebServer",
    name: "web-server",
    properties: {
      domains: [
        {
          clients: {
            domain: "example.org",
            incoming: [{ protocol: "IMAP", host: "imap.example.org", port: 993, security: "TLS" }],
            outgoing: [{ protocol: "SMTP", host: "smtp.example.org", port: 465, security: "TLS" }],
          },
          hostNames: ["autoconfig.example.org", "autodiscover.example.org"],
          pageHost: "autoconfig.example.org",
          autodiscoverHost: "autodiscover.example.org",
        },
      ],
      certificate: new Reference("certificate"),
      address: "0.0.0.0",
    },
  },
  webmail: {
    component: "Webmail",
    name: "webmail",
    properties: {
      servers: [
        {
          hostName,
          container: new Reference("server", "containerName"),
          domains: [{ domain: new Reference("domain"), webmailHost: "webmail.example.org" }],
        },
      ],
      network: "mail",
    },
  },
};

/** What only TypeScript reads of a component; elsewhere the component itself stands for it. */
const nativeProperties = ["recordDescription", "localZones"];

type Text = Readonly<Record<"ts" | "yaml" | "python", string>>;

/** The program's parts by component: each by language. */
export const examples: ReadonlyMap<string, Text> = new Map(
  Object.entries(resources).map(([variable, resource]) => [
    resource.component,
    written(resource.with === undefined ? [variable] : [resource.with, variable]),
  ]),
);

/** All of it: each language's program after the lines that name its packages. */
export const wholeProgram: Text = written(Object.keys(resources));

function written(variables: readonly string[]): Text {
  const each = (write: (variable: string, resource: ExampleResource) => string) =>
    variables.map((variable) => write(variable, resources[variable] as ExampleResource)).join("");
  return { ts: each(typeScript), yaml: each(yaml), python: each(python) };
}

function typeScript(variable: string, { component, name, properties }: ExampleResource): string {
  const write = (value: unknown): string => {
    if (value instanceof Reference) {
      return value.property === undefined ? value.resource : `${value.resource}.${value.property}`;
    }
    if (value instanceof FileText) return `readFileSync("${value.file}", "utf8")`;
    if (Array.isArray(value)) return `[${value.map(write).join(", ")}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${write(inner)}`)
      .join(", ")} }`;
  };
  const lines = Object.entries(properties).map(([key, value]) => `  ${key}: ${write(value)},\n`);
  const args = lines.length === 0 ? "" : `, {\n${lines.join("")}}`;
  return `const ${variable} = new ${component.replace(":", ".")}("${name}"${args});\n`;
}

function yaml(variable: string, { component, properties: given }: ExampleResource): string {
  const write = (value: unknown): string => {
    if (value instanceof Reference) return `\${${variableOf(value, ".")}}`;
    if (value instanceof FileText) return `{ fn::readFile: ./${value.file} }`;
    if (Array.isArray(value)) return `[${value.map(writeInList).join(", ")}]`;
    if (typeof value !== "object" || value === null)
      return typeof value === "string" ? yamlText(value) : JSON.stringify(value);
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${writeInList(inner)}`)
      .join(", ")} }`;
  };
  const writeInList = (value: unknown): string =>
    value instanceof Reference ? `"\${${variableOf(value, ".")}}"` : write(value);
  const lines = Object.entries(given).map(([key, value]) => `      ${key}: ${write(value)}\n`);
  const type = component.includes(":") ? component : `maildomain:${component}`;
  const properties = lines.length === 0 ? "" : `    properties:\n${lines.join("")}`;
  return `  ${variable}:\n    type: ${type}\n${properties}`;
}

/** Without quotes where nothing in it has a meaning. */
function yamlText(text: string): string {
  return /^[a-zA-Z][\w.@ -]*$/.test(text) ? text : JSON.stringify(text);
}

function python(variable: string, { component, name, properties }: ExampleResource): string {
  const write = (value: unknown): string => {
    if (value instanceof Reference) return variableOf(value, ".", snakeCase);
    if (value instanceof FileText) return `open("${value.file}").read()`;
    if (Array.isArray(value)) return `[${value.map(write).join(", ")}]`;
    if (typeof value === "boolean") return value ? "True" : "False";
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    return `{${Object.entries(value)
      .map(([key, inner]) => `"${snakeCase(key)}": ${write(inner)}`)
      .join(", ")}}`;
  };
  const lines = Object.entries(properties).map(([key, value]) => `    ${snakeCase(key)}=${write(value)},\n`);
  const type = component.includes(":") ? component.replace(":", ".") : `maildomain.${component}`;
  const args = lines.length === 0 ? `"${name}"` : `\n    "${name}",\n${lines.join("")}`;
  return `${snakeCase(variable)} = ${type}(${args})\n`;
}

function variableOf(
  { resource, property }: Reference,
  separator: string,
  spell = (text: string) => text,
): string {
  const names =
    property === undefined || nativeProperties.includes(property) ? [resource] : [resource, property];
  return names.map(spell).join(separator);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
