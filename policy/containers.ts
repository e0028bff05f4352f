import type { ResourceValidationPolicy } from "@pulumi/policy";
import {
  isLegacy,
  protocolNames,
  proxiedServiceAt,
  serviceAt,
  services,
  type Transport,
} from "../records/index.ts";
import { known } from "./known.ts";
import { isLab } from "./stack-settings.ts";

const CONTAINER = "docker:index/container:Container";
const IMAGE = "docker:index/remoteImage:RemoteImage";

interface PublishedPort {
  readonly internal: number;
  readonly external?: number;
  readonly protocol?: Transport;
}

/** On the ports of POP3 and IMAP people who forget TLS send their password in the clear: they are for teaching. */
export const plainTextPorts: ResourceValidationPolicy = {
  name: "no-plain-text-port",
  description: "Ports whose protocol begins without TLS are opened in a lab only (RFC 8314 section 3).",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type !== CONTAINER || isLab()) return;
    for (const { internal, external, protocol } of (props.ports ?? []) as PublishedPort[]) {
      const service = serviceAt(internal, protocol) ?? proxiedServiceAt(internal);
      if (service === undefined || !isLegacy(service)) continue;
      const name = protocolNames[services[service].protocol];
      report(`${name} is open on ${external ?? internal}: set maildomain:legacyPorts to false`);
    }
  },
};

/** Whoever may inspect a container reads its environment, and so does every process in it. */
export const noSecretInEnvironment: ResourceValidationPolicy = {
  name: "no-secret-in-environment",
  description: "Secrets reach a container as files of its configuration volume, never by its environment.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type !== CONTAINER) return;
    const entries = (props.envs ?? []) as readonly unknown[];
    for (const index of entries.keys()) {
      const entry = known(() => entries[index]) ?? "";
      const [name = "", value = ""] = String(entry).split(/=(.*)/s);
      // Only the name: a value has no place in the report of a violation.
      if (/pass|secret|token|credential|private|api_?key/i.test(name) || value.includes("PRIVATE KEY-----"))
        report(`${name} is in the environment: put it into a file of the configuration volume`);
    }
  },
};

/** What is pulled must be what was tested. */
export const fixedImages: ResourceValidationPolicy = {
  name: "fixed-images",
  description: "Outside a lab an image is built here, or named by its digest.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (isLab()) return;
    if (type === IMAGE && props.build === undefined && !isFixed(props.name))
      report(`${props.name} may be another image tomorrow: name it with its digest, …@sha256:…`);
    const image = type === CONTAINER ? known(() => props.image) : undefined;
    if (!isFixed(image)) report(`${image} may be another image tomorrow: use the image's id or its digest`);
  },
};

/** In a preview the id of an image that is yet to be built is unknown. */
function isFixed(image: unknown): boolean {
  return typeof image !== "string" || image === "" || /(?:^|@)sha256:[0-9a-f]{64}$/.test(image);
}
