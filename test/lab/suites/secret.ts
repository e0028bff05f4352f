import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { docker, objectsOf } from "../../kit/engine.ts";
import type { Current } from "./current.ts";

/** What must not be read where it does not belong: passwords, their hashes, private keys. */
const secrets: readonly (readonly [string, RegExp])[] = [
  // Not as a part of a longer number or digest.
  ["the lab's password", /(?<![0-9a-zA-Z+/])123456(?![0-9a-zA-Z+/])/],
  ["a password hash", /\$(argon2|2[aby]|[56])[a-z]*\$/],
  ["a private key", /PRIVATE KEY-----/],
  ["the state's passphrase", /only for this test/],
];

function found(text: string): string[] {
  return secrets.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
}

export function secretSuite(current: Current): void {
  test("the state holds none in plain text", async () => {
    const { stateFolder } = current().lab;
    const files = (await readdir(stateFolder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      // The history repeats the stack file's configuration, where a lab's passwords stand in plain text.
      .filter((path) => !path.endsWith(".history.json"));
    const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
    expect(texts.join()).toContain("maildomain:index:Credentials");
    expect(
      files.flatMap((path, index) => found(texts[index] ?? "").map((what) => `${path}: ${what}`)),
    ).toEqual([]);
  });

  test("no container shows one to `docker inspect`", async () => {
    const containers = (await objectsOf(current().lab.prefix)).filter((thing) =>
      thing.startsWith("container "),
    );
    expect(containers.length).toBeGreaterThanOrEqual(4);
    for (const container of containers) {
      const text = await docker("inspect", container.replace("container ", ""));
      expect({ container, found: found(text) }).toEqual({ container, found: [] });
    }
  });

  test("no image and no log holds one", async () => {
    const { containers } = current().running;
    for (const name of [containers.mailServer, containers.dnsServer]) {
      if (!name) continue;
      const image = await docker("container", "inspect", "--format", "{{.Image}}", name);
      const texts = [await docker("history", "--no-trunc", image), await docker("logs", name)];
      expect({ name, found: texts.flatMap(found) }).toEqual({ name, found: [] });
    }
  });
}
