import { createPrivateKey } from "node:crypto";
import { connect as connectSocket, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { issueServerCertificate } from "../../provider/certificate.ts";
import type { Target } from "../../verify/target.ts";
import { docker } from "./engine.ts";
import type { Lab } from "./lab.ts";

/** Makes good again what was broken. */
export type Mend = () => Promise<unknown>;

/** What can be broken in a running lab, each thing by itself and without a new generation. */
export class Breakage {
  readonly #lab: Lab;
  readonly #target: Target;

  constructor(lab: Lab, target: Target) {
    this.#lab = lab;
    this.#target = target;
  }

  get mailServer(): string {
    return this.#target.containers.mailServer;
  }

  get dnsServer(): string {
    return this.#target.containers.dnsServer ?? "";
  }

  /** Runs a script in the mail server's container. */
  inMailServer(script: string, ...values: string[]): Promise<string> {
    return docker("exec", this.mailServer, "bash", "-euc", script, "bash", ...values);
  }

  /** Other records at a name of a served zone than the plan's; none drops them. */
  async records(name: string, type: string, contents: readonly string[], ttl = 3600): Promise<Mend> {
    const zone = this.#target.zones.find((one) => name === one.name || name.endsWith(`.${one.name}`));
    const planned = (zone?.records ?? []).filter((record) => record.name === name && record.type === type);
    const write = async (texts: readonly string[], seconds: number) => {
      const origin = zone?.name ?? "";
      await this.#knotc("zone-begin", origin);
      // Nothing to unset where a record is made up.
      await this.#knotc("zone-unset", origin, `${name}.`, type).catch(() => {});
      for (const text of texts)
        await this.#knotc("zone-set", origin, `${name}.`, String(seconds), type, ...rdata(type, text));
      await this.#knotc("zone-commit", origin);
    };
    await write(contents, ttl);
    return () =>
      write(
        planned.map(({ content }) => content),
        planned[0]?.ttl ?? 3600,
      );
  }

  #knotc(...command: string[]): Promise<string> {
    return docker("exec", this.dnsServer, "knotc", "-c", knotConfiguration, ...command);
  }

  /** Another key than the stack's signs the zone; a restart imports the stack's again. */
  async signingKey(zone: string): Promise<Mend> {
    const keymgr = (...command: string[]) =>
      docker("exec", this.dnsServer, "keymgr", "-c", knotConfiguration, zone, ...command);
    const own = (await keymgr("list")).split(/\s/)[0] ?? "";
    await keymgr("generate", "algorithm=ecdsap256sha256", "ksk=yes", "zsk=yes");
    await keymgr("delete", own);
    await this.#knotc("zone-sign", zone);
    await this.#knotc("zone-keys-load", zone).catch(() => {});
    await sleep(1_000);
    return async () => {
      await docker("restart", this.dnsServer);
      await this.#lab.settled();
      await sleep(1_000);
    };
  }

  /** Signatures that end soon, as after days in which nothing was signed. */
  async signatureLifetime(zone: string): Promise<Mend> {
    const inKnot = (script: string) => docker("exec", this.dnsServer, "bash", "-euc", script);
    await inKnot(
      `cp ${knotConfiguration} /tmp/knot.conf && sed -i 's/^    nsec3: off/&\\n    rrsig-lifetime: 1d\\n    rrsig-refresh: 1h/' ${knotConfiguration}`,
    );
    await this.#knotc("reload");
    await this.#knotc("zone-sign", zone);
    await sleep(1_000);
    return async () => {
      await inKnot(`cp /tmp/knot.conf ${knotConfiguration}`);
      await this.#knotc("reload");
      await this.#knotc("zone-sign", zone);
      await sleep(1_000);
    };
  }

  /** Other settings in Postfix's configuration, `name = value` each. */
  async postfix(...settings: string[]): Promise<Mend> {
    const before = await this.inMailServer(`cat ${postfix}/main.cf`);
    const names = settings.map((setting) => setting.split(" ")[0]);
    // In place of the old ones: each daemon would warn of a setting that stands twice, postlogd to itself.
    const others = before
      .replaceAll(/\n[ \t]+/g, " ")
      .split("\n")
      .filter((line) => !names.includes(line.split(" ")[0]));
    const write = async (text: string) => {
      await this.inMailServer(`printf '%s\n' "$1" >${postfix}/main.cf; postfix reload 2>/dev/null`, text);
      await sleep(1_500);
    };
    await write([...others, ...settings].join("\n"));
    return () => write(before);
  }

  /** Another line in Postfix's table of services. */
  async postfixServices(expression: string): Promise<Mend> {
    await this.inMailServer(
      `cp ${postfix}/master.cf /tmp/master.cf; sed -i "$1" ${postfix}/master.cf; postfix reload 2>/dev/null`,
      expression,
    );
    await sleep(1_500);
    return async () => {
      await this.inMailServer(`cp /tmp/master.cf ${postfix}/master.cf; postfix reload 2>/dev/null`);
      await sleep(1_500);
    };
  }

  /** A certificate from the stack's own authority, for the same key and names, whose life is as given. */
  async certificate(issuedAt: Date, notAfter: Date): Promise<Mend> {
    const pair = await this.inMailServer(`cat ${tlsPair}`);
    const [keyText = ""] = /-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----/.exec(pair) ?? [];
    const names = this.#target.domains.flatMap(({ clientNames: { incoming, outgoing } }) => [
      incoming.imap,
      incoming.pop3,
      outgoing,
    ]);
    const certificate = await issueServerCertificate(
      [this.#target.hostName, ...names],
      { issuedAt, notAfter },
      createPrivateKey(keyText),
      { certificate: this.#target.caCertificate, key: createPrivateKey(await this.#authorityKey()) },
    );
    return this.tlsPair(`${keyText}\n${certificate}`);
  }

  /** Another key and certificate. */
  async tlsPair(text: string): Promise<Mend> {
    const before = await this.inMailServer(`cat ${tlsPair}`);
    const write = async (content: string) => {
      await this.inMailServer(
        `printf '%s\\n' "$1" >${tlsPair}; postfix reload 2>/dev/null; doveadm -c ${dovecot} reload`,
        content,
      );
      await sleep(2_000);
    };
    await write(text);
    return () => write(before);
  }

  /** Nothing where webmail keeps what people have set in it. */
  async webmailDatabase(): Promise<Mend> {
    const inWebmail = (script: string) =>
      docker("exec", this.#target.containers.webmail ?? "", "sh", "-euc", `cd /var/lib/webmail; ${script}`);
    await inWebmail("mkdir away; mv roundcube.db* away/; mkdir roundcube.db");
    return () => inWebmail("rmdir roundcube.db; mv away/* .; rmdir away");
  }

  async #authorityKey(): Promise<string> {
    const { output } = await this.#lab.pulumi([
      "stack",
      "export",
      "--show-secrets",
      "--stack",
      this.#lab.stack,
    ]);
    const { deployment } = JSON.parse(output) as {
      deployment: { resources: { type: string; outputs?: { privateKey?: { plaintext: string } } }[] };
    };
    const authority = deployment.resources.find(
      ({ type }) => type === "maildomain:index:CertificateAuthority",
    );
    return JSON.parse(authority?.outputs?.privateKey?.plaintext ?? '""') as string;
  }

  /** Something else that listens on a port of the stack's address. */
  async listener(port: number): Promise<Mend> {
    const server = createServer((socket) => socket.end());
    await listen(server, port, this.#lab.address);
    return () => close(server);
  }

  /** @returns the port of a way to another one on which each connection is slow to come about. */
  async slowWay(to: number, milliseconds: number): Promise<{ readonly port: number; readonly mend: Mend }> {
    const { address } = this.#lab;
    const server = createServer(async (socket) => {
      socket.on("error", () => {});
      await sleep(milliseconds);
      const onward = connectSocket({ host: address, port: to });
      onward.on("error", () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
    await listen(server, 0, address);
    const place = server.address();
    return {
      port: typeof place === "object" ? (place?.port ?? 0) : 0,
      mend: () => close(server),
    };
  }

  /** One daemon that its supervisor has stopped; the health check has noticed. */
  async stoppedDaemon(name: string): Promise<Mend> {
    const health = (wanted: string) =>
      until(async () => {
        const status = await docker("inspect", "--format", "{{.State.Health.Status}}", this.mailServer);
        return status === wanted ? status : "";
      });
    await this.inMailServer(`s6-svc -wd -d /run/service/${name}`);
    await health("unhealthy");
    return async () => {
      await this.inMailServer(`s6-svc -wu -u /run/service/${name}`);
      await health("healthy");
    };
  }

  /** A message that was put off, and came long ago. */
  async oldMessage(days: number): Promise<Mend> {
    // A next hop that refuses connections puts off at once.
    const restore = await this.postfix("default_transport = smtp:[127.0.0.1]:9");
    await this.inMailServer(`printf 'Subject: waiting\\n\\n' | sendmail -f '' nobody@elsewhere.example`);
    const file = await until(async () =>
      this.inMailServer("find /var/spool/postfix/deferred -type f | head -n 1"),
    );
    // The time of arrival is a record of the queue file. Its name says which inode it has: it is written in place.
    await this.inMailServer(
      `perl -0777 -pe 's/(?<=T.)(\\d{10})(?= \\d)/$1 - ${days * 86_400}/e' "$1" >/tmp/aged; cat /tmp/aged >"$1"`,
      file,
    );
    return async () => {
      await this.inMailServer("postsuper -d ALL 2>/dev/null");
      await restore();
    };
  }
}

const knotConfiguration = "/run/maildomain/current/knot/knot.conf";
const postfix = "/run/maildomain/current/postfix";
const dovecot = "/run/maildomain/current/dovecot/dovecot.conf";
const tlsPair = "/run/maildomain/current/tls/pair.pem";

function rdata(type: string, text: string): string[] {
  // RFC 1035 section 3.3.14: strings of at most 255 bytes.
  if (type === "TXT") return (text.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`);
  if (type === "A" || type === "TLSA") return text.split(" ");
  return text.split(" ").map((field) => (/[a-z]$/i.test(field) ? `${field}.` : field));
}

async function until(probe: () => Promise<string>): Promise<string> {
  const deadline = performance.now() + 40_000;
  for (;;) {
    const seen = await probe();
    if (seen !== "") return seen;
    if (performance.now() > deadline) throw new Error("It did not come about within 40 s.");
    await sleep(200);
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(port, host, resolve);
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
}
