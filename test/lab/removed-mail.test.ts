import { afterAll, beforeAll, expect, test } from "vitest";
import { domainOf, MailServerLab } from "../kit/mail-server-lab.ts";

const name = "vaamonde.pti";
const at = (user: string) => `${user}@${name}`;
const lab = new MailServerLab();
const archive = (...words: string[]) =>
  lab.server.exec(`/usr/lib/maildomain/server/mailbox-archive ${words.join(" ")} 2>&1 || true`);
const serve = (users: readonly string[], keepRemovedMailDays = 30) =>
  lab.serve([domainOf(name, Object.fromEntries(users.map((user) => [user, { quotaBytes: 2 ** 30 }])))], {
    keepRemovedMailDays,
  });

async function receive(user: string, subject: string): Promise<void> {
  const text = "From here on, a line that looks like the next message's first.\nFrom x\n";
  await lab.receive(at(user), subject, text);
  await expect.poll(() => lab.subjects(at(user))).toContain(subject);
}

beforeAll(async () => {
  await lab.start();
  await serve(["ana", "bia"]);
});
afterAll(() => lab.server.remove());

test("a removed mailbox keeps its mail, and has it again when it comes back", async () => {
  await receive("bia", "kept");
  await serve(["ana"]);
  expect(await lab.server.exec(`ls -A /var/mail/v/${name} 2>&1; true`)).not.toMatch(/^bia$/m);
  const [address, removed, until, size] = (await archive("list")).split("\t");
  expect(address).toBe(at("bia"));
  expect(removed).toMatch(/^\d{8}T\d{6}Z$/);
  expect(until?.slice(9)).toBe(removed?.slice(9));
  expect(Number(size)).toBeGreaterThan(0);
  await serve(["ana", "bia"]);
  expect(await lab.subjects(at("bia"))).toEqual(["kept"]);
  expect(await archive("list")).toBe("");
});

test("a delivery that was under way at the removal is kept with the rest", async () => {
  await serve(["ana"]);
  // What Dovecot does for a message that it took just before.
  const late = `/var/mail/v/${name}/bia/Maildir`;
  await lab.server.exec(
    `s6-setuidgid vmail mkdir -p ${late}/new ${late}/cur ${late}/tmp && printf 'Subject: late\\r\\n\\r\\nx\\r\\n' | s6-setuidgid vmail tee ${late}/new/1.late >/dev/null`,
  );
  await serve(["ana", "caio"]);
  expect((await archive("list")).split("\n")).toHaveLength(1);
  await serve(["ana", "bia"]);
  expect((await lab.subjects(at("bia"))).toSorted()).toEqual(["kept", "late"]);
});

test("it can be exported, restored beside new mail, and deleted", async () => {
  await serve(["ana"]);
  const mbox = await archive("export", at("bia"));
  expect(mbox.match(/^From MAILER-DAEMON /gm)).toHaveLength(2);
  expect(mbox).toContain("\nX-Folder: INBOX\n");
  expect(mbox).toMatch(/^>From x$/m);
  expect(await archive("restore", at("bia"))).toMatch(/is not a mailbox: declare it/);
  // Somebody else's mail is set aside at the same address, and the mailbox comes back with a message of its own.
  const kept = `/var/mail/v/.removed/${name}/bia`;
  await lab.server.exec(`mv ${kept} /tmp/bia`);
  await serve(["ana", "bia"]);
  await receive("bia", "new");
  await lab.server.exec(`mkdir -p ${kept.slice(0, -4)} && mv /tmp/bia ${kept}`);
  expect(await archive("restore", at("bia"))).toMatch(/has its mail of \d{8}T\d{6}Z back/);
  const subjects = async () => (await lab.subjects(at("bia"))).toSorted();
  await expect.poll(subjects).toEqual(["kept", "late", "new"]);
  const counted = `doveadm -c /run/maildomain/current/dovecot/dovecot.conf -f tab quota get -u ${at("bia")}`;
  expect(await lab.server.exec(counted)).toMatch(/\tMESSAGE\t3\t/);
  await serve(["ana"]);
  expect(await archive("delete", at("bia"))).toMatch(/is deleted/);
  expect([await archive("list"), await archive("delete", at("bia"))]).toEqual([
    "",
    `Nothing of ${at("bia")} is set aside.`,
  ]);
});

test("it goes when it has been kept for long enough", async () => {
  await serve(["ana", "caio"]);
  await receive("caio", "soon gone");
  await serve(["ana"], 1);
  expect(await archive("list")).toContain(at("caio"));
  expect(Number(await lab.server.exec("cat /run/maildomain/wake")) * 1000 - Date.now()).toBeGreaterThan(
    86_000_000,
  );
  // A day later, as far as the archive knows; the server wakes by itself.
  const folder = `/var/mail/v/.removed/${name}/caio`;
  await lab.server.exec(
    `mv ${folder}/* ${folder}/$(date -u -d '-86398 seconds' +%Y%m%dT%H%M%SZ) && /usr/lib/maildomain/server/apply-accounts`,
  );
  await expect.poll(() => archive("list")).toBe("");
});

test("a mailbox that was deleted by hand is there again, empty, and takes mail", async () => {
  await receive("ana", "before");
  await lab.server.exec(`rm -rf /var/mail/v/${name}`);
  expect(await lab.subjects(at("ana"))).toEqual([]);
  await receive("ana", "after");
});
