/** Servers: where they are reached, the web server and its brand, and what is given to their containers. */
import * as z from "zod";
import { LARGEST_LOGO } from "../../clients/brand.ts";
import {
  balancerNetwork,
  balancerNetworkProblem,
  byService,
  mailServices,
  type ServiceName,
  serviceNames,
  services,
  serviceTitle,
} from "../../records/index.ts";
import { defaultLimits } from "../../servers/container-limits.ts";
import { defaultLogs } from "../../servers/container-logs.ts";
import { releasedBuild } from "../../servers/image-build.ts";
import { DEFAULT_LOGIN_LIMITS } from "../../servers/mail-server/login-limits.ts";
import { serverKeys } from "./certificates.ts";
import {
  day,
  domainName,
  formatSize,
  furtherServerName,
  ipAddress,
  ipv4Address,
  ipv6Address,
  port,
  refuse,
  section,
  size,
  text,
  wholeNumber,
} from "./fields.ts";

const brand = section({
  name: text("the name of a company or school")
    .min(1, { error: "write a name, or leave this out" })
    .max(60, { error: "write at most 60 characters" })
    .optional()
    .meta({
      description: "Whose mail it is, in place of the domain's own name: at most 60 characters.",
      example: "Padaria do Bairro",
    }),
  color: text('a color in quotes, such as "#8a1c1c"')
    .regex(/^#[0-9a-f]{6}$/i, { error: 'write six hexadecimal digits in quotes, such as "#8a1c1c"' })
    .optional()
    .meta({
      description:
        "The color of the band at the top and of buttons. Text on it is black or white, as reads best.",
      example: "#8a1c1c",
    }),
  logo: text("a file such as brand/logo.svg")
    .regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*\.(svg|png|jpe?g|webp)$/, {
      error:
        "write a file beside the stack file that ends in .svg, .png, .jpg or .webp, such as brand/logo.svg",
    })
    .optional()
    .meta({
      description: `A picture in \`stacks/\`: at most ${LARGEST_LOGO} bytes, which every page carries.`,
      example: "brand/logo.svg",
    }),
});

export const web = section({
  enabled: z
    .boolean({ error: "write true or false" })
    .optional()
    .meta({
      description:
        "Whether there is a web server: settings for mail clients, a set-up page, the MTA-STS policy. The same as " +
        "`lab` by default.",
      example: true,
    }),
  bareNames: z
    .boolean({ error: "write true or false" })
    .optional()
    .meta({
      description:
        "Whether the domains' own names lead to it as well, where no other web site has them. The same as `lab` by " +
        "default.",
      example: false,
    }),
  webmail: z.boolean({ error: "write true or false" }).optional().meta({
    description:
      "Whether there is webmail (Roundcube) behind it, at `webmail.` and each domain. The same as `lab` by default.",
    example: true,
  }),
  hsts: z
    .boolean({ error: "write true or false" })
    .default(true)
    .meta({
      description:
        "Whether browsers are to insist on HTTPS for a year (`Strict-Transport-Security`, RFC 6797). It is sent with a " +
        "certificate that public roots trust alone, and on port 443.",
      example: false,
    }),
  brand: brand.prefault({}).meta({ description: "How the set-up page and its error pages look." }),
});

/** The host's port of each service. */
const portsOf = <Name extends ServiceName>(names: readonly Name[]) =>
  section(
    byService(names, (name) => {
      const { description, port: usual, alternative: example } = services[name];
      return port.default(usual).meta({ description, example });
    }),
  );
export const ports = portsOf(serviceNames);
const mailPorts = portsOf(mailServices);

/** One entry for each of several addresses of the host. */
const addressesOf = <Name extends ServiceName>(names: readonly Name[], inheritance: string) =>
  z
    .array(
      section({
        address: ipAddress.meta({
          description: "As for `address`: one, `0.0.0.0`, or `::`. Each stands in one entry.",
          example: "192.0.2.25",
        }),
        services: z
          .array(z.enum(names, { error: `write services, of ${names.join(", ")}` }), {
            error: `write a list of services, such as [${names.slice(0, 2).join(", ")}]`,
          })
          .min(1, { error: "write at least one service, or leave this out for all of them" })
          .optional()
          .meta({
            description:
              "What is opened there, all services by default. A service may be in several entries, and each that is open " +
              "is in one at least; one that is off may be named.",
            example: ["submissions", "imaps"],
          }),
      }),
    )
    .min(1, { error: "write at least one address, or leave this out" })
    .optional()
    .meta({
      description:
        "In place of `address`, where ports are opened at several addresses of the Docker host: see addresses.md. It " +
        `needs \`publicAddresses\`. ${inheritance}`,
    });
export const addresses = addressesOf(
  serviceNames,
  "The web server and the name server have theirs here, too.",
);
const mailAddresses = addressesOf(
  mailServices,
  "Challenges of an authority are answered where `smtp` is opened.",
);

export const proxyProtocol = section({
  from: z
    .array(
      text("a network such as 10.0.0.0/24").check(refuse(balancerNetworkProblem)).transform(balancerNetwork),
      { error: "write a list of networks, such as [10.0.0.0/24]" },
    )
    .min(1, { error: "write at least one network of load balancers" })
    .meta({
      description:
        "The networks and addresses of the load balancers, which are believed: /8 or narrower, with IPv6 /16.",
      example: ["10.0.0.0/24"],
    }),
  address: ipAddress.optional().meta({
    description:
      "The address of the Docker host on which these ports are opened; where each service is by default.",
    example: "10.0.0.5",
  }),
  ports: section(
    byService(mailServices, (name) =>
      port.optional().meta({
        description: `For ${serviceTitle(name)}; closed by default.`,
        example: services[name].port + 10_000,
      }),
    ),
  ).meta({
    description: "The host's ports that balancers connect to, at least one, beside the ordinary ones.",
  }),
})
  .optional()
  .meta({
    description:
      "Ports for load balancers that say who their clients are (PROXY protocol, version 1 or 2): see addresses.md.",
  });

/** The addresses under which a server is reached. */
export const publicAddresses = section({
  ipv4: ipv4Address.optional().meta({ description: "What the A records say.", example: "192.0.2.25" }),
  ipv6: ipv6Address.optional().meta({ description: "What the AAAA records say.", example: "2001:db8::25" }),
});

export const server = section({
  name: furtherServerName("the server's name in this stack, such as partner")
    .optional()
    .meta({
      description:
        "What the stack knows it by: its volumes, containers and resources are named so. It stays when `hostName` " +
        "changes; `hostName` by default. A server that has run without it is named by its host name of then.",
      example: "partner",
    }),
  hostName: domainName("the server's name").meta({
    description: "Its own name, to which the MX records of its domains point.",
    example: "mx2.example.net",
  }),
  domains: z
    .array(domainName("a domain of this stack"))
    .min(1, { error: "write at least one of the stack's domains" })
    .meta({ description: "Domains this server hosts.", example: ["example.net"] }),
  address: ipAddress.optional().meta({
    description: "The address of the Docker host on which its ports are opened; `address` by default.",
    example: "192.0.2.26",
  }),
  addresses: mailAddresses,
  proxyProtocol,
  publicAddresses: publicAddresses
    .optional()
    .meta({ description: "The addresses under which it is reached; those of its `address` by default." }),
  ports: mailPorts
    .prefault({})
    .meta({ description: "The ports that are opened; each different from others' on the same address." }),
  serverKeys,
});

export const backups = section({
  maxAge: wholeNumber(1, 8760)
    .optional()
    .meta({
      description:
        "How many hours old the last backup of the mail may be before `verify` reports a failure: 1 to 8760. " +
        "Without it `verify` says that nothing here watches the backups.",
      example: 26,
    }),
});

export const deliverability = section({
  tryDomains: z
    .array(domainName("a domain that others have mail at"))
    .optional()
    .meta({
      description:
        "Domains whose mail servers are greeted on port 25, to see whether it is open outwards; nothing is sent. " +
        "gmail.com and outlook.com by default, `[]` for none; none in a lab.",
      example: ["gmail.com"],
    }),
  blockLists: z
    .array(domainName("the zone of a block list"))
    .optional()
    .meta({
      description:
        "Block lists that are asked for the server's public addresses (RFC 5782): zen.spamhaus.org, bl.spamcop.net and " +
        "psbl.surriel.com by default, `[]` for none; none in a lab.",
      example: ["zen.spamhaus.org"],
    }),
});

export const logs = section({
  driver: text("a logging driver such as local")
    .regex(/^[a-z0-9][a-z0-9/._:-]*$/, {
      error: "write the name of a logging driver, such as local or journald",
    })
    .default(defaultLogs.driver)
    .meta({ description: "The engine's logging driver.", example: "journald" }),
  options: z
    .record(
      text("an option such as max-size").regex(/^[a-z0-9][a-z0-9._-]*$/i, {
        error: "write the name of an option, such as max-size",
      }),
      text("the option's value, in quotation marks"),
      { error: 'write options of the driver, such as max-size: "50m"' },
    )
    .optional()
    .meta({
      description:
        "The driver's own options. By default those of `local` are 5 files of 20 MB for each container, and another " +
        "driver has none.",
      example: { "max-size": "50m", "max-file": "3" },
    }),
});

const loginLimit = wholeNumber(4, 10_000);

export const loginLimits = section({
  perLogin: loginLimit.default(DEFAULT_LOGIN_LIMITS.perLogin).meta({
    description: "For one login, from all addresses: 4 to 10000.",
    example: 60,
  }),
  perAddress: loginLimit.default(DEFAULT_LOGIN_LIMITS.perAddress).meta({
    description: "From one address (IPv6: a /64), at all logins: 4 to 10000.",
    example: 200,
  }),
});

export const images = section({
  packages: day.prefault(releasedBuild.packages).meta({
    description:
      "The day as of which the images have Debian's packages: a later one builds them with today's, and replaces the " +
      "containers. `npm run updates` says when that is worth it.",
    example: "2027-01-31",
  }),
  base: text("an image such as debian:trixie-slim")
    .regex(/^[a-z0-9][a-z0-9._/:@-]{0,254}$/, { error: "write an image such as debian:trixie-slim" })
    .default(releasedBuild.base)
    .meta({
      description: "The image that they are built on, Debian 13; one of your own may name another archive.",
      example: "registry.example.org/debian:trixie-slim",
    }),
});

/** What one kind of container may use. */
function limitsOf(kind: keyof typeof defaultLimits) {
  const { memoryBytes, cpus } = defaultLimits[kind];
  return section({
    memory: size(64 * 2 ** 20, 2 ** 42)
      .prefault(formatSize(memoryBytes))
      .meta({
        description: "Memory, 64 MiB to 4 TiB. Beyond it the kernel ends a process.",
        example: "2 GiB",
      }),
    cpus: wholeNumber(1, 256).default(cpus).meta({
      description: "Of how many processors it may use the time: 1 to 256.",
      example: 4,
    }),
  }).transform(({ memory, cpus }) => ({ memoryBytes: memory, cpus }));
}

export const limits = section({
  mailServer: limitsOf("mailServer").prefault({}).meta({ description: "Each mail server." }),
  dnsServer: limitsOf("dnsServer").prefault({}).meta({ description: "Each DNS server." }),
  webServer: limitsOf("webServer").prefault({}).meta({ description: "The web server." }),
  webmail: limitsOf("webmail").prefault({}).meta({ description: "Webmail." }),
  certificateAgent: limitsOf("certificateAgent")
    .prefault({})
    .meta({ description: "The agent that renews certificates by ACME." }),
});
