import type { DockerEngine } from "./docker-engine.ts";

/** A package of an image that its archive has a later version of. */
export interface PendingUpdate {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Whether it comes from an archive of security updates. */
  readonly isSecurity: boolean;
  /** What its changelog says has been fixed since. */
  readonly cves: readonly string[];
}

/**
 * Asks the archive as root, in a container that is thrown away. One line per package; what its changelog says is read
 * from the package itself, which every archive has.
 */
const script = `
use strict;
open(my $out, ">&", \\*STDOUT); open(STDOUT, ">&", \\*STDERR);
chdir "/tmp";
$ENV{DEBIAN_FRONTEND} = "noninteractive";
system("apt-get -qq update") == 0 or exit 1;
for my $line (qx(apt-get --simulate upgrade)) {
  my ($name, $old, $new, $origin) = $line =~ /^Inst (\\S+) \\[(\\S+)\\] \\((\\S+) (.*?) \\[/ or next;
  my %cves;
  if (system("apt-get", "-qq", "download", "$name=$new") == 0) {
    my ($file) = glob("*.deb");
    open(my $changelog, "-|", "dpkg-deb --fsys-tarfile '$file' | tar -xO --wildcards './usr/share/doc/*/changelog*.gz' 2>/dev/null | gzip -dc");
    while (<$changelog>) {
      last if /^\\S+ \\(([^)\\s]+)\\) / && system("dpkg", "--compare-versions", $1, "le", $old) == 0;
      $cves{$_} = 1 for /CVE-\\d{4}-\\d{4,}/g;
    }
    close($changelog);
    unlink($file);
  }
  print $out join("\\t", $name, $old, $new, $origin =~ /security/i ? 1 : 0, join(",", sort keys %cves)), "\\n";
}`;

/** An archive may be slow, and a machine busy. */
const askMs = 300_000;

/**
 * What the archive has beyond what an image has.
 *
 * @param image - its id
 * @throws EngineError when the archive does not answer
 */
export async function pendingUpdates(engine: DockerEngine, image: string): Promise<PendingUpdate[]> {
  return parsePending(await engine.runOnce(image, ["perl", "-e", script], askMs));
}

/** @internal */
export function parsePending(printed: string): PendingUpdate[] {
  return printed
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [name = "", from = "", to = "", security, cves = ""] = line.split("\t");
      return { name, from, to, isSecurity: security === "1", cves: cves.split(",").filter(Boolean) };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
