/** What the settings of keys and certificates have to agree on. */
import type { CertificateIssuer } from "../../outputs/certificate-issuer.ts";
import { addressProblem, domainOf, isWithin, knownAcmeAuthority } from "../../records/index.ts";
import {
  formatPath,
  list,
  type Partly,
  type Path,
  type Report,
  reportRepeated,
  type Settings,
  text,
} from "./written-settings.ts";

export function checkServerKeys(settings: Partly<Settings>, report: Report): void {
  const areOwn = areFromFiles(settings?.certificates);
  const files = list(settings?.certificates?.files).map((file, at) => ({
    path: ["certificates", "files", at, "name"],
    key: text(file?.name),
  }));
  const further = list(settings?.servers).map((server, index) => ({
    keys: server?.serverKeys,
    path: ["servers", index, "serverKeys"],
  }));
  for (const [at, { path, key }] of files.entries()) {
    const first = files.findIndex((other) => other.key === key);
    if (key === undefined || first === at) continue;
    report(
      path,
      `"${key}" is the name of certificates.files[${first}] as well: write another, such as ${key}${at + 1}`,
    );
  }
  for (const { keys, path } of [{ keys: settings?.serverKeys, path: ["serverKeys"] }, ...further]) {
    checkKeys(keys, path, areOwn, report);
    const taken = new Set(list(keys).map((key) => text(key?.name)));
    for (const file of files) {
      if (file.key === undefined || !taken.has(file.key)) continue;
      report(
        file.path,
        `"${file.key}" is already the name of a key in ${formatPath(path)}: use another name`,
      );
    }
  }
}

function checkKeys(
  declared: Partly<Settings["serverKeys"]>,
  path: Path,
  areOwn: boolean,
  report: Report,
): void {
  const keys = list(declared);
  reportRepeated(
    keys.map((key, at) => ({ path: [...path, at, "name"], key: text(key?.name) })),
    report,
  );
  const stages = keys.map((key) => key?.stage);
  const serving = stages.filter((stage) => stage === "serving").length;
  // A stage that is wrong by itself is reported already.
  if (declared === undefined || stages.includes(undefined)) return;
  if (areOwn && serving > 0) {
    report(
      path,
      "has a key that serves, and certificates.files has as well: write stage: retired here, or issuer: private",
    );
  }
  if (!areOwn && serving !== 1) {
    report(path, `${serving || "no"} keys are serving: write stage: serving for one of them`);
  }
}

/** Whether the servers' certificates come from elsewhere, as far as what is declared can be read. */
function areFromFiles(certificates: Partly<Settings["certificates"]>): boolean {
  return issuerOf(certificates) === "files";
}

export function issuerOf(certificates: Partly<Settings["certificates"]>): CertificateIssuer {
  const serves = list(certificates?.files).some((file) => file?.stage === "serving");
  return certificates?.issuer ?? (serves ? "files" : certificates?.acme === undefined ? "private" : "acme");
}

/** One issuer has one section; whatever is beside it would do nothing, and nobody would notice. */
export function checkAcme(settings: Partly<Settings>, report: Report): void {
  const certificates = settings?.certificates;
  const { acme } = certificates ?? {};
  const issuer = issuerOf(certificates);
  const path = ["certificates", "acme"];
  if (issuer === "acme" && acme === undefined) {
    report(path, "is missing: write acme: { agreeToTerms: true } once you have read the authority's terms");
  }
  if (issuer !== "acme" && acme !== undefined) {
    const why =
      certificates?.issuer === undefined
        ? "is beside a certificate in files that serves"
        : `does nothing with issuer "${issuer}"`;
    report(path, `${why}: write issuer: acme, or remove this section`);
  }
  if (acme?.dnsPersist === true && acme.dns !== undefined) {
    report([...path, "dnsPersist"], "is beside dns: write the one by which names are to be proved");
  }
  checkChallengeZone(settings, [...path, "dns"], report);
  const reports = text(acme?.report?.mail);
  const names = list(settings?.domains).map((domain) => text(domain?.name));
  if (
    reports !== undefined &&
    addressProblem(reports, "existing") === undefined &&
    !names.includes(domainOf(reports))
  ) {
    const why = "the agent hands it to the stack's own mail server, which accepts nothing for others";
    report([...path, "report", "mail"], `is not an address of a domain here: ${why}`);
  }
  const known = knownAcmeAuthority(text(acme?.directory) ?? "");
  if (known === undefined) return;
  if (settings?.lab === true) {
    report(
      [...path, "directory"],
      "is a public authority, which reaches no lab: write the URL of an authority of your own, such as Pebble's",
    );
  }
  if (known.wantsExternalAccount && acme?.externalAccount === undefined) {
    report(
      [...path, "externalAccount"],
      `is needed with ${acme?.directory}: write the keyId and hmacKey that the authority shows for your account there`,
    );
  }
}

/** What is on the host must not open a zone in which mail's own records are. */
function checkChallengeZone(settings: Partly<Settings>, path: Path, report: Report): void {
  const dns = settings?.certificates?.acme?.dns;
  if (dns === undefined) return;
  const { server, tsig, cloudflare } = dns;
  if (cloudflare !== undefined && (server !== undefined || tsig !== undefined)) {
    report([...path, "cloudflare"], "is beside server or tsig: write the one that the zone is changed by");
  } else if (server !== undefined && tsig === undefined) {
    report([...path, "tsig"], "is needed with server: write the key that the server accepts");
  } else if (tsig !== undefined && server === undefined) {
    report([...path, "server"], "is needed with tsig: write the zone's primary name server");
  }
  const zones = [...list(settings?.domains), ...list(settings?.parkedDomains)];
  const isOwn = server === undefined && cloudflare === undefined && tsig === undefined;
  if (isOwn && zones.length > 0 && !zones.some((zone) => zone?.dns === "local")) {
    report(
      [...path, "server"],
      "is needed, or cloudflare: no zone is published by the stack's own name server, which would answer for this one",
    );
  }
  const zone = text(dns.zone);
  if (zone === undefined) return;
  for (const domain of zones) {
    const name = text(domain?.name);
    if (name === undefined) continue;
    const apex = text(domain?.zone) ?? name;
    const isAbove = isWithin(name, zone) || isWithin(apex, zone);
    if (isAbove || (isWithin(zone, apex) && domain?.dns === "local")) {
      report(
        [...path, "zone"],
        `"${zone}" ${isAbove ? `holds ${name}` : `lies in ${apex}`}: write a zone of its own, so that its key opens nothing else`,
      );
      return;
    }
  }
}

export function checkCertificates(certificates: Partly<Settings["certificates"]>, report: Report): void {
  const files = list(certificates?.files);
  const serving = files.findIndex((file) => file?.stage === "serving");
  if (certificates?.issuer === "private" && serving >= 0) {
    report(
      ["certificates", "files", serving, "stage"],
      'is serving, and issuer is "private": write stage: published until it serves, or issuer: files',
    );
  }
  if (certificates?.issuer === "files" && serving < 0) {
    report(
      ["certificates", "files"],
      "has no certificate that serves: add one with its chain and key, or write issuer: private",
    );
  }
  if (certificates?.issuer === "acme" && serving >= 0) {
    report(
      ["certificates", "files", serving, "stage"],
      'is serving, and issuer is "acme": write stage: retired until its TLSA record may go, or issuer: files',
    );
  }
  if (certificates?.authority !== undefined && files.length === 0 && issuerOf(certificates) !== "acme") {
    report(
      ["certificates", "authority"],
      "has issued nothing in files or acme: remove it, or add the certificates",
    );
  }
}
