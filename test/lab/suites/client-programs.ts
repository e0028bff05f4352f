import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClientDescription, describeClients } from "../../../clients/description.ts";
import { writeClientFiles, writeSignedProfile } from "../../../commands/clients.ts";
import type { RunningStack } from "../../../outputs/running-stack.ts";
import type { ClientNames } from "../../../records/index.ts";
import { authorityOf } from "../../kit/authority-of.ts";
import { domain, password } from "../../kit/document-lab.ts";
import { ProgramContainer, programImage } from "../../kit/programs/program-container.ts";
import { contentSignedUnder } from "../../kit/signed-data.ts";
import type { Current } from "./current.ts";

const packages = ["curl", "fetchmail", "getmail6", "isync", "msmtp", "mutt", "sieve-connect"];
/** What the programs are in, which can be built while the lab comes up. */
export const clientProgramsImage = () => programImage(["ca-certificates", ...packages]);

/** The files of `npm run clients -- ADDRESS --write DIR`, as Debian's own programs take them. The mailbox is theirs alone. */
export function clientProgramsSuite(current: Current): void {
  const address = `leandroramos@${domain}`;
  const name = "Leandro Ramos";
  let running: RunningStack;
  let clientNames: ClientNames;
  let clients: ClientDescription;
  let folder: string;
  let container: ProgramContainer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maildomain-clients-"));
    running = current().running;
    [{ clientNames }] = running.domains as [(typeof running.domains)[number]];
    clients = describeClients(domain, clientNames, running.endpoint.ports);
    writeClientFiles(folder, clients, { address, name }, running.caCertificate);
    container = await ProgramContainer.create(current().lab, await clientProgramsImage(), folder);
  });

  afterAll(async () => {
    await container?.remove();
    await rm(folder, { recursive: true });
  });

  const inside = (script: string) => container.run(script);
  const message = (subject: string) =>
    `printf 'From: ${address}\\nTo: ${address}\\nSubject: ${subject}\\n\\nText.\\n'`;

  test("the files are for their owner alone", async () => {
    const files = await readdir(folder);
    expect(files.toSorted()).toEqual([
      "ca.pem",
      "config-v1.1.xml",
      "fetchmailrc",
      "getmailrc",
      `${address}.mobileconfig`,
      "mbsyncrc",
      "msmtprc",
      "muttrc",
      "user.js",
    ]);
    for (const file of files) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  });

  test("the web server's signed profile is the tool's own but for the name, and OpenSSL finds it right", async () => {
    const written = await mkdtemp(join(folder, "written-"));
    const write = (to: RunningStack, about = clients) => writeSignedProfile(written, to, about, address);
    expect(await write(running)).toContain("signed by the web server");
    const signed = await readFile(join(written, `${address}.signed.mobileconfig`));
    const content = await contentSignedUnder(authorityOf(running), signed);
    const unsigned = await readFile(join(folder, `${address}.mobileconfig`), "utf8");
    expect(content).toBe(unsigned.replaceAll(name, address));

    // What is not to be trusted is not written.
    const moved = describeClients(domain, clientNames, { imaps: 1, submissions: 2 });
    expect(await write(running, moved)).toMatch(
      /^no signed profile: .* a profile that differs from the stack/,
    );
    const unreachable = { ...running.endpoint, ports: { ...running.endpoint.ports, https: 9 } };
    expect(await write({ ...running, endpoint: unreachable })).toMatch(/^no signed profile: .*ECONNREFUSED/);
  });

  test("msmtp sends, mbsync and fetchmail receive", async () => {
    await inside(
      `${message("by msmtp")} | msmtp -C ${folder}/msmtprc --passwordeval='echo ${password}' ${address}`,
    );
    // Where a person is asked for the password, a test has to write it down.
    await inside(
      `sed 's/^User .*/&\\nPass ${password}/' ${folder}/mbsyncrc >/tmp/mbsyncrc && mkdir -p ~/Mail/${address}`,
    );
    const synchronised = () =>
      inside(`mbsync -q -c /tmp/mbsyncrc -a && grep -rh ^Subject: ~/Mail/${address}/INBOX`);
    await expect.poll(synchronised).toBe("Subject: by msmtp");
    expect(await inside(`ls -d ~/Mail/${address}/*`)).toMatch(/\/Sent$/m);

    await inside(
      `sed 's/^  user .*/& password "${password}"/' ${folder}/fetchmailrc >/tmp/fetchmailrc && chmod 600 /tmp/fetchmailrc`,
    );
    const fetched = await inside(
      "fetchmail -f /tmp/fetchmailrc --all --mda 'cat >>/tmp/fetched' && cat /tmp/fetched",
    );
    expect(fetched).toMatch(/^Subject: by msmtp$/m);
    // It has been left on the server.
    expect(await inside("fetchmail -f /tmp/fetchmailrc --check || true")).toMatch(/1 message .*seen/);
  });

  test("mutt sends by the server, in the person's name", async () => {
    const passwords = `-e 'set imap_pass="${password}"' -e 'set smtp_pass="${password}"'`;
    await inside(`echo Text. | mutt -F ${folder}/muttrc ${passwords} -s 'by mutt' ${address}`);
    const seen = () =>
      inside(`mbsync -q -c /tmp/mbsyncrc -a && grep -rhE '^(From|Subject):' ~/Mail/${address}/INBOX`);
    await expect.poll(seen).toContain("Subject: by mutt");
    expect(await seen()).toContain(`From: ${name} <${address}>`);
    // A copy is in the folder for what was sent.
    expect(await inside(`grep -rh ^Subject: ~/Mail/${address}/Sent`)).toBe("Subject: by mutt");
  });

  test("getmail receives", async () => {
    // It delivers for no root.
    const asPerson = (script: string) => container.run(`cd ~; ${script}`, "person");
    await inside(
      `sed 's/^username.*/&\\npassword = ${password}/' ${folder}/getmailrc >/tmp/getmailrc
      cp ${folder}/ca.pem /tmp/ca.pem
      sed -i 's#^ca_certs.*#ca_certs = /tmp/ca.pem#' /tmp/getmailrc
      chmod 644 /tmp/ca.pem && chmod 600 /tmp/getmailrc && chown person /tmp/getmailrc`,
    );
    const getmail = "getmail --getmaildir /tmp --rcfile /tmp/getmailrc";
    await asPerson("mkdir -p ~/Maildir/new ~/Maildir/cur ~/Maildir/tmp");
    const received = await asPerson(`${getmail} >/dev/null && grep -rh ^Subject: ~/Maildir/new`);
    expect(received.split("\n")).toContain("Subject: by msmtp");
    // Neither another authority nor another name than the certificate's is good enough.
    for (const change of [
      "s#^ca_certs.*#ca_certs = /etc/ssl/certs/ca-certificates.crt#",
      `s/^server.*/server = autoconfig.${domain}/`,
    ]) {
      await asPerson(`sed '${change}' /tmp/getmailrc >~/changed && chmod 600 ~/changed`);
      const failure = asPerson("getmail --getmaildir /tmp --rcfile ~/changed 2>&1 || true");
      expect(await failure).toMatch(/certificate|hostname/i);
    }
  });

  test("curl sends by both ports, and reads by IMAP and POP3", async () => {
    const curl = `curl --silent --show-error --cacert ${folder}/ca.pem --ssl-reqd --user ${address}:${password}`;
    const [smtp, imap, pop3] = ["smtp", "imap", "pop3"].map((service) => `${service}.${domain}`);
    for (const [url, subject] of [
      [`smtps://${smtp}:465`, "by curl, 465"],
      [`smtp://${smtp}:587`, "by curl, 587"],
    ]) {
      await inside(
        `${message(subject ?? "")} | ${curl} --url ${url} --mail-from ${address} --mail-rcpt ${address} --upload-file -`,
      );
    }
    const found = (subject: string) =>
      inside(`${curl} 'imaps://${imap}:993/INBOX?SUBJECT%20%22${encodeURIComponent(subject)}%22'`);
    for (const subject of ["by curl, 465", "by curl, 587"]) {
      await expect.poll(() => found(subject)).toMatch(/SEARCH \d/);
    }
    expect(await inside(`${curl} pop3s://${pop3}:995/1`)).toMatch(/^Subject: by msmtp\r?$/m);
  });

  test("sieve-connect uploads, activates and lists a script", async () => {
    await inside(
      `printf 'require "fileinto";\\nif header :contains "subject" "sieve-connect" { fileinto "Junk"; }\\n' >/tmp/own.sieve`,
    );
    const sieve = (actions: string) =>
      inside(
        `echo ${password} | sieve-connect --server imap.${domain} --port 4190 --user ${address} --passwordfd 0 \
          --tlscafile ${folder}/ca.pem ${actions} 2>&1`,
      );
    await sieve("--localsieve /tmp/own.sieve --remotesieve own --upload");
    await sieve("--remotesieve own --activate");
    expect(await sieve("--list")).toMatch(/"own" ACTIVE/);
    await inside(
      `${message("for sieve-connect")} | msmtp -C ${folder}/msmtprc --passwordeval='echo ${password}' ${address}`,
    );
    const sorted = () => inside(`mbsync -q -c /tmp/mbsyncrc -a && grep -rh ^Subject: ~/Mail/${address}/Junk`);
    await expect.poll(sorted).toBe("Subject: for sieve-connect");
  });

  test("without the lab's authority none of them connects", async () => {
    const systems = `s#"${folder}/ca.pem"#"/etc/ssl/certs/ca-certificates.crt"#`;
    await inside(
      `cd ${folder}; for file in msmtprc mbsyncrc fetchmailrc; do sed '${systems}' $file >/tmp/$file.without; done`,
    );
    const failure = (script: string) => inside(`${script} 2>&1 && echo connected || true`);
    expect(
      await failure(`${message("x")} | msmtp -C /tmp/msmtprc.without --passwordeval='echo x' ${address}`),
    ).toMatch(/certificate/);
    expect(
      await failure(
        "chmod 600 /tmp/*.without; sed -i 's/^User .*/&\\nPass x/' /tmp/mbsyncrc.without; mbsync -c /tmp/mbsyncrc.without -a",
      ),
    ).toMatch(/certificate/);
    expect(
      await failure(
        "sed -i 's/^  user .*/& password \"x\"/' /tmp/fetchmailrc.without; fetchmail -f /tmp/fetchmailrc.without",
      ),
    ).toMatch(/certificate/i);
    expect(await failure(`curl -sS --user x:x imaps://imap.${domain}:993/`)).toMatch(/certificate/);
    expect(
      await failure(`echo x | sieve-connect --server imap.${domain} --user x --passwordfd 0 --list`),
    ).toMatch(/certificate|verif/i);
  });
}
