import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bridgeAddress, docker } from "./engine.ts";

/** What is published: an empty package under the name of one that every image has. */
export interface DummyPackage {
  readonly name: string;
  readonly version: string;
  /** Newest first, as Debian writes it. */
  readonly changelog: string;
}

const buildScript = `set -eu
mkdir -p "/dummy/DEBIAN" "/dummy/usr/share/doc/$1"
printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: nobody <nobody@example.org>\\nDescription: dummy\\n' "$1" "$2" >/dummy/DEBIAN/control
printf '%s' "$3" | gzip -9n >"/dummy/usr/share/doc/$1/changelog.Debian.gz"
dpkg-deb --root-owner-group --build /dummy /dummy.deb >&2
base64 -w0 /dummy.deb`;

/** An archive of security updates on the engine's bridge, and a base image that asks it in addition to Debian's. */
export class LocalArchive {
  readonly base: string;
  readonly #files = new Map<string, Buffer>();
  readonly #server = createServer((request, response) => {
    const file = this.#files.get((request.url ?? "").replace(/^\/(\.\/)?/, ""));
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });

  constructor(base: string) {
    this.base = base;
    this.#index("");
  }

  async start(): Promise<void> {
    const gateway = await bridgeAddress();
    await new Promise<void>((resolve) => this.#server.listen(0, gateway, resolve));
    const { port } = this.#server.address() as AddressInfo;
    const folder = await mkdtemp(join(tmpdir(), "base-"));
    try {
      const source = `deb [trusted=yes] http://${gateway}:${port}/ ./`;
      const dockerfile = `FROM debian:trixie-slim\nRUN echo '${source}' >/etc/apt/sources.list.d/local.list\n`;
      await writeFile(join(folder, "Dockerfile"), dockerfile);
      await docker("build", "--quiet", "--tag", this.base, folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  async publish({ name, version, changelog }: DummyPackage): Promise<void> {
    const words = ["-c", buildScript, "sh", name, version, changelog];
    const printed = await docker("run", "--rm", "--entrypoint", "sh", "debian:trixie-slim", ...words);
    const content = Buffer.from(printed, "base64");
    this.#files.set(`${name}.deb`, content);
    this.#index(
      [
        `Package: ${name}`,
        `Version: ${version}`,
        "Architecture: all",
        "Maintainer: nobody <nobody@example.org>",
        `Filename: ./${name}.deb`,
        `Size: ${content.length}`,
        `SHA256: ${sha256(content)}`,
        "Description: dummy",
        "",
        "",
      ].join("\n"),
    );
  }

  async stop(): Promise<void> {
    this.#server.close();
    await docker("image", "rm", this.base);
  }

  #index(packages: string): void {
    const content = Buffer.from(packages);
    this.#files.set("Packages", content);
    const sums = `SHA256:\n ${sha256(content)} ${content.length} Packages\n`;
    const date = `Date: ${new Date().toUTCString().replace("GMT", "UTC")}`;
    const about = "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nCodename: trixie-security";
    this.#files.set("Release", Buffer.from(`${about}\n${date}\n${sums}`));
  }
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
