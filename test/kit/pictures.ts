/** The pictures of the documentation: which test makes each of them, and what each of them shows. */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderAutoconfig } from "../../clients/autoconfig.ts";
import { describeClients } from "../../clients/description.ts";
import { renderSetUpPage } from "../../clients/set-up-page.ts";
import { english } from "../../clients/set-up-text/english.ts";
import { picturesVariable } from "../../commands/test.ts";
import { serviceNames, services } from "../../records/index.ts";
import { domain } from "./document-lab.ts";
import { docker } from "./engine.ts";
import { textOfPng, withTextInPng } from "./png-text.ts";
import { programImage } from "./programs/program-container.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
/** The key of {@link shownIn} in the file. */
const keyword = "maildomain:shows";
/** Of one picture. */
const mostBytes = 100_000;

interface Picture {
  /** The file in test/lab/ that makes it. */
  readonly test: string;
  /** What it shows, as text: where that changes, the picture is to be made again. */
  readonly shows: () => string;
}

const ports = Object.fromEntries(
  serviceNames.filter((name) => services[name].legacy !== true).map((name) => [name, services[name].port]),
);
const clients = describeClients(
  domain,
  { incoming: { imap: `imap.${domain}`, pop3: `pop3.${domain}` }, outgoing: `smtp.${domain}` },
  ports,
);
/** What programs find by themselves, from which their pictures' settings are. */
const found = () => renderAutoconfig(clients);
const page = () =>
  renderSetUpPage(
    { clients, url: `https://mail.${domain}/`, isReachable: false, ownAuthority: true },
    english,
  );
const style = () => readFileSync(join(project, "images/webmail/plugin/maildomain.php"), "utf8");

/** By its path below docs/, without `.png`. */
export const pictures = {
  "clients/set-up-page-desktop": { test: "web-server-image", shows: page },
  "clients/set-up-page-phone": { test: "web-server-image", shows: page },
  "clients/thunderbird-name": { test: "thunderbird", shows: found },
  "clients/thunderbird-settings-found": { test: "thunderbird", shows: found },
  "clients/thunderbird-inbox": { test: "thunderbird", shows: found },
  "clients/claws-mail-name": { test: "own-machine", shows: found },
  "clients/claws-mail-receiving": { test: "own-machine", shows: found },
  "clients/claws-mail-sending": { test: "own-machine", shows: found },
  "clients/claws-mail-message": { test: "own-machine", shows: found },
  "clients/claws-mail-inbox": { test: "own-machine", shows: found },
  "webmail/login-desktop": { test: "webmail", shows: style },
  "webmail/login-phone": { test: "webmail", shows: style },
  "webmail/inbox-desktop": { test: "webmail", shows: style },
  "webmail/inbox-phone": { test: "webmail", shows: style },
  "webmail/compose-desktop": { test: "webmail", shows: style },
  "webmail/compose-phone": { test: "webmail", shows: style },
  "webmail/filter-desktop": { test: "webmail", shows: style },
  "webmail/filter-phone": { test: "webmail", shows: style },
} as const satisfies Readonly<Record<string, Picture>>;
export type PictureName = keyof typeof pictures;

const arePicturesWanted = process.env[picturesVariable] !== undefined;

/** Writes a picture into docs/, where this run is to make them. */
export async function keepPicture(name: PictureName, take: () => Promise<Buffer>): Promise<void> {
  if (!arePicturesWanted) return;
  const small = await quantised(await take());
  const file = fileOf(name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, withTextInPng(small, keyword, digest(pictures[name].shows())));
}

/** Every picture that is there. */
export function picturesInDocs(): string[] {
  const files = globSync("**/*.{png,jpg,jpeg,gif,webp,svg}", { cwd: join(project, "docs") });
  return files.map((file) => file.replace(/\.png$/, "")).toSorted();
}

/** What is wrong with a picture. */
export function pictureProblems(name: PictureName, bytes: Buffer = readFileSync(fileOf(name))): string[] {
  const { test, shows } = pictures[name];
  const again = `npm test -- --pictures test/lab/${test}.test.ts`;
  const problems: string[] = [];
  const shown = textOfPng(bytes, keyword);
  if (shown === undefined) problems.push(`docs/${name}.png was not made by its test: ${again}`);
  else if (shown !== digest(shows())) problems.push(`docs/${name}.png shows what was: ${again}`);
  if (bytes.length > mostBytes) problems.push(`docs/${name}.png has ${bytes.length} bytes`);
  // A test may put a name together of what is looked at, and the device.
  const source = readFileSync(join(project, `test/lab/${test}.test.ts`), "utf8");
  const words = [name, name.replace(/^webmail\/(.*)-(desktop|phone)$/, '"$1"')];
  // The wizard's pages have names of their own.
  words.push(name.replace(/^(clients\/claws-mail)-(name|receiving|sending)$/, "$1-$$"));
  if (!/keepPicture\(/.test(source) || !words.some((word) => source.includes(word)))
    problems.push(`test/lab/${test}.test.ts does not make docs/${name}.png`);
  return problems;
}

function fileOf(name: PictureName): string {
  return join(project, "docs", `${name}.png`);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** With a palette, by Debian's own pngquant. */
async function quantised(png: Buffer): Promise<Buffer> {
  const image = await programImage(["pngquant"]);
  const folder = await mkdtemp(join(tmpdir(), "maildomain-picture-"));
  try {
    await writeFile(join(folder, "full.png"), png);
    const command = ["pngquant", "--speed", "1", "--strip", "--output", "/picture/small.png", "64"];
    await docker("run", "--rm", "--volume", `${folder}:/picture`, image, ...command, "/picture/full.png");
    return await readFile(join(folder, "small.png"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
