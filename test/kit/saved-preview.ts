/** What no review reads, or differs from run to run in a preview that is otherwise the same. */
const dropped = new Set([
  "config",
  "created",
  "dependencies",
  "duration",
  "modified",
  "outputs",
  "propertyDependencies",
  "provider",
  "sourcePosition",
  "stackTrace",
]);

/**
 * A preview as it is kept for the tests of `review/`: a real one, without what differs from run to run.
 *
 * @param preview - the output of `pulumi preview --json`
 * @param names - what is the stack's own, and what stands for it
 */
export function savePreview(preview: string, names: Readonly<Record<string, string>>): string {
  const document = JSON.parse(preview, (key, value: unknown) =>
    dropped.has(key) || areFormerNames(key, value) ? undefined : value,
  ) as { steps: { urn: string }[] };
  document.steps = document.steps
    .toSorted((a, b) => (a.urn < b.urn ? -1 : 1))
    .map((step) => JSON.parse(numberGenerations(numberTimes(JSON.stringify(step)))) as typeof step);
  let text = JSON.stringify(document, undefined, 1);
  for (const [own, general] of Object.entries(names)) text = text.replaceAll(own, general);
  text = text
    .replace(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/g, "(certificate)")
    .replace(/p=[A-Za-z0-9+/=]{40,}/g, "p=(public key)")
    .replace(/ 3 1 1 [0-9a-f]{64}/g, " 3 1 1 (digest)")
    .replace(/sha256:[0-9a-f]{64}/g, "sha256:(digest)")
    .replace(/"[0-9a-f]{64}"/g, '"(id)"')
    .replace(/"id": "[^"]*"/g, '"id": "(id)"')
    .replace(/(maildomain\/[a-z-]+):[0-9a-f]{12}/g, "$1:(digest)")
    .replace(/"context": "[0-9a-f]{12}"/g, '"context": "(digest)"')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "(time)")
    // But for the one of a first preview, which is still to be made.
    .replace(/("label": "maildomain.identity",\s*"value": )"(?!04da6b54-)[0-9a-f-]{36}"/g, '$1"(identity)"')
    .replace(/"engineIdentity": "(?!04da6b54-)[0-9a-f-]{36}"/g, '"engineIdentity": "(identity)"');
  // A stack's own subnet is made from its name; the places in it are not.
  text = text.replace(/198\.19\.\d+\.(\d+)/g, (_, byte) => `198.19.0.${Number(byte) % 32}`);
  return `${text}\n`;
}

/** A resource's former URNs; a mail domain has aliases of its own. */
function areFormerNames(key: string, value: unknown): boolean {
  return key === "aliases" && Array.isArray(value) && String(value[0]).startsWith("urn:pulumi:");
}

/** Only whether a server's generation becomes another one matters. */
function numberGenerations(text: string): string {
  const pattern = /(?<="generation":")[0-9a-f]{16}(?=")/g;
  const ids = [...new Set(text.match(pattern))];
  return text.replace(pattern, (id) => `(generation ${ids.indexOf(id) + 1})`);
}

/**
 * Only which of a resource's times is earlier matters: what one run says of it has one time. Of two resources nobody can say
 * so, since a slow machine makes them far apart.
 */
function numberTimes(text: string): string {
  const pattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
  const times = [...new Set(text.match(pattern))].toSorted();
  return text.replace(pattern, (time) => {
    const month = times.indexOf(time) + 1;
    return `2026-${String(month).padStart(2, "0")}-01T00:00:00Z`;
  });
}
