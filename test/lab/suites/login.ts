import { expect, test } from "vitest";
import { domain, password, users } from "../../kit/document-lab.ts";
import { MailClients, refusalOf } from "../../kit/mail-clients.ts";
import type { Current } from "./current.ts";

const names = users.flatMap((user) => [user, `${user}@${domain}`]);

/** Eight users, by bare name and by full address, on all four services. */
export function loginSuite(current: Current): void {
  const clients = () => new MailClients(current().running);

  test.each(names)("%s on 587 and 465", async (name) => {
    for (const service of ["submission", "submissions"] as const) {
      const transport = clients().smtp(service, name, password);
      await expect(transport.verify()).resolves.toBe(true);
      transport.close();
    }
  });

  test.each(names)("%s on 993", async (name) => {
    const client = clients().imap(name, password);
    await client.connect();
    const { exists } = await client.mailboxOpen("INBOX");
    expect(exists).toBeGreaterThanOrEqual(0);
    await client.logout();
  });

  test.each(names)("%s on 995", async (name) => {
    const client = clients().pop3(name, password);
    expect(await client.STAT()).toMatch(/^\d+ \d+$/);
    await client.QUIT();
  });

  test("a wrong password is refused, and the right one taken afterwards", async () => {
    const transport = clients().smtp("submission", "vaamonde", "654321");
    expect(await refusalOf(transport.verify())).toMatch(/^535 /);
    transport.close();
    const client = clients().imap("vaamonde", password);
    await client.connect();
    await client.logout();
  });
}
