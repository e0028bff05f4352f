/** What a command of a step needs where a stack or its name server is not where commands look by themselves. */

/** After the command's own words. */
export function stackOption(stack: string): string {
  return stack === "lab" ? "" : ` --stack ${stack}`;
}

/** After a command without words of its own. */
export function stackWords(stack: string): string {
  return stack === "lab" ? "" : ` --${stackOption(stack)}`;
}

/** Between nslookup and what it is asked. */
export function portWords(port: number): string {
  return port === 53 ? "" : `-port=${port} `;
}
