import { Container } from "@pulumi/docker/container.js";
import * as pulumi from "@pulumi/pulumi";
import { configurationName, containerResource, imageResource } from "../naming/resources.ts";
import { services, type WebService, webServices } from "../records/index.ts";
import { tlsPairFile } from "../servers/mail-server/key-files.ts";
import type { WebmailPlace } from "../servers/web-server/web-server.ts";
import {
  renderProfiles,
  renderWebSite,
  type SiteDomain,
  type WebSite,
} from "../servers/web-server/web-site.ts";
import {
  type ConfigurationFileArgs,
  ConfigurationVolume,
  configurationPath,
} from "./configuration-volume.ts";
import { confined } from "./confinement.ts";
import { dockerName } from "./docker-name.ts";
import { joined } from "./joined-network.ts";
import type { TlsCertificate } from "./lab-certificate.ts";
import { createServerImage } from "./server-image.ts";

/**
 * The host's ports by service, each 1 to 65535. An MTA-STS policy can be asked for on 443 only (RFC 8461 section 3.3).
 *
 * @default the service's own, see `records/service.ts`
 */
export type WebServerPorts = Readonly<Partial<Record<WebService, number | undefined>>>;

export interface WebServerArgs {
  /** What is served for each domain. */
  readonly domains: readonly SiteDomain[];
  /** Its key and certificate, for all of the domains' names. */
  readonly certificate: TlsCertificate;
  /** The authority that clients have to be told to trust, PEM. @default they know it already */
  readonly authorityCertificate?: pulumi.Input<string> | undefined;
  /** The host's address on which it answers. @example "0.0.0.0" */
  readonly address: string;
  readonly ports?: WebServerPorts | undefined;
  /** Where webmail answers under the domains' `webmailHost`. @default nowhere */
  readonly webmail?: WebmailPlace | undefined;
  /** The Docker network that it joins. @default the engine's default bridge */
  readonly network?: pulumi.Input<string> | undefined;
  /** Its fixed address in that network, IPv4. @default the engine's choice */
  readonly networkAddress?: string | undefined;
}

/**
 * A web server (nginx) for what mail clients and other mail servers ask for: settings for Thunderbird, Outlook and
 * Apple's Mail, a set-up page for people, and the MTA-STS policy. It knows domains, and no mailbox.
 *
 * ```ts
 * new WebServer("web-server", {
 *   domains: [
 *     {
 *       clients,
 *       hostNames: ["autoconfig.example.org", "autodiscover.example.org", "mail.example.org"],
 *       pageHost: "mail.example.org",
 *       autodiscoverHost: "autodiscover.example.org",
 *     },
 *   ],
 *   certificate,
 *   address: "0.0.0.0",
 * });
 * ```
 *
 * Creates the image, the configuration volume and the container.
 */
export class WebServer extends pulumi.ComponentResource {
  /** The container's name on the engine. */
  readonly containerName: pulumi.Output<string>;
  /** The id of the configuration that the server is to serve. */
  readonly generation: pulumi.Output<string>;

  constructor(name: string, args: WebServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:index:WebServer", name, { address: args.address }, opts);
    const image = createServerImage("web-server", imageResource(name), { parent: this });
    const configuration = new ConfigurationVolume(
      configurationName(name),
      { image: image.imageId, files: renderFiles(args) },
      { parent: this },
    );
    const container = createContainer(this, name, args, image.imageId, configuration);
    this.containerName = container.name;
    this.generation = configuration.generation;
    this.registerOutputs({ containerName: this.containerName, generation: this.generation });
  }
}

/** The complete generation. Which files there are is plain data; the authority's text may be known later. */
function renderFiles(args: WebServerArgs): ConfigurationFileArgs[] {
  const { authorityCertificate, certificate } = args;
  const site: WebSite = {
    domains: args.domains,
    httpsPort: args.ports?.https ?? services.https.port,
    ownAuthority: authorityCertificate !== undefined,
    webmail: args.webmail,
  };
  const profiles = pulumi.output(authorityCertificate ?? "").apply((pem) => renderProfiles(site, pem));
  const pair = pulumi.secret(
    pulumi.all([certificate.privateKey, certificate.certificate, certificate.chain]),
  );
  return [
    ...renderWebSite(site),
    ...renderProfiles(site, "").map(({ path }, index) => ({
      path,
      content: profiles.apply((files) => files[index]?.content ?? ""),
    })),
    {
      path: "tls/pair.pem",
      content: pair.apply(([key, leaf, chain]) => tlsPairFile(key, leaf, chain).content),
    },
  ];
}

function createContainer(
  parent: pulumi.Resource,
  name: string,
  args: WebServerArgs,
  image: pulumi.Input<string>,
  configuration: ConfigurationVolume,
): Container {
  const published = webServices.map((service) => {
    const internal = services[service].port;
    return { internal, external: args.ports?.[service] ?? internal };
  });
  return new Container(
    containerResource(name),
    {
      name: dockerName(name),
      image,
      hostname: name,
      ports: published.map((port) => ({ ...port, ip: args.address, protocol: "tcp" })),
      ...joined(args.network, args.networkAddress),
      volumes: [{ volumeName: configuration.volumeName, containerPath: configurationPath, readOnly: true }],
      ...confined([]),
      restart: "unless-stopped",
      wait: true,
      waitTimeout: 120,
    },
    { parent, deleteBeforeReplace: true, dependsOn: [configuration] },
  );
}
