import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { anchorOf, keychainSteps, systemStores } from "../../clients/authority-stores.ts";
import { MachineTrust } from "../../commands/machine-trust.ts";
import { MozillaPolicyFiles } from "../../commands/mozilla-policy-files.ts";
import { NssDatabases } from "../../commands/nss-databases.ts";
import { SystemFiles } from "../../commands/system-files.ts";
import { fingerprintOf } from "../../keys/pem.ts";
import { findProgram } from "../../toolchain/child-process.ts";
import { makeAuthority } from "../kit/certificates.ts";

let first: string;
let second: string;
beforeAll(async () => {
  const [one, other] = await Promise.all([makeAuthority("lab"), makeAuthority("lab")]);
  first = one.certificate;
  second = other.certificate;
});

/** A machine with this system's store alone, and a person's home. */
class StandIn extends SystemFiles {
  readonly ran: string[] = [];
  override async run(program: string, args: readonly string[]): Promise<void> {
    this.ran.push([program.replace(/.*\//, ""), ...args].join(" "));
  }
}

let root: string;
let home: string;
let files: StandIn;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "maildomain-trust-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  home = join(root, "home/person");
  files = new StandIn(root, false);
});

/** With this one of Mozilla's programs, or none. */
function machineTrust(installed = ""): MachineTrust {
  const policies = new MozillaPolicyFiles(files, (program) => program === installed);
  return new MachineTrust(files, new NssDatabases(home), policies);
}

function database(folder: string): string {
  const path = join(home, folder);
  mkdirSync(path, { recursive: true });
  execFileSync("certutil", ["-N", "--empty-password", "-d", `sql:${path}`]);
  return path;
}

function written(folder: string): string {
  const path = join(root, `${folder}.pem`);
  writeFileSync(path, folder === "first" ? first : second);
  return path;
}

test.each(systemStores.map((store) => [store.system, store] as const))(
  "the store of %s",
  async (_, store) => {
    const programs = join(root, "programs");
    mkdirSync(programs);
    writeFileSync(join(programs, store.program), "#!/bin/sh\n");
    chmodSync(join(programs, store.program), 0o755);
    vi.stubEnv("PATH", [programs, process.env.PATH].join(delimiter));
    onTestFinished(() => void vi.unstubAllEnvs());
    mkdirSync(files.at(store.folder), { recursive: true });
    const trust = machineTrust();
    expect(trust.system).toBe(store);
    expect(await trust.missing("lab", first)).toEqual([store.folder]);

    expect(await trust.add("lab", first, "")).toEqual([]);
    expect(readFileSync(files.at(anchorOf(store, "lab")), "utf8")).toBe(first);
    expect(await trust.missing("lab", first)).toEqual([]);
    expect(await trust.missing("lab", second)).toEqual([store.folder]);
    await trust.add("lab", first, "");
    expect(files.ran).toEqual([store.program]);

    expect(await trust.remove("other")).toEqual([]);
    expect(await trust.remove("lab")).toEqual([anchorOf(store, "lab")]);
    expect(existsSync(files.at(anchorOf(store, "lab")))).toBe(false);
    expect(files.ran.at(-1)).toBe([store.program, ...store.removalArgs].join(" "));
    expect(await trust.remove("lab")).toEqual([]);
  },
);

describe("the policies of Mozilla's programs", () => {
  const policies = "/etc/thunderbird/policies/policies.json";
  const certificate = "/etc/thunderbird/policies/maildomain-lab.pem";
  const put = (path: string, text: string) => {
    mkdirSync(join(files.at(path), ".."), { recursive: true });
    writeFileSync(files.at(path), text);
  };

  test("a profile to come trusts it; nothing stays of it", async () => {
    const trust = machineTrust("thunderbird");
    expect(await trust.missing("lab", first)).toContain(policies);
    expect(await trust.add("lab", first, "")).toEqual([]);
    expect(JSON.parse(files.read(policies) ?? "")).toEqual({
      policies: { Certificates: { Install: [certificate] } },
    });
    expect(files.read(certificate)).toBe(first);
    expect(await trust.missing("lab", first)).not.toContain(policies);
    // Another authority of the same stack.
    expect(await trust.missing("lab", second)).toContain(policies);
    await trust.add("lab", second, "");
    expect(files.read(certificate)).toBe(second);
    // It has been uninstalled.
    expect(await machineTrust().remove("lab")).toContain(policies);
    expect([files.read(policies), files.read(certificate)]).toEqual([undefined, undefined]);
    expect(await machineTrust().remove("lab")).toEqual([]);
  });

  test("what a company has set is kept", async () => {
    const own = {
      policies: { Certificates: { ImportEnterpriseRoots: true, Install: ["/x.pem"] }, Proxy: {} },
    };
    put(policies, JSON.stringify(own));
    const trust = machineTrust("thunderbird");
    await trust.add("lab", first, "");
    expect(JSON.parse(files.read(policies) ?? "")).toEqual({
      policies: {
        Certificates: { ImportEnterpriseRoots: true, Install: ["/x.pem", certificate] },
        Proxy: {},
      },
    });
    expect(await trust.remove("lab")).toEqual([policies]);
    expect(JSON.parse(files.read(policies) ?? "")).toEqual(own);
  });

  test("what is not JSON is refused, and a distribution's policies are left in force", async () => {
    put(policies, "{ // a comment");
    const [refusal] = await machineTrust("thunderbird").add("lab", first, "");
    expect(refusal).toBe(`${policies}: not valid JSON`);
    expect(files.read(policies)).toBe("{ // a comment");
    expect(files.read(certificate)).toBeUndefined();

    put("/usr/lib/firefox/distribution/policies.json", "{}");
    const trust = machineTrust("firefox");
    expect(await trust.missing("lab", first)).not.toContain("/etc/firefox/policies/policies.json");
    expect(await trust.add("lab", first, "")).toEqual([]);
    expect(existsSync(files.at("/etc/firefox"))).toBe(false);
  });
});

describe.skipIf(findProgram("certutil") === undefined)("NSS' databases (needs certutil)", () => {
  test("every profile and what Chromium reads; a new authority takes the place of the former one", async () => {
    const folders = [
      database(".thunderbird/abc.default"),
      database(".mozilla/firefox/x.default-esr"),
      database(".pki/nssdb"),
    ];
    mkdirSync(join(home, ".mozilla/firefox/Crash Reports"));
    const trust = machineTrust();
    expect(trust.databases.toSorted()).toEqual(folders.toSorted());

    await trust.add("lab", first, written("first"));
    await trust.add("lab", second, written("second"));
    for (const folder of folders) {
      const listed = execFileSync("certutil", ["-L", "-d", `sql:${folder}`], { encoding: "utf8" });
      expect(listed.match(/maildomain lab +C,,/g)).toHaveLength(1);
      const pem = execFileSync("certutil", ["-L", "-d", `sql:${folder}`, "-n", "maildomain lab", "-a"]);
      expect(fingerprintOf(pem.toString())).toBe(fingerprintOf(second));
    }
    expect(await trust.missing("lab", second)).toEqual([]);
    expect((await trust.missing("lab", first)).toSorted()).toEqual(folders.toSorted());

    expect((await trust.remove("lab")).toSorted()).toEqual(folders.toSorted());
    for (const folder of folders)
      expect(execFileSync("certutil", ["-L", "-d", `sql:${folder}`], { encoding: "utf8" })).not.toContain(
        "lab",
      );
  });

  test("what a program's policies have put into a profile is removed with them, by whatever name", async () => {
    const folder = database(".thunderbird/abc.default");
    const asPolicyDoes = ["-A", "-n", "lab - Unknown CA", "-t", "CT,C,", "-i", written("first")];
    execFileSync("certutil", [...asPolicyDoes, "-d", `sql:${folder}`]);
    const trust = machineTrust("thunderbird");
    await trust.add("lab", first, written("first"));
    expect(await trust.missing("lab", first)).toEqual([]);
    // As newer programs write it, for this certificate and for another.
    const records = new DatabaseSync(join(folder, "cert9.db"));
    const { a81, a82 } = records.prepare("SELECT a81, a82 FROM nssPublic WHERE a0 = x'00000001'").get() ?? {};
    const insert = records.prepare("INSERT INTO nssPublic (id, a0, a81, a82) VALUES (?, x'0000000b', ?, ?)");
    insert.run(7, a81 ?? null, a82 ?? null);
    insert.run(8, a81 ?? null, Buffer.from([2, 1, 9]));
    records.close();
    expect(await trust.remove("lab")).toEqual(["/etc/thunderbird/policies/policies.json", folder]);
    expect(execFileSync("certutil", ["-L", "-d", `sql:${folder}`], { encoding: "utf8" })).not.toContain(
      "lab",
    );
    const rest = new DatabaseSync(join(folder, "cert9.db"));
    expect(rest.prepare("SELECT id FROM nssPublic WHERE a0 = x'0000000b'").all()).toMatchObject([{ id: 8 }]);
    rest.close();
  });

  test("a server that the authority has certified is one that the database trusts", async () => {
    const folder = database(".pki/nssdb");
    const file = written("first");
    const validate = () =>
      execFileSync("certutil", ["-V", "-u", "L", "-n", "maildomain lab", "-d", `sql:${folder}`], {
        encoding: "utf8",
        stdio: "pipe",
      });
    expect(validate).toThrow();
    const databases = new NssDatabases(home);
    await databases.add(folder, "lab", { pem: first, file });
    expect(validate()).toContain("certificate is valid");
  });

  test("one that is protected by a password refuses, and the others have it", async () => {
    const open = database(".pki/nssdb");
    const closed = join(home, ".thunderbird/locked");
    mkdirSync(closed, { recursive: true });
    writeFileSync(join(root, "password"), "secret\n");
    execFileSync("certutil", ["-N", "-f", join(root, "password"), "-d", `sql:${closed}`]);
    const trust = machineTrust();
    expect(await trust.add("lab", first, written("first"))).toEqual([expect.stringContaining(closed)]);
    expect(await trust.missing("lab", first)).toEqual([closed]);
    expect(execFileSync("certutil", ["-L", "-d", `sql:${closed}`], { encoding: "utf8" })).not.toContain(
      "lab",
    );
    expect(trust.databases).toContain(open);
  });
});

test("a Mac's keychain", () => {
  expect(keychainSteps(".maildomain/lab-ca.pem")).toEqual({
    add: "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain .maildomain/lab-ca.pem",
    remove: "sudo security remove-trusted-cert -d .maildomain/lab-ca.pem",
  });
});
