import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { documentSettings, domain, password } from "../kit/document-lab.ts";
import { docker } from "../kit/engine.ts";
import { Lab } from "../kit/lab.ts";
import { MailClients } from "../kit/mail-clients.ts";
import { keepPicture } from "../kit/pictures.ts";
import { ClawsMail, clawsMailPackages } from "../kit/programs/claws-mail.ts";
import { OwnMachine } from "../kit/programs/own-machine.ts";
import { canRunSystemd, programImage, systemdPackages } from "../kit/programs/program-container.ts";
import { clientProgramsImage, clientProgramsSuite } from "./suites/client-programs.ts";

const page = `https://mail.${domain}/en`;
const images = {
  hosts: ["ca-certificates", "chromium", "curl", "libnss3-tools"],
  resolved: [
    ...["bind9-dnsutils", "ca-certificates", "curl", "dnsmasq-base"],
    ...[...systemdPackages, ...clawsMailPackages],
  ],
} as const;
const hasSystemd = await canRunSystemd();
let lab: Lab;
let running: RunningStack;

beforeAll(async () => {
  lab = await Lab.create(documentSettings());
  // While it comes up.
  const built = [
    programImage(images.hosts),
    hasSystemd && programImage(images.resolved),
    clientProgramsImage(),
  ];
  await Promise.all([...built, lab.up()]);
  running = await lab.settled();
});
afterAll(() => lab.takeDown());

describe("programs set up by their files alone", () => clientProgramsSuite(() => ({ lab, running })));

describe("a machine that `names` and `trust` alone have prepared, by /etc/hosts", () => {
  let machine: OwnMachine;

  beforeAll(async () => {
    machine = await OwnMachine.create(lab, await programImage(images.hosts));
  });
  afterAll(() => machine?.remove());

  const curl = () => machine.container.run(`curl --silent --show-error ${page} 2>&1 || true`, "person");
  /** What Chromium shows, and why it shows nothing. It begins again where a network has been added to the machine. */
  const chromium = () =>
    machine.container.run(
      `HOME=/home/person timeout 120 chromium --headless --no-sandbox --disable-gpu --dump-dom ${page} 2>&1`,
      "person",
    );

  test("nothing is known before", async () => {
    expect(await curl()).toContain("Could not resolve host");
    expect(await machine.command("names")).toMatch(/does not resolve on this machine[\s\S]*exit status 1/);
    expect(await machine.command("trust")).toMatch(
      /Not yet in:\n +\/usr\/local\/share\/ca-certificates\n +\/home\/person\/\.pki\/nssdb\n[\s\S]*exit status 1/,
    );
  });

  test("with the names there is a warning, with the authority none", async () => {
    const hosts = await machine.container.run("cat /etc/hosts");
    expect(await machine.command("names", "--apply", "--yes")).toContain(
      "The stack's names resolve on this machine, by /etc/hosts",
    );
    expect(await curl()).toContain("unable to get local issuer certificate");
    await expect.poll(chromium).toContain("ERR_CERT_AUTHORITY_INVALID");

    expect(await machine.command("trust", "--apply", "--yes")).toContain("This machine trusts");
    expect(await curl()).toContain("Set up your e-mail");
    await expect.poll(chromium).toContain("Set up your e-mail");
    expect(await machine.command("trust")).not.toContain("exit status");

    await machine.command("trust", "--remove");
    expect(await curl()).toContain("unable to get local issuer certificate");
    await expect.poll(chromium).toContain("ERR_CERT_AUTHORITY_INVALID");
    await machine.command("names", "--remove");
    expect(await machine.container.run("cat /etc/hosts")).toBe(hosts);
    expect(await curl()).toContain("Could not resolve host");
  });
});

describe.skipIf(!hasSystemd)(
  "a machine that they have prepared, by systemd-resolved (skipped where the engine lets no container run systemd)",
  () => {
    const elsewhere = "192.0.2.80";
    let other: string;
    let machine: OwnMachine;

    beforeAll(async () => {
      const image = await programImage(images.resolved);
      other = `${lab.prefix}-client-elsewhere`;
      const server = "exec dnsmasq --keep-in-foreground --log-facility=- --log-queries --no-resolv";
      // The world, in which the lab's names do not exist.
      const world = `--address=/example.org/${elsewhere} --local=/org/ --local=/pti/`;
      const network = `${lab.prefix}-network`;
      await docker(
        ...["run", "--detach", "--init", "--name", other, "--network", network, image],
        ...["sh", "-c", `${server} ${world} 2>&1`],
      );
      const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
      machine = await OwnMachine.withResolved(lab, image, await docker("inspect", "--format", format, other));
    });
    afterAll(async () => {
      await machine?.remove();
      await docker("rm", "--force", other);
    });

    const run = (script: string) =>
      machine.container.run(`${script} 2>&1 || echo "exit status $?"`, "person");
    const askedElsewhere = async () =>
      (await docker("logs", other)).split("\n").filter((line) => line.includes(`${domain} from`));

    test("the lab's names come from the lab, others from elsewhere as before", async () => {
      expect(await run(`nslookup smtp.${domain}`)).toMatch(/can't find smtp.vaamonde.pti: NXDOMAIN/);
      expect(await machine.command("names")).toMatch(/does not resolve on this machine[\s\S]*exit status 1/);
      const before = await askedElsewhere();
      expect(before).not.toEqual([]);

      expect(await machine.command("names", "--apply", "--yes")).toContain(
        `The stack's names resolve on this machine, by /etc/systemd/resolved.conf.d/maildomain-${lab.stack}.conf`,
      );
      // As the lesson has it, without a server.
      const found = await run(`nslookup smtp.${domain}`);
      expect(found).toContain("Server:\t\t127.0.0.53");
      expect(found).toContain(`Address: ${lab.address}`);
      expect(await run(`nslookup -type=mx ${domain}`)).toMatch(/mail exchanger = \d+ mail\.vaamonde\.pti\./);
      expect(await run(`nslookup -type=srv _imaps._tcp.${domain}`)).toContain(` 993 imap.${domain}.`);
      expect(await run(`getent ahosts mail.${domain}`)).toContain(lab.address);
      expect(await run("getent ahosts example.org")).toContain(elsewhere);
      expect(await run("nslookup www.example.org")).toContain(elsewhere);
      expect(await askedElsewhere()).toEqual(before);
      // That it is there is what it says, and nothing is to be set again.
      expect(await machine.command("names")).toContain("That is set, and the names resolve on this machine.");
      expect(await machine.command("names", "--apply", "--yes")).not.toContain("/etc/hosts");
    });

    test("claws-mail finds the servers by SRV records, trusts them, sends and receives", async () => {
      expect(await machine.command("trust", "--apply", "--yes")).toContain("This machine trusts");
      const address = `vaamonde@${domain}`;
      const claws = await ClawsMail.start(machine.container);
      await claws.setUpByAutoConfiguration("Admin SOA", address, password, (name) =>
        keepPicture(`clients/claws-mail-${name}`, () => claws.screenshot("Setup Wizard")),
      );
      expect(await claws.account()).toMatchInlineSnapshot(`
        "receive_server=imap.vaamonde.pti
        smtp_port=587
        smtp_server=smtp.vaamonde.pti
        ssl_imap=1
        ssl_smtp=2
        user_id=vaamonde@vaamonde.pti"
      `);
      await expect.poll(() => claws.receive()).toBe(0);
      await claws.send(address, "by claws-mail", () =>
        keepPicture("clients/claws-mail-message", () => claws.screenshot("Compose message")),
      );
      await expect.poll(() => claws.receive()).toBe(1);
      await keepPicture("clients/claws-mail-inbox", async () => {
        await claws.openInbox();
        return claws.screenshot("@");
      });
      const clients = new MailClients(running);
      const inbox = Buffer.concat(await clients.inbox("vaamonde", password)).toString();
      expect(inbox).toMatch(/^Subject: by claws-mail\r$/m);
      expect(await run(`curl --silent --show-error ${page}`)).toContain("Set up your e-mail");
    });

    test("nothing of it stays", async () => {
      const files = "find /etc/systemd/resolved.conf.d /etc/dnssec-trust-anchors.d -name '*maildomain*'";
      expect((await run(files)).split("\n")).toHaveLength(2);
      await machine.command("trust", "--remove");
      expect(await machine.command("names", "--remove")).toContain("Removed the names of stack");
      expect(await run(files)).toBe("");
      expect(await run(`nslookup smtp.${domain}`)).toMatch(/can't find smtp.vaamonde.pti: NXDOMAIN/);
      expect(await run("getent ahosts example.org")).toContain(elsewhere);
      expect(await machine.container.run("cat /etc/hosts")).not.toContain(domain);
    });
  },
);
