/**
 * Every command with its summary. Plain JavaScript, since it is read before anything is installed.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const commandList = {
  new: "write a stack file to begin with, and say what comes next",
  up: "make this machine ready, provision the stack, check it, and print what its users need",
  preview: "show what `up` would change",
  review: "show what `up` would change in terms of mail, with the risks, as Markdown",
  down: "remove what `up` made; mail of a stack that is not a lab is kept",
  verify: "check the running domain from the outside",
  drift: "report drift and failing checks, as Markdown, and change nothing",
  clients: "print or write the settings for mail clients",
  trust: "let programs on this machine trust the stack's own authority, and take that back",
  names: "let programs on this machine find the lab's names, and take that back",
  records: "print the DNS records of every domain, with the reason for each",
  adopt: "compare live Cloudflare zones with what `up` would publish, and change nothing",
  updates: "report the packages of the running images that Debian has updates for",
  stages: "show each key's and policy's stage, the next step, and when it is safe",
  import: "turn an existing docker-mailserver into a stack file, with its passwords and keys",
  password: "print one mailbox's password",
  archive: "list, restore, export or delete the mail of removed mailboxes",
  limits: "list who is refused after too many wrong passwords, and free them",
  exercise: "show, check and mark the steps of the e-mail lesson",
  doctor: "say what this machine has and lacks, and change nothing",
  env: 'print the variables for plain pulumi: eval "$(npm run --silent env)"',
  check: "types, lint, dead code and the direction of dependencies",
  package: "build the npm package, and write down its interface",
  test: "make this machine ready and run every test",
  bench: "measure the speed",
  catalogue: "make every kind of change to a running lab, and compare with what the review says",
};
