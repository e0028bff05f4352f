import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { HOSTS, type LocalNames, planNames, resolvedDropIn, withBlock } from "../../clients/local-names.ts";
import {
  describeLost,
  globalServersIn,
  lostNames,
  removeNames,
  resolutionOf,
  stackServersIn,
} from "../../commands/names-on-machine.ts";
import { SystemFiles } from "../../commands/system-files.ts";

const names: LocalNames = {
  stack: "lab",
  nameServer: { address: "127.0.0.1", port: 53 },
  zones: ["vaamonde.pti"],
  hosts: new Map([["mail.vaamonde.pti", ["127.0.0.1"]]]),
};
const debian = "127.0.0.1\tlocalhost\n";

let root: string;
let restarts: string[];
let files: SystemFiles;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "maildomain-names-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  restarts = [];
  files = new (class extends SystemFiles {
    override async run(program: string, args: readonly string[]): Promise<void> {
      restarts.push([program, ...args].join(" "));
    }
  })(root, false);
  put(HOSTS, debian);
});

function put(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

test("set and taken back in /etc/hosts", async () => {
  const { files: wanted } = planNames(names, debian, { isResolved: false, globalServers: [] });
  expect((await files.apply(wanted)).map(({ path }) => path)).toEqual([HOSTS]);
  expect(readFileSync(join(root, HOSTS), "utf8")).toBe(withBlock(debian, names));
  expect(await files.apply(wanted)).toEqual([]);
  expect(await removeNames("other", files)).toEqual([]);
  expect(await removeNames("lab", files)).toEqual([HOSTS]);
  expect(readFileSync(join(root, HOSTS), "utf8")).toBe(debian);
  expect(await removeNames("lab", files)).toEqual([]);
  expect(restarts).toEqual([]);
});

test("set and taken back for systemd-resolved, which looks again", async () => {
  const { files: wanted } = planNames(names, debian, { isResolved: true, globalServers: [] });
  await files.apply(wanted);
  expect(readdirSync(join(root, "etc/systemd/resolved.conf.d"))).toEqual(["maildomain-lab.conf"]);
  expect(await removeNames("lab", files)).toHaveLength(2);
  expect(restarts).toEqual(["systemctl restart systemd-resolved"]);
  expect(readdirSync(join(root, "etc/systemd/resolved.conf.d"))).toEqual([]);
});

test.each([
  [
    "its stub is the machine's server",
    { "/etc/resolv.conf": "nameserver 127.0.0.53\noptions edns0\n" },
    true,
  ],
  ["by NSS", { "/etc/nsswitch.conf": "hosts: files resolve [!UNAVAIL=return] dns\n" }, true],
  ["it runs for nobody", { "/etc/resolv.conf": "nameserver 192.0.2.53\n" }, false],
])("systemd-resolved: %s", async (_, contents, isResolved) => {
  for (const [path, content] of Object.entries(contents)) put(path, content);
  expect((await resolutionOf(files)).isResolved).toBe(false);
  put("/run/systemd/resolve/stub-resolv.conf", "");
  expect((await resolutionOf(files)).isResolved).toBe(isResolved);
});

test("servers for everything are those of no network; stacks' are known by their drop-ins", () => {
  expect(globalServersIn("Global: 9.9.9.9 127.0.0.1 2620:fe::fe\nLink 2 (eth0): 192.0.2.1\n")).toEqual([
    ...["9.9.9.9", "127.0.0.1", "2620:fe::fe"],
  ]);
  const drop = (stack: string, address: string, port = 53) => {
    const dropIn = resolvedDropIn({ ...names, stack, nameServer: { address, port } });
    put(`/etc/systemd/resolved.conf.d/maildomain-${stack}.conf`, dropIn);
  };
  expect(stackServersIn(files)).toEqual(new Set());
  drop("lab", "127.0.0.1");
  drop("class", "192.0.2.7", 5353);
  put("/etc/systemd/resolved.conf.d/own.conf", "[Resolve]\nDNS=9.9.9.9\n");
  expect(stackServersIn(files)).toEqual(new Set(["127.0.0.1", "192.0.2.7:5353"]));
  expect(globalServersIn("Global:\nLink 2 (eth0): 192.0.2.1\n")).toEqual([]);
});

test("a name that resolves, one that leads elsewhere, and one that nobody knows", async () => {
  const known = { ...names, zones: ["localhost"], hosts: new Map([["localhost", ["127.0.0.1", "::1"]]]) };
  expect(await lostNames(known)).toEqual([]);
  const elsewhere = await lostNames({ ...known, hosts: new Map([["localhost", ["192.0.2.1"]]]) });
  expect(elsewhere).toMatchObject([{ name: "localhost", found: expect.arrayContaining(["127.0.0.1"]) }]);
  const unknown = {
    ...names,
    zones: ["maildomain.invalid"],
    hosts: new Map([["mail.maildomain.invalid", ["127.0.0.1"]]]),
  };
  const lost = await lostNames(unknown);
  expect(lost).toEqual([{ name: "mail.maildomain.invalid", found: [] }]);
  expect(describeLost(lost)).toBe("mail.maildomain.invalid does not resolve on this machine");
  expect(describeLost([])).toBe("The stack's names resolve on this machine");
  expect(describeLost([{ name: "a.test", found: ["192.0.2.1"] }])).toBe(
    "a.test leads to 192.0.2.1 on this machine, rather than to the stack",
  );
});
