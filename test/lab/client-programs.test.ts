import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeClients } from "../../clients/description.ts";
import { writeClientFiles } from "../../commands/clients.ts";
import { documentSettings, domain, password } from "./document-lab.ts";
import { docker } from "./engine.ts";
import { Lab } from "./lab.ts";

/** The files of `npm run clients -- ADDRESS --write DIR`, as Debian's own programs take them. */
describe("programs set up by their files alone", () => {
  const address = `vaamonde@${domain}`;
  let lab: Lab;
  let folder: string;
  let container: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maildomain-clients-"));
    lab = await Lab.create(documentSettings());
    container = `${lab.prefix}-client`;
    await lab.up();
    const target = await lab.settled();
    const [{ clientNames }] = target.domains as [(typeof target.domains)[number]];
    const clients = describeClients(domain, clientNames, target.endpoint.ports);
    writeClientFiles(folder, clients, { address, name: "Admin SOA" }, target.caCertificate);
    const hosts = [clientNames.incoming.imap, clientNames.incoming.pop3, clientNames.outgoing];
    await docker(
      ...["run", "--detach", "--name", container, "--network", "host"],
      ...hosts.flatMap((host) => ["--add-host", `${host}:${target.endpoint.address}`]),
      ...["--volume", `${folder}:${folder}:ro`, "debian:trixie-slim", "sleep", "infinity"],
    );
    await inside(
      "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends " +
        "ca-certificates fetchmail isync msmtp mutt >/dev/null 2>&1",
    );
  });

  afterAll(async () => {
    await docker("rm", "--force", container);
    await rm(folder, { recursive: true });
    await lab.takeDown();
  });

  const inside = (script: string) => docker("exec", container, "sh", "-euc", script);
  const message = (subject: string) =>
    `printf 'From: ${address}\\nTo: ${address}\\nSubject: ${subject}\\n\\nText.\\n'`;

  test("the files are for their owner alone", async () => {
    const files = await readdir(folder);
    expect(files.toSorted()).toEqual([
      "ca.pem",
      "config-v1.1.xml",
      "fetchmailrc",
      "mbsyncrc",
      "msmtprc",
      "muttrc",
      "user.js",
      `${address}.mobileconfig`,
    ]);
    for (const file of files) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
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
    await expect.poll(synchronised, { timeout: 20_000, interval: 1000 }).toBe("Subject: by msmtp");
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
    await expect.poll(seen, { timeout: 20_000, interval: 1000 }).toContain("Subject: by mutt");
    expect(await seen()).toContain(`From: Admin SOA <${address}>`);
    // A copy is in the folder for what was sent.
    expect(await inside(`grep -rh ^Subject: ~/Mail/${address}/Sent`)).toBe("Subject: by mutt");
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
  });
});
