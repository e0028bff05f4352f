/**
 * The settings of a configuration in blocks, as Dovecot and nginx have it: `service auth/process_limit` or
 * `http/server/listen`, with the values of all that are named so, in their order.
 *
 * @param end - what ends a setting that opens no block.
 */
export function settingsIn(text: string, end: ";" | "\n"): Map<string, string[]> {
  const lines = text.replace(/^\s*#.*\n/gm, "");
  const whole = end === ";" ? lines : lines.replace(/^(?!\s*\}?$).*[^{]$/gm, "$&;");
  const settings = new Map<string, string[]>();
  const blocks: string[] = [];
  // A string, and a variable in braces, may hold what would end a statement.
  for (const [, words = "", last] of whole.matchAll(/((?:"[^"]*"|[%$]\{[^}]*\}|[^;{}"])*)([;{}])/g)) {
    const statement = words.trim().replaceAll(/\s+/g, " ");
    if (last === "}") blocks.pop();
    else if (last === "{") blocks.push(statement);
    else {
      const [, name = "", value = ""] = /^(\S+) (?:= )?(.*)$/.exec(statement) ?? [];
      const path = [...blocks, name].join("/");
      settings.set(path, [...(settings.get(path) ?? []), value]);
    }
  }
  return settings;
}
