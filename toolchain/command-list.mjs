/**
 * Every command with its summary. Plain JavaScript, since it is read before anything is installed.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const commandList = {
  up: "make this machine ready, provision the stack, check it, and print what its users need",
  preview: "show what `up` would change",
  review: "show what `up` would change in terms of mail, with the risks, as Markdown",
  down: "remove what `up` made; mail of a stack that is not a lab is kept",
  verify: "check the running domain from the outside",
  drift: "report drift and failing checks, as Markdown, and change nothing",
  clients: "print or write the settings for mail clients",
  records: "print the DNS records of every domain, with the reason for each",
  adopt: "compare live Cloudflare zones with what `up` would publish, and change nothing",
  stages: "show each key's and policy's stage, the next step, and when it is safe",
  import: "turn an existing docker-mailserver into a stack file, with its passwords and keys",
  password: "print one mailbox's password",
  archive: "list, restore, export or delete the mail of removed mailboxes",
  doctor: "say what this machine has and lacks, and change nothing",
  env: 'print the variables for plain pulumi: eval "$(npm run --silent env)"',
  check: "types, lint, dead code and the direction of dependencies",
  test: "make this machine ready and run every test",
  bench: "measure the speed",
};

/**
 * @param {string} word
 * @param {readonly string[]} candidates
 * @returns {string | undefined} the candidate that the word most probably means
 */
export function suggest(word, candidates) {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, Math.floor(word.length / 3))
    ? best.candidate
    : undefined;
}

/**
 * Levenshtein's distance. (The dependency that does it is not there yet when a command is misspelt.)
 *
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
function editDistance(a, b) {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
