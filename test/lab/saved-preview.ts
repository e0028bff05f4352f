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
  const document = JSON.parse(preview, (key, value: unknown) => (dropped.has(key) ? undefined : value)) as {
    steps: { urn: string }[];
  };
  document.steps.sort((a, b) => (a.urn < b.urn ? -1 : 1));
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
    .replace(/"context": "[0-9a-f]{12}"/g, '"context": "(digest)"');
  return `${numberTimes(text)}\n`;
}

/** Only which one is earlier matters. */
function numberTimes(text: string): string {
  const pattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
  const times = [...new Set(text.match(pattern))].toSorted();
  const [first = ""] = times;
  // What was made by the same `up` is within seconds of each other, and what the preview would make is not.
  return text.replace(pattern, (time) =>
    Date.parse(time) - Date.parse(first) < 5_000 ? "2026-01-01T00:00:00Z" : "2026-02-01T00:00:00Z",
  );
}
