/** Who is at the other end, by both families, through the published ports of an engine that keeps their addresses. */
import { randomInt, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { canIPv6, engineKind } from "../../engine/port-forwarding.ts";
import { serviceNames } from "../../records/index.ts";
import { findProgram, run, runOrThrow } from "../../toolchain/child-process.ts";
import { Lab, type Settings } from "../kit/lab.ts";
import { Neighbour } from "../kit/neighbours.ts";
import { canPlayMachine, RemoteEngine } from "../kit/remote-engine.ts";
import { awaitGenerations } from "../kit/settled.ts";

const canPlay = canPlayMachine && findProgram("ip6tables", ["/usr/sbin", "/sbin"]) !== undefined;
const password = "only for this test";
const [public4, public6] = ["10.251.78.25", "2001:db8:78::25"];

/** Of the engine of Debian 12, which does it only when asked. */
const flags = ["--ipv6", "--fixed-cidr-v6", "fd00:77::/64", "--ip6tables", "--experimental"];

/** Hands in one message, and prints the last answer. */
const deliver = `
const [host, from, to, id] = process.argv.slice(1);
const socket = require("node:net").connect({ host, port: 25 });
const say = ["EHLO stranger.invalid", "MAIL FROM:<" + from + ">", "RCPT TO:<" + to + ">", "DATA",
  "From: " + from + "\\r\\nTo: " + to + "\\r\\nSubject: " + id + "\\r\\nMessage-ID: <" + id + "@stranger.invalid>\\r\\n" +
  "Date: " + new Date().toUTCString() + "\\r\\n\\r\\nText.\\r\\n.", "QUIT"];
let last = "", rest = "";
socket.setTimeout(60000, () => socket.destroy(new Error("timeout")));
socket.on("data", (bytes) => {
  rest += bytes;
  const lines = rest.split("\\r\\n");
  rest = lines.pop();
  for (const line of lines) {
    if (!/^\\d{3}(?: |$)/.test(line)) continue;
    if (!line.startsWith("221")) last = line;
    const next = /^[45]/.test(line) ? "QUIT" : say.shift();
    if (next) socket.write(next + "\\r\\n");
  }
});
socket.on("close", () => console.log(last));
socket.on("error", (error) => { console.log(String(error)); process.exit(1); });
`;

/** Logs in once by IMAP, and prints the answer. */
const logIn = `
const [host, user, secret] = process.argv.slice(1);
const socket = require("node:tls").connect({ host, port: 993, rejectUnauthorized: false });
let text = "";
socket.setTimeout(90000, () => socket.destroy(new Error("timeout")));
socket.on("data", (bytes) => {
  const before = text;
  text += bytes;
  if (/^\\* OK/.test(text) && before === "") socket.write('a LOGIN "' + user + '" "' + secret + '"\\r\\n');
  const answer = /^a (.*)$/m.exec(text);
  if (answer) { console.log(answer[1].trim()); socket.destroy(); }
});
socket.on("error", (error) => { console.log(String(error)); process.exit(1); });
`;

describe.skipIf(!canPlay)(
  "both families, and the engine is in nobody's way (skipped without root, dockerd and ip6tables)",
  () => {
    const path = process.env.PATH;
    let machine: RemoteEngine;
    let lab: Lab;
    let before: string;
    let moved: string;
    let near: Neighbour;
    let far: Neighbour;

    const settings = (more: object = {}): Settings => ({
      lab: true,
      dockerHost: machine.host,
      address: "::",
      publicAddresses: { ipv4: public4, ipv6: public6 },
      web: { enabled: false },
      loginLimits: { perAddress: 4, perLogin: 100 },
      domains: [
        { name: "one.test", mailboxes: [{ name: "ana", password }] },
        // Somebody else's, whose mail comes from the first neighbour.
        {
          name: "two.test",
          mailboxes: [{ name: "rui", password }],
          spf: { relays: [near.ipv4, near.ipv6] },
        },
      ],
      servers: [
        {
          hostName: "mx.two.test",
          domains: ["two.test"],
          ports: { smtp: 2525, submission: 2587, submissions: 2465, imaps: 2993, pop3s: 2995, sieve: 5190 },
        },
      ],
      ...more,
    });
    const mailServer = () => `${lab.prefix}-mail-server`;
    const inServer = (...words: string[]) => machine.docker("exec", mailServer(), ...words);
    const log = () => machine.docker("logs", mailServer());
    const networks = () =>
      machine.docker("network", "inspect", "--format", "{{.Id}} {{.EnableIPv6}}", `${lab.prefix}-network`);

    beforeAll(async () => {
      machine = await RemoteEngine.start(flags);
      process.env.PATH = machine.environment.PATH;
      const there = (...words: string[]) => runOrThrow("ip", "ip", ["-netns", machine.network, ...words]);
      await there("addr", "add", `${public4}/32`, "dev", "lo");
      await there("addr", "add", `${public6}/128`, "dev", "lo", "nodad");
      [near, far] = [await Neighbour.join(machine.network, 0), await Neighbour.join(machine.network, 1)];
      // The image that the others are built on, where no registry can be reached.
      const base = 'docker save debian:trixie-slim | docker --host "$1" load';
      await runOrThrow("docker", "sh", ["-c", base, "sh", machine.localHost]);
      lab = await Lab.create({});
      await lab.configure(settings({ address: "0.0.0.0", publicAddresses: { ipv4: public4 } }));
      await lab.up();
      before = await networks();
      await lab.configure(settings());
      moved = await lab.up();
      await awaitGenerations(await lab.outputs(), (container) =>
        machine.docker("exec", container, "maildomain-generation").catch(String),
      );
    }, 1_200_000);

    afterAll(async () => {
      process.env.PATH = path;
      await near?.[Symbol.asyncDispose]();
      await far?.[Symbol.asyncDispose]();
      await machine?.stop();
      if (lab !== undefined) await rm(`${lab.stateFolder}/..`, { recursive: true });
    });

    test("a lab without IPv6 that asks for it gets it: its network is another one of the same name", async () => {
      expect(before).toMatch(/ false$/);
      expect(moved).toMatch(/Network network replaced/i);
      expect(await networks()).toMatch(/ true$/);
    });

    test("a stack outside a lab moves to a second network, one container after another, and back", async () => {
      const ports = Object.fromEntries(serviceNames.map((service, index) => [service, 28_500 + index]));
      const outside = (more: object) => ({
        dockerHost: machine.host,
        ports,
        certificates: { issuer: "private" },
        domains: [{ name: "three.test", mailboxes: [{ name: "ana" }] }],
        publicAddresses: { ipv4: public4 },
        ...more,
      });
      const stack = await Lab.create(outside({ address: "0.0.0.0" }));
      const existing = async () => {
        const words = ["network", "ls", "--filter", `name=${stack.prefix}-`, "--format", "{{.Name}} {{.ID}}"];
        return (await machine.docker(...words)).replaceAll(`${stack.prefix}-`, "").split("\n").toSorted();
      };
      const isUnchanged = async () => {
        const { status, output } = await stack.operate("preview", ["--expect-no-changes"]);
        expect(status, output).toBe(0);
      };
      try {
        await stack.up();
        const first = await existing();
        expect(first).toEqual([expect.stringMatching(/^network /)]);
        await isUnchanged();
        expect(await existing()).toEqual(first);
        await stack.configure(outside({ address: "::" }));
        await stack.up();
        expect(await existing()).toEqual([expect.stringMatching(/^network-ipv6 /)]);
        await isUnchanged();
        await stack.configure(outside({ address: "0.0.0.0" }));
        await stack.up();
        expect(await existing()).toEqual([expect.stringMatching(/^network /)]);
      } finally {
        await stack.operate("destroy", ["--yes", "--skip-preview"]);
        await stack.forget();
      }
    }, 600_000);

    test("the network has unique local addresses, and stays the same: a preview and a refresh find nothing to change", async () => {
      const now = await networks();
      expect(now).toMatch(/ true$/);
      const subnets = await machine.docker(
        "network",
        "inspect",
        "--format",
        "{{range .IPAM.Config}}{{.Subnet}} {{end}}",
        `${lab.prefix}-network`,
      );
      expect(subnets).toMatch(/198\.19\.\d+\.\d+\/27.*\bfd[0-9a-f]{2}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::\/64/);
      const { status, output } = await lab.operate("preview", ["--refresh", "--expect-no-changes"]);
      expect(status, output).toBe(0);
      expect(output).not.toMatch(/stays without IPv6/);
      // The plugin lists the ports of one number, by TCP and by UDP, in an order that is drawn each time.
      const state = JSON.parse(await lab.exportState());
      for (const { inputs, outputs } of state.deployment.resources) {
        for (const { ports = [] } of [inputs ?? {}, outputs ?? {}]) ports.reverse?.();
      }
      await lab.importState(JSON.stringify(state));
      const turned = await lab.operate("preview", ["--refresh", "--expect-no-changes"]);
      expect(turned.status, turned.output).toBe(0);
      expect(await networks()).toBe(now);
    });

    const ways = () =>
      [near, far].flatMap((who) => [
        { who, to: public4, from: who.ipv4, passes: who === near },
        { who, to: public6, from: who.ipv6, passes: who === near },
      ]);

    test("the log and SPF see each one's own address", async () => {
      for (const { who, to, from, passes } of ways()) {
        const id = randomUUID();
        const answer = await who.prints(
          process.execPath,
          "-e",
          deliver,
          to,
          "rui@two.test",
          "ana@one.test",
          id,
        );
        expect(answer, from).toMatch(/^250 /);
        await expect.poll(log).toContain(`[${from}]`);
        const header = () =>
          inServer(
            ...["doveadm", "-f", "flow", "fetch", "-u", "ana@one.test"],
            ...["hdr.authentication-results", "mailbox", "*", "header", "subject", id],
          );
        await expect.poll(header).toMatch(passes ? /spf=pass/ : /spf=fail/);
      }
    });

    test("one who guesses passwords delays nobody else, and not by the other family", async () => {
      const as = (who: Neighbour, to: string, secret: string) =>
        who.prints(process.execPath, "-e", logIn, to, "ana@one.test", secret);
      for (let n = 0; n < 6; n++) expect(await as(far, public6, `wrong ${n}`)).toMatch(/^NO /);
      await expect.poll(log).toMatch(/login-limits: the address 2001:db8:77:2::\/64 is limited/);
      expect(await as(far, public6, password)).toMatch(/^NO /);
      expect(await as(near, public6, password)).toMatch(/^OK /);
      expect(await as(near, public4, password)).toMatch(/^OK /);
      expect(await as(far, public4, password)).toMatch(/^OK /);
      expect(await log()).not.toMatch(
        /login-limits: .*(?:10\.251\.|2001:db8:77:1:|198\.19\.|fd).* is limited/,
      );
    });

    test("mail leaves by the family whose address reverse name and SPF know", async () => {
      for (const service of ["smtp/unix", "relay/unix"]) {
        expect(
          await inServer(
            "postconf",
            "-c",
            "/run/maildomain/current/postfix",
            "-P",
            `${service}/inet_protocols`,
          ),
        ).toMatch(/= ipv4$/);
      }
      expect(
        await inServer("postconf", "-c", "/run/maildomain/current/postfix", "-h", "inet_protocols"),
      ).toBe("all");
    });

    const check = `
    const [address4, address6, host, running] = process.argv.slice(1);
    const { DockerEngine } = await import(${JSON.stringify(new URL("../../engine/docker-engine.ts", import.meta.url).href)});
    const { clientAddressChecks } = await import(${JSON.stringify(new URL("../../verify/checks/client-addresses.ts", import.meta.url).href)});
    const checks = clientAddressChecks(JSON.parse(running), [address4, address6], new DockerEngine(host));
    console.log(JSON.stringify(await Promise.all(checks.map((one) => one.run()))));
  `;
    const verifyFrom = async (who: Neighbour) => {
      const { endpoint, containers } = await lab.outputs();
      const words = ["--input-type=module", "--eval", check, public4, public6, machine.localHost];
      return JSON.parse(
        await who.prints(process.execPath, ...words, JSON.stringify({ endpoint, containers })),
      ) as { readonly status: string; readonly seen: string; readonly remedy?: string }[];
    };

    test("verify is seen as itself, and reports an engine whose proxy takes the connections, with its remedy", async () => {
      expect(await verifyFrom(near)).toEqual([
        { status: "ok", seen: `as ${near.ipv4}` },
        { status: "ok", seen: `as ${near.ipv6}` },
      ]);
      // As after a firewall has replaced the engine's rules.
      for (const tables of ["iptables", "ip6tables"]) {
        const inside = [`--net=/run/netns/${machine.network}`, tables, "-t", "nat", "-F", "DOCKER"];
        expect((await run("nsenter", inside)).status).toBe(0);
      }
      const [by4, by6] = await verifyFrom(near);
      expect(by4?.status).toBe("failed");
      expect(by4?.seen).toMatch(/^your engine hides your clients: 10\.251\.77\.2 is 198\.19\.[\d.]+ there$/);
      expect(by4?.remedy).toMatch(/userland proxy.*"iptables": false/);
      expect(by6?.status).toBe("failed");
      expect(by6?.seen).toMatch(
        /^your engine hides your clients: 2001:db8:77:1::2 is (?:fd|198\.19\.)\S+ there$/,
      );
      expect(by6?.remedy).toMatch(/userland proxy.*"ip6tables": false/);

      await near.prints("ip", "-6", "route", "del", "default");
      expect((await verifyFrom(near))[1]).toEqual({
        status: "ok",
        seen: "not checked: this machine has no IPv6",
      });
    });
  },
);

/** What this machine's own engine is; the tests' machines have Debian 12's, which hides who connects by IPv6. */
const here = await engineKind(new DockerEngine()).catch(() => undefined);

describe.skipIf(here === undefined || canIPv6(here))(
  "an engine that hides who connects by IPv6 (skipped where this machine's does not)",
  () => {
    let lab: Lab;
    const ports = Object.fromEntries(
      serviceNames.map((service, index) => [service, 28_500 + randomInt(0, 50) * 20 + index]),
    );
    const settings = (more: object): Settings => ({
      lab: true,
      web: { enabled: false },
      ports,
      domains: [{ name: "one.test", mailboxes: [{ name: "ana", password }] }],
      ...more,
    });
    const both = { address: "::", publicAddresses: { ipv4: public4, ipv6: public6 } };

    beforeAll(async () => {
      lab = await Lab.create(settings(both));
    });
    afterAll(() => lab?.forget());

    test("a preview says so, with the remedy, and the network stays without IPv6", async () => {
      const { status, output } = await lab.operate("preview", ["--diff"]);
      expect(status, output).toBe(0);
      const said = output.replaceAll(/\s+/g, " ");
      expect(said).toMatch(
        /maildomain:address: the stack's network stays without IPv6, .*"ip6tables": true, "experimental": true/,
      );
      expect(said).not.toContain("ipv6 : true");
    });

    test("nothing is said where nobody asks", async () => {
      await lab.configure(settings({ address: "127.0.53.1" }));
      expect(await lab.preview()).not.toMatch(/without IPv6/);
    });

    test("doctor says so", async () => {
      const { output } = await lab.script(["doctor"]);
      expect(output.replaceAll(/\s+/g, " ")).toMatch(/hides who connects by IPv6 .*docs\/addresses\.md/);
    });
  },
);
