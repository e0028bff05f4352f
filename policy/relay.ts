import type { ResourceValidationPolicy } from "@pulumi/policy";
import type { ConfigurationFile } from "../servers/generation/configuration-file.ts";
import { parseGeneration } from "../servers/generation/generation.ts";
import { known } from "./known.ts";

/** A file that Pulumi's Docker provider puts into a container. */
interface Upload {
  readonly file?: unknown;
  readonly content?: unknown;
  readonly contentBase64?: unknown;
}

/** Postfix relays for nobody but those who have logged in. */
export const noOpenRelay: ResourceValidationPolicy = {
  name: "no-open-relay",
  description: "Postfix must not relay for strangers (RFC 5321 section 7.1; RFC 2505).",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    for (const { path, content } of carriedFiles(type, props)) {
      if (!/(?:^|\/)postfix\/main\.cf$/.test(path)) continue;
      for (const problem of relayProblems(content)) report(`${path}: ${problem}`);
    }
  },
};

type CarriedFile = Pick<ConfigurationFile, "path" | "content">;

/** What a resource brings to a server: this program's generations, and files of anybody's containers. */
function carriedFiles(type: string, props: Readonly<Record<string, unknown>>): CarriedFile[] {
  if (type === "docker:index/container:Container")
    return ((props.uploads ?? []) as Upload[]).flatMap(uploadedFile);
  if (type !== "maildomain:index:ServedGeneration") return [];
  const plain = known(() => props.plain);
  return typeof plain === "string" ? parseGeneration(Buffer.from(plain, "base64")) : [];
}

function uploadedFile(upload: Upload): CarriedFile[] {
  const [path, content, encoded] = [
    known(() => upload.file),
    known(() => upload.content),
    known(() => upload.contentBase64),
  ];
  if (typeof path !== "string") return [];
  if (typeof encoded === "string") return [{ path, content: Buffer.from(encoded, "base64").toString() }];
  return typeof content === "string" ? [{ path, content }] : [];
}

/** What a main.cf lets strangers do. */
export function relayProblems(mainCf: string): string[] {
  const settings = parseMainCf(mainCf);
  const relay = (settings.get("smtpd_relay_restrictions") ?? "")
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const stop = relay.findIndex((word) =>
    /^(?:reject_unauth_destination|defer_unauth_destination|reject|defer)$/.test(word),
  );
  const open = relay.findIndex((word) => /^permit(?:_all)?$/.test(word));
  const networks = (settings.get("mynetworks") ?? "").split(/[\s,]+/).filter((word) => word !== "");
  const strangers = networks.filter((network) => !/^(?:127\.|\[::1\])/.test(network));
  return [
    ...(stop === -1 || (open !== -1 && open < stop)
      ? ["smtpd_relay_restrictions lets strangers relay: end it with reject_unauth_destination"]
      : []),
    ...(relay.includes("permit_mynetworks") && strangers.length > 0
      ? [`mynetworks lets ${strangers.join(", ")} relay: leave them out, and let people log in`]
      : []),
  ];
}

/** Logical lines (postconf(5)): a line that begins with white space continues the one before, and the last setting of a name counts. */
function parseMainCf(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const logical = lines.join("\n").replaceAll(/\n\s+/g, " ").split("\n");
  return new Map(
    logical.map((line): [string, string] => {
      const at = line.indexOf("=");
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
