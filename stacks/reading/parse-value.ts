/**
 * A top key's value that is text: JSON where it can be read as such. The engine hands every value on as text, and
 * `pulumi config set` writes `true` and numbers as text, too.
 */
export function parseValue(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
