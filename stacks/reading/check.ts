/** A stack's written settings, read and checked as a whole: every key, and what the records would break. */
import type * as z from "zod";
import { type RecordProblem, recordProblems } from "../../records/index.ts";
import { describeKnownRecords } from "../program/zones.ts";
import { type StackSettings, stackSchema } from "../schema/config.ts";
import { type Problem, problemsOf } from "./problems.ts";

export type CheckedSettings =
  | { readonly settings: StackSettings; readonly problems?: undefined }
  | { readonly settings?: undefined; readonly problems: readonly Problem[] };

/** @param written - the keys of a stack file, without the project's name before them. */
export function checkSettings(written: unknown): CheckedSettings {
  const result = stackSchema.safeParse(written, { error: formWanted });
  if (!result.success) return { problems: problemsOf(result.error.issues) };
  // Only settings that are right by themselves: what is wrong with them would be wrong in the records once more.
  const settings = result.data;
  const problems = recordProblems(describeKnownRecords(settings)).map((problem) => locate(problem, settings));
  return problems.length === 0 ? { settings } : { problems };
}

/** What a setting has to look like that does not say it itself. */
function formWanted(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== "invalid_type") return undefined;
  const missing = issue.input === undefined ? "is missing: " : "";
  if (issue.expected === "array")
    return `${missing}write a list: each entry in lines of its own, the first with "- " before it`;
  return issue.expected === "object" || issue.expected === "record"
    ? `${missing}write a section of keys`
    : undefined;
}

/** The setting that each part of a description comes from, or a record by the first word of its role. */
const settingOf: Readonly<Record<string, readonly string[]>> = {
  dkim: ["dkim"],
  dmarc: ["dmarc", "policy"],
  spf: ["spf"],
  tlsReporting: ["tlsReports"],
  certificates: ["certificates"],
  delegations: ["delegations"],
  reportAddresses: ["reports"],
  caa: ["certificates"],
  cname: ["delegations"],
  tls: ["tlsReports"],
  zones: ["zone"],
  web: ["mtaSts"],
  ttl: ["ttl"],
};

function locate({ subject, part, message }: RecordProblem, settings: StackSettings): Problem {
  const { domains, parkedDomains, servers } = settings;
  for (const [list, entries] of Object.entries({ domains, parkedDomains })) {
    const index = entries.findIndex(({ name }) => name === subject);
    const setting = settingOf[part] ?? settingOf[part.split("-")[0] ?? ""] ?? ["name"];
    if (index >= 0) return { path: [list, index, ...setting], message };
  }
  // The last one: where two have one name, it repeats the other's, and the main server's may be a default.
  const index = servers.findLastIndex(({ hostName }) => hostName === subject);
  const place = index < 0 ? [] : ["servers", index];
  return { path: [...place, "hostName"], message: `${subject}: ${message}` };
}
