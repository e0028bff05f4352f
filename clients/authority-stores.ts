/**
 * Where programs on a machine look for the authorities that they trust: the system's store, and the databases of NSS, which
 * Firefox, Thunderbird and Chromium have of their own. Pure: `commands/trust.ts` reads and writes them.
 * `mozilla-policies.ts` is about the databases of profiles to come.
 */

/** A system's store: certificates in a folder, of which a program makes what others read. */
export interface SystemStore {
  /** Whose it is. */
  readonly system: string;
  readonly folder: string;
  readonly extension: "crt" | "pem";
  readonly program: string;
  /** How it is called after a certificate was removed, so that nothing of it stays. */
  readonly removalArgs: readonly string[];
  /** By this the program is recognised, where several systems have one of the same name. */
  readonly packages: string;
}

export const systemStores: readonly SystemStore[] = [
  {
    system: "Fedora, RHEL",
    folder: "/etc/pki/ca-trust/source/anchors",
    extension: "pem",
    program: "update-ca-trust",
    removalArgs: [],
    packages: "dnf install nss-tools",
  },
  {
    system: "Arch",
    folder: "/etc/ca-certificates/trust-source/anchors",
    extension: "crt",
    program: "update-ca-trust",
    removalArgs: [],
    packages: "pacman -S nss",
  },
  {
    system: "openSUSE",
    folder: "/etc/pki/trust/anchors",
    extension: "pem",
    program: "update-ca-certificates",
    removalArgs: [],
    packages: "zypper install mozilla-nss-tools",
  },
  {
    system: "Debian, Ubuntu",
    folder: "/usr/local/share/ca-certificates",
    extension: "crt",
    program: "update-ca-certificates",
    // Without it the former link to the certificate stays.
    removalArgs: ["--fresh"],
    packages: "apt-get install libnss3-tools",
  },
];

/** The file of a stack's authority in a system's store. */
export function anchorOf({ folder, extension }: SystemStore, stack: string): string {
  return `${folder}/${authorityName(stack).replaceAll(" ", "-")}.${extension}`;
}

/** What the authority of a stack is called in NSS' databases. */
export function authorityName(stack: string): string {
  return `maildomain ${stack}`;
}

/** Trusted to identify servers, and for nothing else. */
export const nssTrust = "C,,";

/** Below a person's home: the folders whose subfolders are profiles, each with a database. */
export const profileFolders = [
  ".mozilla/firefox",
  ".config/mozilla/firefox",
  "snap/firefox/common/.mozilla/firefox",
  ".var/app/org.mozilla.firefox/.mozilla/firefox",
  ".thunderbird",
  "snap/thunderbird/common/.thunderbird",
  ".var/app/org.mozilla.Thunderbird/.thunderbird",
  "Library/Application Support/Firefox/Profiles",
  "Library/Thunderbird/Profiles",
] as const;

/** Below a person's home: databases that several programs share, Chromium's first. */
export const sharedDatabases = [
  ".pki/nssdb",
  ".local/share/pki/nssdb",
  "snap/chromium/current/.pki/nssdb",
] as const;

/** The command that makes this machine trust the authority. */
export function applicationOfTrust(stack: string): string {
  return `npm run trust -- --apply${stack === "lab" ? "" : ` --stack ${stack}`}`;
}

/** The command that takes it back. */
export function removalOfTrust(stack: string): string {
  return `npm run trust -- --remove${stack === "lab" ? "" : ` --stack ${stack}`}`;
}

/** What to type on a Mac, whose keychain asks for a password each time. */
export function keychainSteps(certificatePath: string): { readonly add: string; readonly remove: string } {
  const keychain = "/Library/Keychains/System.keychain";
  return {
    add: `sudo security add-trusted-cert -d -r trustRoot -k ${keychain} ${certificatePath}`,
    remove: `sudo security remove-trusted-cert -d ${certificatePath}`,
  };
}
