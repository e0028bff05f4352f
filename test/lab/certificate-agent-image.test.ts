import { generateKeyPairSync } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerImage } from "../../naming/servers.ts";
import { type ConfigurationFile, readableByAll } from "../../servers/generation/configuration-file.ts";
import { HTTP_QUESTION, renderHealthQuestions } from "../../servers/generation/health-questions.ts";
import { pebbleProgram } from "../../toolchain/pebble.ts";
import { hasPebble, ownPair, pebbleConfiguration, pebbleEnvironment } from "../kit/acme-authority.ts";
import { type AgentOrder, hasAgent, orderFor } from "../kit/certificate-agent.ts";
import { docker } from "../kit/engine.ts";
import { buildImage, ServerContainer } from "../kit/server-container.ts";

const role = "certificate-agent" as string as ServerImage;
const processOfAgent = "s6-svstat -o pid /run/service/certificate-agent";
const certificates = "/var/lib/certificates";
const network = { name: "maildomain-test-certificates", subnet: "10.222.31.0/24" };
const server = new ServerContainer({
  role,
  capabilities: [],
  ports: ["80/tcp"],
  volumes: [certificates],
  network: { name: network.name, address: "10.222.31.10" },
});
const authority = `${server.prefix}-authority`;
const accountKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const pem = { type: "pkcs8", format: "pem" } as const;

describe.skipIf(!hasPebble || !hasAgent)(
  "the certificate agent's image (skipped without Pebble, which Go or its proxy lacks)",
  () => {
    let folder: string;
    let root: string;
    let first: AgentOrder;

    function generation(orders: readonly AgentOrder[], changed: object = {}): ConfigurationFile[] {
      const settings = {
        directory: "https://authority.example.org:14000/dir",
        contact: ["mailto:postmaster@example.org"],
        roots: "certificate-agent/roots.pem",
        redirectPort: 443,
        orders: orders.map(({ name, names }) => ({ name, names })),
        ...changed,
      };
      const question = { daemon: "certificate-agent", socket: "tcp 80", request: HTTP_QUESTION } as const;
      const files = [
        { path: "listening", content: "tcp 80\n" },
        { path: "services", content: "certificate-agent\n" },
        renderHealthQuestions([question]),
        { path: "certificate-agent/orders.json", content: JSON.stringify(settings) },
        { path: "certificate-agent/roots.pem", content: root },
        ...orders.map(({ name, request }) => ({ path: `certificate-agent/${name}.csr`, content: request })),
      ];
      const secret = { path: "certificate-agent/account.pem", content: accountKey.export(pem) as string };
      return [...files.flatMap((file) => readableByAll([file])).map(({ owner: _, ...file }) => file), secret];
    }
    async function status(order: string): Promise<Record<string, unknown>> {
      const text = await server.exec(`cat ${certificates}/${order}/status.json || echo '{}'`);
      return JSON.parse(text) as Record<string, unknown>;
    }

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "maildomain-authority-"));
      const pair = await ownPair(["authority.example.org"]);
      root = pair.root;
      mkdirSync(join(folder, "pebble"));
      const write = (name: string, text: string) => writeFileSync(join(folder, "pebble", name), text);
      write("key.pem", pair.key);
      write("certificate.pem", pair.certificate);
      const place = {
        listenAddress: "0.0.0.0:14000",
        certificate: "/pebble/certificate.pem",
        privateKey: "/pebble/key.pem",
      };
      write("configuration.json", JSON.stringify(pebbleConfiguration({ httpPort: 80 }, place)));
      cpSync(pebbleProgram(), join(folder, "pebble", "pebble"));
      const image = await buildImage(role);
      await docker("network", "create", "--subnet", network.subnet, network.name);
      const environment = Object.entries(pebbleEnvironment({})).flatMap(([key, value]) => [
        "--env",
        `${key}=${value}`,
      ]);
      await docker(
        ...["create", "--name", authority, "--network", network.name, "--user", "root", ...environment],
        ...["--network-alias", "authority.example.org", "--add-host", "mx1.example.org:10.222.31.10"],
        ...["--add-host", "mail.example.org:10.222.31.10", "--entrypoint", "/pebble/pebble", image],
        ...["-config", "/pebble/configuration.json", "-strict"],
      );
      await docker("cp", `${folder}/pebble`, `${authority}:/`);
      await docker("start", authority);
      await server.build();
      first = await orderFor("mail-server", ["mx1.example.org"]);
      await server.upload(generation([first]));
      await server.run();
    });
    afterAll(async () => {
      await server.remove();
      await docker("network", "rm", network.name);
      rmSync(folder, { recursive: true });
    });

    test("runs as an ordinary user without a capability, and orders on port 80", async () => {
      expect(await server.becomes(/^healthy/)).toMatch(/^healthy: generation [0-9a-f]{16} is in force$/);
      await expect.poll(() => status("mail-server")).toMatchObject({ state: "valid", failures: 0 });
      expect(await server.exec("id -u")).toBe("840");
      expect(await server.exec(`stat -c '%a %U' ${certificates}/mail-server/chain.pem`)).toBe(
        "644 certificates",
      );
    });

    test("leads everything else to HTTPS", async () => {
      const url = `http://127.0.0.1:${await server.port("80/tcp")}/a?b=c`;
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        get(url, { headers: { Host: "mail.example.org" } }, resolve).on("error", reject);
      });
      answer.resume();
      expect([answer.statusCode, answer.headers.location]).toEqual([308, "https://mail.example.org/a?b=c"]);
    });

    test("takes a new generation without a new process", async () => {
      const pid = await server.exec(processOfAgent);
      const { serial } = await status("mail-server");
      const second = await orderFor("example.org", ["mail.example.org"]);
      const id = await server.upload(generation([first, second]));
      expect(await server.settles(new RegExp(id))).toBe(id);
      await expect.poll(() => status("example.org")).toMatchObject({ state: "valid" });
      expect(await status("mail-server")).toMatchObject({ state: "valid", serial });
      expect(await server.exec(processOfAgent)).toBe(pid);
    });

    test("refuses a generation with a mistake, and keeps what it had", async () => {
      const id = await server.generation();
      const wildcard = await orderFor("example.org", ["*.example.org"]);
      await server.upload(generation([first, wildcard], { directory: "http://authority.example.org/dir" }));
      const refused = await server.settles(/directory/);
      expect(refused).toContain('directory "http://authority.example.org/dir" is not an https URL');
      expect(refused).toContain("is a wildcard, which HTTP-01 cannot prove");
      expect(await server.exec("cat /run/maildomain/in-force")).toBe(id);
    });

    test("stops in order", async () => {
      await docker("stop", server.name);
      expect(await server.exitCode()).toBe("0");
    });
  },
);
