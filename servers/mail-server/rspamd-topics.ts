import { DISGUISED_WORDS, SPAM_TOPICS, type SpamTopic } from "./spam-topics.ts";

const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

/** White space is one blank in the text that is looked at; what follows a phrase may be the rest of a word. */
function renderIdea(name: string, phrases: readonly string[]): string {
  const expression = `/(?<![a-z0-9])(?:${phrases.join("|").replaceAll("_", " ").replaceAll("/", "\\/")})/`;
  return `{ ${quoted(name)}, ${quoted(expression)} }`;
}

function renderTopic({ what, ideas, needs, least, foreignLink }: SpamTopic): string {
  const known = Object.entries(ideas).map(([name, phrases]) => renderIdea(name, phrases));
  const needed = needs.map((need) => `{ ${[need].flat().map(quoted).join(", ")} }`);
  return `  { what = ${quoted(what)}, least = ${least}, foreign_link = ${foreignLink === true}, needs = { ${needed.join(", ")} }, ideas = {
    ${known.join(",\n    ")} } },
`;
}

/** `images/mail-server/rspamd/topics.lua`: the same in every stack, so that it is in the image and in no generation. */
export function renderTopics(): string {
  return `-- Written from servers/mail-server/spam-topics.ts by \`npx vitest run test/servers/mail-server --update\`.
return {
topics = {
${SPAM_TOPICS.map(renderTopic).join("")}},
disguised_words = {
${DISGUISED_WORDS.map((word) => `  [${quoted(word)}] = true,\n`).join("")}},
}
`;
}
