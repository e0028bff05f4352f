import { balancerNetwork } from "../../records/proxy-protocol.ts";
import { proxiedPort, services } from "../../records/service.ts";
import type { ConfigurationFile } from "../generation/configuration-file.ts";
import type { ProxiedServices } from "./description.ts";

/** How many connections one of Postfix' services has at a time; the image's `smtp-front` hands them on to it. */
interface Places {
  /** Of clients that have not logged in. The one that says least gives way to a new one. */
  readonly strangers: number;
  /** Beside these, of clients that have logged in. */
  readonly users: number;
}

/** By the name of Postfix' socket. */
export const smtpPlaces = {
  smtpd: { strangers: 100, users: 0 },
  submission: { strangers: 40, users: 60 },
  submissions: { strangers: 40, users: 60 },
} as const satisfies Readonly<Record<string, Places>>;

/** By service, the name of Postfix' socket. */
const sockets = { smtp: "smtpd", submission: "submission", submissions: "submissions" } as const;

/**
 * Which port leads to which service, and how it greets; the greeting is Postfix' own. Balancers' ports are further ones of
 * the same service, with the same places.
 */
export function renderSmtpFront(greeting: string, proxied?: ProxiedServices): ConfigurationFile {
  const names = Object.keys(sockets) as (keyof typeof sockets)[];
  const line = (name: keyof typeof sockets, port: number) => {
    const { strangers, users } = smtpPlaces[sockets[name]];
    const greets = services[name].tls === "implicit" ? "tls" : greeting;
    return `${port} ${sockets[name]} ${strangers} ${users} ${greets}\n`;
  };
  const behind = names.filter((name) => proxied?.services.includes(name));
  const networks = behind.length === 0 ? [] : (proxied?.from ?? []);
  return {
    path: "postfix/front",
    content: [
      ...names.map((name) => line(name, services[name].port)),
      ...networks.map((network) => `from ${balancerNetwork(network)}\n`),
      ...behind.map((name) => `proxied ${line(name, proxiedPort(name))}`),
    ].join(""),
  };
}

/** What a service of Postfix' is given as the most processes. */
export function processesFor(service: keyof typeof smtpPlaces): number {
  return smtpPlaces[service].strangers + smtpPlaces[service].users;
}
