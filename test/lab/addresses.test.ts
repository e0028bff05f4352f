import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { type MailService, services } from "../../records/index.ts";
import { planChecks } from "../../verify/plan.ts";
import { formatReport } from "../../verify/report.ts";
import { runChecks } from "../../verify/run.ts";
import { verify } from "../../verify/verify.ts";
import { docker } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { isOpen } from "../kit/open-port.ts";
import { canHaveOwnAddress, OwnAddress } from "../kit/own-address.ts";
import { binaryHeaderOf, textHeader } from "../kit/proxy-header.ts";

const password = "only for this test";
const mailboxes = [{ name: "ana", password }];
/** Of the clients that the balancer names: for documentation (RFC 5737), so that nobody else has them. */
const [known, unknown, guesser, other] = ["203.0.113.7", "203.0.113.8", "203.0.113.9", "203.0.113.10"];
const proxied = {
  smtp: 10_025,
  submission: 10_587,
  submissions: 10_465,
  imaps: 10_993,
  pop3s: 10_995,
  sieve: 14_190,
};
const inside = ["submission", "submissions", "imaps", "pop3s", "sieve"];

describe.skipIf(!canHaveOwnAddress)(
  "a host with several addresses, and load balancers (skipped without root, ip and iptables, or with an engine elsewhere)",
  () => {
    let lab: Lab;
    let running: RunningStack;
    let own: OwnAddress[] = [];
    /** In the world, in the company's network, that of the balancer, and that of somebody else there. */
    let [outer, inner, balancer, stranger] = ["", "", "", ""];
    const container = () => running.containers.mailServer;
    const log = () => docker("logs", container());

    beforeAll(async () => {
      own = await Promise.all([1, 2, 3, 4].map(() => OwnAddress.add()));
      [outer = "", inner = "", balancer = "", stranger = ""] = own.map(({ address }) => address);
      lab = await Lab.create({});
      await lab.configure({
        lab: true,
        address: undefined,
        addresses: [
          { address: outer, services: ["smtp", "dns"] },
          { address: inner, services: [...inside] },
          { address: lab.address, services: ["imaps", "dns"] },
        ],
        publicAddresses: { ipv4: outer },
        proxyProtocol: { from: [balancer], address: inner, ports: proxied },
        loginLimits: { perAddress: 4, perLogin: 100 },
        web: { enabled: false },
        domains: [
          { name: "one.test", mailboxes },
          { name: "two.test", mailboxes, spf: { relays: [known] } },
        ],
        // Somebody else's, which believes in no header.
        servers: [
          { hostName: "mx.two.test", domains: ["two.test"], address: lab.address.replace(/\d+$/, "1") },
        ],
      });
      await lab.up();
      running = await lab.settled();
    });

    afterAll(async () => {
      await lab?.takeDown();
      for (const each of own) await each[Symbol.asyncDispose]();
    });

    test("each service answers at its own addresses, and at no other of the host's", async () => {
      const places = [outer, inner, lab.address];
      const open = async (service: MailService) => {
        const { port } = services[service];
        const answers = await Promise.all(places.map((host) => isOpen(host, port)));
        return places.filter((_, index) => answers[index]);
      };
      expect(await open("smtp")).toEqual([outer]);
      expect(await open("imaps")).toEqual([inner, lab.address]);
      for (const service of ["submission", "submissions", "pop3s", "sieve"] as const) {
        expect(await open(service), service).toEqual([inner]);
      }
      expect(await isOpen(outer, proxied.imaps)).toBe(false);
      expect(running.endpoint).toMatchObject({
        address: outer,
        addresses: { smtp: [outer], imaps: [inner, lab.address], dns: [outer, lab.address] },
        proxyProtocol: { address: inner, ports: proxied },
      });
    });

    test("what the engine has of it is what is declared: a refresh finds nothing", async () => {
      const { status, output } = await lab.operate("preview", ["--refresh", "--expect-no-changes"]);
      expect(status, output).toBe(0);
    });

    test("verify asks each service where it is, and finds nothing wrong", async () => {
      const results = await verify(running);
      expect(formatReport(results)).toMatch(/All \d+ checks passed\./);
      const ids = results.map(({ id }) => id);
      expect(ids).toEqual(
        expect.arrayContaining([
          `at.imaps.${lab.address}`,
          `at.dns.${lab.address}`,
          ...Object.keys(proxied).map((service) => `proxied.${service}.${inner}`),
        ]),
      );
    });

    test("verify reports a service that is elsewhere, a port too many, and one that serves without a header", async () => {
      const failing = async (ids: RegExp, changes: Partial<RunningStack["endpoint"]>) => {
        const endpoint = { ...running.endpoint, ...changes };
        const checks = planChecks({ ...running, endpoint }).flat();
        const own = checks.filter(({ id }) => ids.test(id));
        const results = await runChecks([own]);
        return results.flatMap(({ id, outcome }) =>
          outcome.status === "ok" ? [] : `${id}: ${outcome.seen}`,
        );
      };
      const { addresses } = running.endpoint;
      const places = /^at\.|^ports\.published$/;
      expect(await failing(places, {})).toEqual([]);
      expect(await failing(places, { addresses: { ...addresses, imaps: [inner] } })).toEqual([
        `ports.published: also ${lab.address}:993`,
      ]);
      expect(
        await failing(places, { addresses: { ...addresses, imaps: [inner, lab.address, outer] } }),
      ).toEqual([expect.stringContaining(`at.imaps.${outer}: `)]);
      const open = { address: outer, ports: { smtp: 25 } };
      expect(await failing(/^proxied\./, { proxyProtocol: open })).toEqual([
        `proxied.smtp.${outer}: greets without a PROXY header: 220 mail.one.test ESMTP`,
      ]);
    });

    /** What comes from the balancer, or from somebody else. */
    async function begin(
      service: keyof typeof proxied,
      header: string | Buffer,
      from = balancer,
    ): Promise<Socket> {
      const socket = connect({ host: inner, port: proxied[service], localAddress: from });
      await once(socket, "connect");
      socket.write(header);
      return socket;
    }

    /** Sends each line once the one before is answered, and gives the last answer. */
    async function talk(socket: Socket, isAnswer: RegExp, lines: readonly string[]): Promise<string> {
      const rest = [...lines];
      let text = "";
      let last = "";
      for await (const bytes of socket) {
        text += String(bytes);
        const answer = isAnswer.exec(text);
        if (answer === null) continue;
        [last, text] = [answer[0], ""];
        const next = rest.shift();
        if (next === undefined) break;
        socket.write(`${next}\r\n`);
      }
      socket.destroy();
      return last;
    }

    const smtpAnswer = /^\d{3}(?: .*)?\r\n$/m;

    async function deliver(header: string | Buffer, id: string): Promise<string> {
      return talk(await begin("smtp", header), smtpAnswer, [
        "EHLO client.two.test",
        "MAIL FROM:<ana@two.test>",
        "RCPT TO:<ana@one.test>",
        "DATA",
        `From: ana@two.test\r\nTo: ana@one.test\r\nSubject: ${id}\r\nMessage-ID: <${id}@two.test>\r\n` +
          `Date: ${new Date().toUTCString()}\r\n\r\nText.\r\n.`,
      ]);
    }

    async function logsIn(
      service: "imaps" | "submissions",
      header: string | Buffer,
      secret: string,
    ): Promise<boolean> {
      const socket = connectTls({
        socket: await begin(service, header),
        ca: running.caCertificate,
        servername: service === "imaps" ? "imap.one.test" : "smtp.one.test",
      });
      await once(socket, "secureConnect");
      if (service === "imaps") {
        const said = await talk(socket, /^(?:\* OK|a (?:OK|NO)).*\r\n/m, [
          `a LOGIN ana@one.test "${secret}"`,
        ]);
        return said.startsWith("a OK");
      }
      const plain = Buffer.from(`\0ana@one.test\0${secret}`).toString("base64");
      return (await talk(socket, smtpAnswer, ["EHLO client.one.test", `AUTH PLAIN ${plain}`])).startsWith(
        "235",
      );
    }

    test("who the balancer names is who delivers: the log and SPF have that address, by either version", async () => {
      const ways = [
        { header: textHeader(known, inner), client: known, spf: "pass", id: "version-1" },
        { header: binaryHeaderOf(known, inner), client: known, spf: "pass", id: "version-2" },
        { header: binaryHeaderOf(unknown, inner), client: unknown, spf: "fail", id: "elsewhere" },
      ];
      for (const { header, client, spf, id } of ways) {
        expect(await deliver(header, id), id).toMatch(/^250 /);
        const words = ["doveadm", "-f", "flow", "fetch", "-u", "ana@one.test"];
        const fields = "hdr.authentication-results hdr.received";
        const arrived = () =>
          docker("exec", container(), ...words, fields, "mailbox", "*", "header", "subject", id);
        await expect.poll(arrived).toMatch(new RegExp(`spf=${spf}`));
        expect(await arrived()).toContain(`[${client}]`);
        await expect
          .poll(log)
          .toMatch(new RegExp(`postfix/smtpd\\[\\d+\\]: \\w+: client=\\S*\\[${client}\\]`));
      }
      expect(await log()).not.toMatch(new RegExp(`client=\\S*\\[${balancer}\\]`));
    });

    test("who the balancer names is who guesses: others behind it log in", async () => {
      expect(await logsIn("imaps", textHeader(guesser, inner), "wrong 1")).toBe(false);
      expect(await logsIn("submissions", binaryHeaderOf(guesser, inner), "wrong 2")).toBe(false);
      expect(await logsIn("imaps", binaryHeaderOf(guesser, inner), password)).toBe(false);
      await expect.poll(log).toContain(`login-limits: the address ${guesser} is limited`);
      expect(await logsIn("imaps", textHeader(other, inner), password)).toBe(true);
      expect(await logsIn("submissions", textHeader(other, inner), password)).toBe(true);
      await expect.poll(log).toMatch(new RegExp(`imap-login: .*rip=${other}`));
    });

    /** What it was, up to its end. */
    async function everything(socket: Socket): Promise<string> {
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes.toString("latin1");
      });
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.on("error", () => undefined).on("close", () => resolve());
      await promise;
      return text;
    }

    test("whoever is not a balancer is closed without a word, whatever they say, and so is a balancer that says nothing", async () => {
      const names = Object.keys(proxied) as (keyof typeof proxied)[];
      const strangers = names.map(async (name) =>
        everything(await begin(name, textHeader(known, inner), stranger)),
      );
      const silent = names.map(async (name) => everything(await begin(name, "")));
      const wrong = names.map(async (name) => everything(await begin(name, "EHLO client.two.test\r\n")));
      for (const attempts of [strangers, silent, wrong]) {
        expect(await Promise.all(attempts)).toEqual(names.map(() => ""));
      }
      const reported = [
        `haproxy: Client not trusted (rip=${stranger})`,
        `haproxy: Client timed out (rip=${balancer})`,
        `haproxy: Client disconnected: Failed to read valid HAproxy data (rip=${balancer})`,
        ...[25, 587, 465].flatMap((port) => [
          `smtp-front: port ${port + 20_000}: ${stranger} is in no network of proxyProtocol.from: closed`,
          `smtp-front: port ${port + 20_000}: ${balancer} sends no PROXY header: closed`,
        ]),
      ];
      await expect
        .poll(async () => {
          const said = await log();
          return reported.filter((line) => !said.includes(line));
        })
        .toEqual([]);
    });

    test("the ordinary ports believe no header", async () => {
      const socket = connect({ host: outer, port: services.smtp.port, localAddress: balancer });
      await once(socket, "connect");
      const answer = await talk(socket, smtpAnswer, [textHeader(known, outer).trim()]);
      expect(answer).toMatch(/^5\d\d /);
    });
  },
);
