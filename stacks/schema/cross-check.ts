/** Rules that span several keys. They run also when single keys are wrong, so that all problems show at once. */
import type * as z from "zod";
import { checkAliasTargets } from "./alias-rules.ts";
import { checkAcme, checkCertificates, checkServerKeys } from "./certificate-rules.ts";
import { checkDomain, checkReportAddresses, checkSenders, checkZone } from "./domain-rules.ts";
import {
  checkAddresses,
  checkHostNames,
  checkPorts,
  checkProxyProtocol,
  checkServers,
  checkWebmail,
} from "./server-rules.ts";
import { list, type Partly, type Report, reportRepeated, type Settings, text } from "./written-settings.ts";

export function crossCheck(
  value: unknown,
  context: {
    readonly issues: readonly z.core.$ZodRawIssue[];
    addIssue(issue: z.core.$ZodSuperRefineIssue): void;
  },
): void {
  const settings = wellFormed(value, context.issues) as Partly<Settings>;
  const report: Report = (path, message) => context.addIssue({ code: "custom", path: [...path], message });
  checkAddresses(settings, report);
  checkPorts(settings, report);
  checkProxyProtocol(settings, report);
  checkWebmail(settings ?? {}, report);
  checkServerKeys(settings, report);
  checkCertificates(settings?.certificates, report);
  checkAcme(settings, report);
  checkServers(settings, report);
  const domains = list(settings?.domains);
  const zones = [
    ...domains.map((zone, index) => ({ zone, path: ["domains", index] })),
    ...list(settings?.parkedDomains).map((zone, index) => ({ zone, path: ["parkedDomains", index] })),
  ];
  const names = zones.map(({ zone, path }) => ({ path: [...path, "name"], key: text(zone?.name) }));
  reportRepeated(names, report);
  for (const { zone, path } of zones) checkZone(zone, path, report);
  checkHostNames(
    settings,
    zones.flatMap(({ zone }) => text(zone?.zone ?? zone?.name) ?? []),
    report,
  );
  for (const [index, domain] of domains.entries()) checkDomain(domain, index, settings?.lab === true, report);
  checkAliasTargets(domains, report);
  checkSenders(settings, report);
  checkReportAddresses(settings, report);
}

/** A copy without what is of another form altogether, such as a list in place of a text: that has been reported. */
function wellFormed(value: unknown, issues: readonly z.core.$ZodRawIssue[]): unknown {
  const paths = issues.flatMap(({ code, path = [] }) =>
    code === "invalid_type" || code === "invalid_union" ? [path] : [],
  );
  if (paths.some(({ length }) => length === 0)) return undefined;
  return paths.length === 0 ? value : without(value, paths);
}

function without(value: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  if (paths.some(({ length }) => length === 0)) return undefined;
  if (paths.length === 0 || typeof value !== "object" || value === null) return value;
  const inside = (key: string) => paths.flatMap(([first, ...rest]) => (String(first) === key ? [rest] : []));
  if (Array.isArray(value)) return value.map((each, at) => without(each, inside(String(at))));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, without(each, inside(key))]));
}
