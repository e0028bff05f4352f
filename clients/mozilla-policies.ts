/**
 * The policies of Firefox and Thunderbird: they make a database of authorities with each new profile, to which nothing else
 * can add one beforehand. Pure: `commands/mozilla-policy-files.ts` reads and writes them.
 *
 * @see https://mozilla.github.io/policy-templates/#certificates--install
 */
import { authorityName } from "./authority-stores.ts";

/** Where one of Mozilla's programs finds its policies, which hold for all profiles, also those to come. */
export interface MozillaProgram {
  readonly programs: readonly string[];
  readonly policyFolder: string;
  /** Folders of which a `policies.json` is read only where the policy folder has none. */
  readonly distributionFolders: readonly string[];
}

export const mozillaPrograms: readonly MozillaProgram[] = [
  {
    programs: ["firefox", "firefox-esr"],
    policyFolder: "/etc/firefox/policies",
    distributionFolders: [
      "/usr/lib/firefox/distribution",
      "/usr/lib64/firefox/distribution",
      "/usr/lib/firefox-esr/distribution",
      "/usr/share/firefox-esr/distribution",
    ],
  },
  {
    programs: ["thunderbird"],
    policyFolder: "/etc/thunderbird/policies",
    distributionFolders: ["/usr/lib/thunderbird/distribution", "/usr/lib64/thunderbird/distribution"],
  },
];

/** The policies, and the certificate that they name: beside them, where a program in a snap may read it too. */
export function policyFilesOf(
  { policyFolder }: MozillaProgram,
  stack: string,
): { readonly policies: string; readonly certificate: string } {
  return {
    policies: `${policyFolder}/policies.json`,
    certificate: `${policyFolder}/${authorityName(stack).replaceAll(" ", "-")}.pem`,
  };
}

/** As much of a policy file as concerns authorities. */
interface MozillaPolicies {
  readonly policies?: {
    readonly Certificates?: { readonly Install?: readonly string[]; readonly [more: string]: unknown };
    readonly [more: string]: unknown;
  };
  readonly [more: string]: unknown;
}

/** Whether policies have every new profile trust the certificate of this path. */
export function installsCertificate(text: string | undefined, certificate: string): boolean {
  return parsePolicies(text ?? "{}")?.policies?.Certificates?.Install?.includes(certificate) === true;
}

/** @returns the policies with this certificate among those that they install; undefined where they are not JSON */
export function policiesWith(text: string | undefined, certificate: string): string | undefined {
  const all = parsePolicies(text ?? "{}");
  if (all === undefined) return undefined;
  const { Certificates: certificates } = all.policies ?? {};
  const install = (certificates?.Install ?? []).filter((path) => path !== certificate);
  const changed = { ...certificates, Install: [...install, certificate] };
  return written({ ...all, policies: { ...all.policies, Certificates: changed } });
}

/** @returns the policies without it: undefined where nothing else is in them */
export function policiesWithout(text: string, certificate: string): string | undefined {
  const all = parsePolicies(text);
  if (all === undefined || !installsCertificate(text, certificate)) return text;
  const { Certificates: { Install: install = [], ...certificates } = {}, ...others } = all.policies ?? {};
  const rest = install.filter((path) => path !== certificate);
  const kept = { ...certificates, ...(rest.length === 0 ? {} : { Install: rest }) };
  const policies = { ...others, ...(Object.keys(kept).length === 0 ? {} : { Certificates: kept }) };
  const isEmpty = Object.keys(policies).length === 0 && Object.keys(all).length === 1;
  return isEmpty ? undefined : written({ ...all, policies });
}

function parsePolicies(text: string): MozillaPolicies | undefined {
  try {
    return JSON.parse(text) as MozillaPolicies;
  } catch {
    return undefined;
  }
}

function written(policies: MozillaPolicies): string {
  return `${JSON.stringify(policies, undefined, 2)}\n`;
}
