import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const programs = join(projectFolder, "node_modules/.bin");

/** What the program of {@link ProviderStack} declares. */
export interface Wanted {
  readonly algorithm: string;
  readonly authorityName: string;
  readonly hostNames: readonly string[];
  readonly passwords: Readonly<Record<string, string>>;
  readonly generate: readonly string[];
}

/** A resource as an exported state has it. */
export interface StateResource {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

const program = `
import { readFileSync } from "node:fs";
import { CertificateAuthority, Credentials, DkimKey, ServerCertificate } from ${JSON.stringify(
  join(projectFolder, "provider/resources.ts"),
)};

const wanted = JSON.parse(readFileSync("wanted.json", "utf8"));
const dkim = new DkimKey("dkim", { algorithm: wanted.algorithm });
// One after another by dependsOn, so that every preview has the same order.
const authority = new CertificateAuthority("authority", { commonName: wanted.authorityName }, { dependsOn: dkim });
const server = new ServerCertificate("server", {
  hostNames: wanted.hostNames,
  days: 90,
  caCertificate: authority.certificate,
  caPrivateKey: authority.privateKey,
});
const { passwords, generate } = wanted;
const credentials = new Credentials("credentials", { passwords, generate }, { dependsOn: server });
// Something that depends on what a re-issued certificate keeps.
new Credentials("pin", { passwords: { "pin@example.test": server.spkiSha256 } }, { dependsOn: credentials });

export const publicKey = dkim.publicKey;
export const authorityCertificate = authority.certificate;
export const { certificate, privateKey, fingerprint, spkiSha256 } = server;
export const { hashes, generated } = credentials;
`;

/** A program of the provider's resources alone, with a state of its own, in a temporary folder. */
export class ProviderStack {
  /** Where its program runs. */
  readonly folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string) {
    this.folder = folder;
    this.#environment = {
      ...process.env,
      PATH: `${programs}:${process.env.PATH}`,
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "only for this test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NODE_COMPILE_CACHE: join(tmpdir(), "maildomain-compile-cache"),
    };
  }

  /** @param text - the program; by default one that reads what it declares from {@link want}. */
  static async create(wanted: Wanted | undefined, text = program): Promise<ProviderStack> {
    const folder = await mkdtemp(join(tmpdir(), "maildomain-provider-"));
    await mkdir(join(folder, "state"));
    await symlink(join(projectFolder, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "index.ts"), text);
    await writeFile(
      join(folder, "Pulumi.yaml"),
      JSON.stringify({
        name: "provider-test",
        main: "index.ts",
        runtime: { name: "nodejs", options: { typescript: false } },
        plugins: { providers: [{ name: "maildomain", path: join(projectFolder, "provider") }] },
      }),
    );
    const stack = new ProviderStack(folder);
    if (wanted !== undefined) await stack.want(wanted);
    await stack.pulumi("stack", "init", "test");
    return stack;
  }

  /** Changes what the program declares. */
  async want(wanted: Wanted): Promise<void> {
    await writeFile(join(this.folder, "wanted.json"), JSON.stringify(wanted));
  }

  /**
   * Runs the CLI and returns what it prints on standard output.
   *
   * @throws with all of its output when it fails
   */
  async pulumi(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(join(programs, "pulumi"), [...args, "--non-interactive", "--color=never"], {
      cwd: this.folder,
      env: this.#environment,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  /** The differences that a preview shows: the lines of resources and properties, without ids and secrets. */
  async preview(): Promise<string> {
    const text = await this.pulumi("preview", "--diff");
    return (
      text
        .replace(/^Previewing.*\n/, "")
        // So the CLI says, in between, that it is still at work.
        .replace(/^ *@ previewing .*\n/gm, "")
        .replace(/^ *\[(?:urn|id)=.*\n/gm, "")
        .replace(/"-----BEGIN[^"]*"/g, "<PEM>")
        .replace(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g, "<time>")
    );
  }

  async up(): Promise<void> {
    await this.pulumi("up", "--yes", "--skip-preview");
  }

  async outputs(): Promise<
    Record<string, string> & { hashes: Record<string, string>; generated: Record<string, string> }
  > {
    return JSON.parse(await this.pulumi("stack", "output", "--json", "--show-secrets"));
  }

  async exportState(): Promise<string> {
    return this.pulumi("stack", "export");
  }

  async importState(state: string): Promise<void> {
    const file = join(this.folder, "import.json");
    await writeFile(file, state);
    await this.pulumi("stack", "import", "--file", file);
  }

  async takeDown(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
