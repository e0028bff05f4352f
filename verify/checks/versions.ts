import type { DockerEngine } from "../../engine/docker-engine.ts";
import { type ContainerRole, containersOf, type RunningStack } from "../../outputs/running-stack.ts";
import { type Check, failed, ok } from "../check.ts";

interface Daemon {
  readonly name: string;
  /** For a shell. */
  readonly command: string;
  /** The first version without a problem that everybody knows how to use, and the problem. */
  readonly least?: { readonly version: string; readonly problem: string };
}

const nginx: Daemon = {
  name: "nginx",
  // It prints its version as an error.
  command: "nginx -v 2>&1",
  least: { version: "1.25.3", problem: "HTTP/2 Rapid Reset, CVE-2023-44487" },
};
const knot: Daemon = { name: "Knot", command: "knotd --version" };

const daemons: Record<ContainerRole, readonly Daemon[]> = {
  mailServer: [
    {
      name: "Postfix",
      command: "postconf -h mail_version",
      least: { version: "3.8.4", problem: "SMTP smuggling, CVE-2023-51764" },
    },
    {
      name: "Dovecot",
      command: "dovecot --version",
      least: { version: "2.3.21.1", problem: "huge headers exhaust memory, CVE-2024-23185" },
    },
    { name: "Rspamd", command: "rspamd --version" },
    {
      name: "Unbound",
      command: "unbound -V",
      least: { version: "1.19.1", problem: "KeyTrap, CVE-2023-50387" },
    },
  ],
  dnsServer: [knot],
  innerDnsServer: [knot],
  webServer: [nginx],
  webmail: [
    nginx,
    {
      name: "Roundcube",
      command: "grep RCMAIL_VERSION /usr/share/roundcube/program/include/iniset.php",
      least: { version: "1.6.11", problem: "users can run programs in it, CVE-2025-49113" },
    },
    { name: "PHP", command: "php -r 'echo PHP_VERSION;'" },
  ],
  certificateAgent: [],
};

/** Between what two programs say of themselves. */
const mark = "== next ==";

/** Which versions run, shown in every report, and none with a known problem. */
export function versionChecks(running: RunningStack, engine: DockerEngine): Check[] {
  return containersOf(running).map(({ role, name: container }) => ({
    id: `versions.${container}`,
    group: "Host",
    title: `versions in ${container}`,
    why: "Vulnerabilities in mail servers are exploited everywhere within days of their publication.",
    remedy: "Run `npm run up`, which starts what is missing.",
    run: async () => {
      // Asked at once: each start of a program in a container costs the engine more than the program itself.
      const program = daemons[role].map(({ command }) => command).join(`; echo '${mark}'; `);
      // Of the certificate agent there is nothing to ask.
      const printed = program === "" ? "" : await engine.exec(container, ["sh", "-ec", program]);
      const texts = printed.split(mark);
      const versions = daemons[role].map((daemon, index) => ({
        ...daemon,
        version: versionIn(texts[index] ?? ""),
      }));
      const seen = versions.map(({ name, version }) => `${name} ${version}`).join(", ");
      const old = versions.find(({ version, least }) => least && isOlder(version, least.version));
      if (old === undefined) return ok(seen);
      return failed(
        `${seen}: ${old.least?.problem}`,
        `Rebuild the image with ${old.name} ${old.least?.version} or later: \`docker image rm\` the old one, then \`npm run up\`.`,
      );
    },
  }));
}

/** @internal The first thing with dots and digits in what a program says of itself. */
export function versionIn(text: string): string {
  return /\d+(?:\.\d+)+/.exec(text)?.[0] ?? "of unknown version";
}

/** @internal Compares version numbers field by field. */
export function isOlder(version: string, than: string): boolean {
  const [have, want] = [version, than].map((text) => text.split(".").map(Number)) as [number[], number[]];
  for (let at = 0; at < Math.max(have.length, want.length); at += 1) {
    const difference = (have[at] ?? 0) - (want[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
