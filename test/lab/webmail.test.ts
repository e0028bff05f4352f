import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import type { HttpAnswer, HttpRequest } from "../../verify/probes/http.ts";
import { askWeb } from "../kit/ask-web.ts";
import { authorityOf } from "../kit/authority-of.ts";
import { documentMailboxes, domain, password } from "../kit/document-lab.ts";
import { docker } from "../kit/engine.ts";
import { Lab, type Settings } from "../kit/lab.ts";
import { MailClients, refusalOf, subjectsIn } from "../kit/mail-clients.ts";
import { keepPicture } from "../kit/pictures.ts";
import { BrowserContainer } from "../kit/programs/browser.ts";
import { securityHeaders, webmailHeaders } from "../kit/response-headers.ts";

const partner = "parceiro.pti";
const host = `webmail.${domain}`;

const reports = `relatorios@${domain}`;

const settings = (more: readonly object[] = [], displayName = "Admin SOA"): Settings => ({
  lab: true,
  domains: [
    {
      name: domain,
      mailboxes: [
        ...documentMailboxes.map((mailbox) =>
          mailbox.name === "vaamonde" ? { ...mailbox, displayName } : mailbox,
        ),
        { name: "suspenso", password, enabled: false },
        { name: "assistente", displayName: "Assistente", password, sendAs: [`postmaster@${domain}`] },
        ...more,
      ],
      dmarc: { reports },
      tlsReports: reports,
      aliases: [{ name: "vendas", to: [`vaamonde@${domain}`] }],
    },
    { name: partner, mailboxes: [{ name: "contato", displayName: "Parceiro", password }] },
  ],
  servers: [
    {
      hostName: `mail.${partner}`,
      domains: [partner],
      ports: { smtp: 2025, submission: 2587, submissions: 2465, imaps: 2993, pop3s: 2995, sieve: 5190 },
    },
  ],
});

describe("webmail", () => {
  let lab: Lab;
  let running: RunningStack;
  let container: BrowserContainer;

  beforeAll(async () => {
    lab = await Lab.create(settings());
    await Promise.all([BrowserContainer.build(), lab.up()]);
    running = await lab.settled();
    container = await BrowserContainer.start(`${lab.prefix}-browser`, authorityOf(running), {
      network: `${lab.prefix}-network`,
      nameServer: await addressOf(running.containers.innerDnsServer ?? ""),
    });
  });

  /** What the policy has kept a page from: nothing that Roundcube needs. */
  const violations: string[] = [];

  afterAll(async () => {
    expect(violations).toEqual([]);
    await container?.stop();
    await lab.takeDown();
  });

  /** By HTTPS, trusting the lab's authority alone. */
  const ask = (path: string, more: Partial<HttpRequest> = {}): Promise<HttpAnswer> =>
    askWeb(running, host, path, more);

  const webmail = () => running.containers.webmail ?? "";

  /** A browser of its own, with its own cookies. */
  async function visit(name: string, secret: string, at = host, size = desktop): Promise<Page> {
    const context = await container.browser.newContext({ viewport: size, locale: "en-US" });
    return logIn(context, name, secret, at);
  }

  async function logIn(context: BrowserContext, name: string, secret: string, at = host): Promise<Page> {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) violations.push(message.text());
    });
    await page.goto(`https://${at}/`);
    await keep(page, "login");
    await page.fill("#rcmloginuser", name);
    await page.fill("#rcmloginpwd", secret);
    await page.click("#rcmloginsubmit");
    // The mailbox, or why there is none.
    const reported = "#messagestack div:not(.loading)";
    await page.locator(`body.task-mail, ${reported}`).first().waitFor({ state: "attached" });
    // Then its list: whoever continues in that half second may find what the next page has put into the session written over
    // by the request for the list (roundcube/roundcubemail#9840).
    await page.waitForLoadState("networkidle");
    return page;
  }

  /** What a message can be from. */
  async function senders(page: Page): Promise<string[]> {
    const options = page.locator("#_from option");
    await options.first().waitFor({ state: "attached" });
    return options.allInnerTexts();
  }

  async function isIn(page: Page): Promise<void> {
    await page.locator("body.task-mail").waitFor();
  }

  async function keep(page: Page, name: "login" | "inbox" | "compose" | "filter"): Promise<void> {
    const size = (page.viewportSize()?.width ?? 0) > phone.width ? "desktop" : "phone";
    await keepPicture(`webmail/${name}-${size}`, async () => {
      // Lists and editors come about after the page.
      await sleep(1_500);
      return page.screenshot();
    });
  }

  const subjects = async (clients: MailClients, user: string, folder: string): Promise<string[]> => {
    const client = clients.imap(user, password);
    await client.connect();
    return subjectsIn(client, folder);
  };

  /** A message from one lab user to another. */
  async function send(from: string, to: string, subject: string): Promise<void> {
    const clients = new MailClients(running);
    const transport = clients.smtp("submissions", from, password);
    await transport.sendMail({
      from: `${from}@${domain}`,
      to: `${to}@${domain}`,
      subject,
      text: "Olá, segue a ata.\n",
    });
    transport.close();
  }

  /** What is written in a password change, line by line, from where it may come from. */
  const changeOver = (lines: readonly string[]): Promise<string> =>
    docker(
      ...["exec", webmail(), "php", "-d", "allow_url_fopen=1", "-r", conversation],
      ...[`${lab.prefix}-mail-server`, running.hostName, ...lines],
    );

  describe("what strangers get", () => {
    test("its page, of the domain's own name, and no version", async () => {
      const { status, headers, body } = await ask("/");
      expect(status).toBe(200);
      expect(body).toContain(`<title>Webmail · ${domain} :: Welcome to Webmail · ${domain}</title>`);
      expect(body).not.toMatch(/\d+\.\d+\.\d+/);
      expect(headers["set-cookie"]?.join()).toMatch(
        /^roundcube_sessid=[^;]+; path=\/; secure; HttpOnly; SameSite=Lax/,
      );
      expect(headers["content-security-policy"]).toMatch(/^default-src 'self';.*frame-ancestors 'self'$/);
      const portuguese = await ask("/", { headers: { "accept-language": "pt-PT,pt;q=0.9" } });
      expect(portuguese.body).toContain('<html lang="pt"');
      const plain = { port: running.endpoint.ports.http ?? 0, isPlain: true };
      expect(await ask("/?a=b", plain)).toMatchObject({
        status: 302,
        headers: { location: `https://${host}/?a=b` },
      });
    });

    test.each([
      ["the installer", "/installer/", 404],
      ["the installer's page", "/installer/index.php", 404],
      ["the configuration", "/config/config.inc.php", 404],
      ["the key", "/config/../key", 404],
      ["logs", "/logs/errors.log", 404],
      ["what is uploaded", "/temp/", 404],
      ["the database", "/roundcube.db", 404],
      ["the schema", "/SQL/sqlite.initial.sql", 404],
      ["programs of others", "/plugins/password/password.php", 404],
      ["programs of its own", "/program/include/rcmail.php", 404],
      ["scripts", "/bin/updatedb.sh", 404],
      ["a path behind the program", "/index.php/../../etc/passwd", 400],
      ["the way up", "/../../etc/passwd", 400],
      ["the way up, encoded", "/skins/%2e%2e/%2e%2e/%2e%2e/etc/passwd.css", 400],
      ["the set-up page's file", "/ca.crt", 404],
      ["what is said when it is down", "/-/webmail-unavailable", 404],
    ])("%s (%s): %i", async (_, path, status) => {
      const answer = await ask(path);
      expect(answer.status).toBe(status);
      expect(answer.body).not.toMatch(/root:|php|nginx|maildomain|\/var\/|\/run\//i);
    });

    test("no name but its own, and no body that is too large", async () => {
      const other = (host: string, path = "/") => ask(path, { headers: { host } });
      expect((await other("webmail.example.org")).status).toBe(421);
      expect((await other(`mail.${domain}`, "/?_task=login")).body).not.toContain("rcmloginuser");
      const large = "a".repeat(1_000_000);
      const body = { method: "POST", body: large, headers: { "content-length": "60000000" } };
      expect(await ask("/", body)).toMatchObject({
        status: 413,
        body: expect.stringContaining("<h1>This is too large.</h1>"),
      });
    });

    test.each<[string, () => Promise<HttpAnswer>, RegExp]>([
      ["the login", () => ask("/"), /^private, .*no-store/],
      ["a script", () => ask("/program/js/app.min.js"), /^max-age=604800$/],
      ["a picture", () => ask("/favicon.ico"), /^no-store$/],
      ["nothing there", () => ask("/installer/"), /^no-store$/],
      ["an answer to a program", () => ask("/?_task=mail&_action=list&_remote=1"), /no-store/],
      ["the way up", () => ask("/../../etc/passwd"), /^no-store$/],
    ])("the headers of every page: %s", async (_, send, kept) => {
      const answer = await send();
      const { "cache-control": cacheControl, ...others } = securityHeaders(answer);
      expect(others).toEqual(webmailHeaders);
      expect(cacheControl).toMatch(kept);
      for (const cookie of answer.headers["set-cookie"] ?? []) {
        expect(cookie).toMatch(/; secure; HttpOnly; SameSite=Lax$/i);
      }
    });

    test("nobody else gets to it, nor to the way of changing passwords", async () => {
      const place = await addressOf(webmail());
      const direct = await fetch(`http://${place}:8080/`, { headers: { "X-Forwarded-For": "192.0.2.1" } });
      expect(direct.status).toBe(403);
      const attempt = `exec 3<>/dev/tcp/${await addressOf(running.containers.mailServer)}/106 && timeout 5 cat <&3`;
      expect(await docker("exec", running.containers.webServer ?? "", "bash", "-c", attempt)).toBe("");
      expect(await docker("port", running.containers.mailServer)).not.toContain("106/tcp");
    });
  });

  describe("what users do", () => {
    test.each([
      ["desktop", "josedeassis"],
      ["phone", "leandroramos"],
    ] as const)("on a %s: read a message, answer it, and write to another company", async (kind, user) => {
      const size = kind === "desktop" ? desktop : phone;
      await send("denisnovais", user, "Ata da reunião");
      const page = await visit(user, password, host, size);
      const message = page.locator("#messagelist tr.message", { hasText: "Ata da reunião" });
      await message.waitFor();
      await keep(page, "inbox");
      await message.locator("td.subject a").first().click();
      const reading = page.frameLocator("#messagecontframe").locator("#messagebody");
      await reading.getByText("Olá, segue a ata.").waitFor();

      const composing = await page.goto(`https://${host}/?_task=mail&_action=compose`);
      const { "cache-control": kept, ...others } = securityHeaders({
        headers: (await composing?.allHeaders()) ?? {},
      });
      expect(others).toEqual(webmailHeaders);
      expect(kept).toMatch(/no-store/);
      const cookies = (await page.context().cookies()).map(({ name, secure, httpOnly, sameSite }) => [
        name,
        { secure, httpOnly, sameSite },
      ]);
      const strict = { secure: true, httpOnly: true, sameSite: "Lax" };
      expect(Object.fromEntries(cookies)).toEqual({ roundcube_sessid: strict, roundcube_sessauth: strict });
      expect(await senders(page)).toEqual([`${user}@${domain}`]);
      await page.locator("#compose_to .recipient-input input").fill(`contato@${partner},`);
      await page.fill("#compose-subject", `Proposta (${kind})`);
      await page.fill("#composebody", "Bom dia,\n\nsegue a proposta.\n");
      await keep(page, "compose");
      await page.locator("a.send, button.send").filter({ visible: true }).first().click();
      await page.waitForURL(/_task=mail(?!.*_action=compose)/);
      const clients = new MailClients(running, 1);
      const other = {
        ...running,
        endpoint: { ...running.endpoint, ports: { ...running.endpoint.ports, imaps: 2993 } },
      };
      Object.assign(clients, { running: other });
      await expect
        .poll(() => subjects(clients, `contato@${partner}`, "INBOX"))
        .toContain(`Proposta (${kind})`);
      // A copy is where the server keeps what was sent, and in no folder of webmail's own.
      expect(await subjects(new MailClients(running), user, "Sent")).toEqual([`Proposta (${kind})`]);
      await page.context().close();
    });

    test("a login of another domain is led to its server; its identities are those that it may send as", async () => {
      const page = await visit(`contato@${partner}`, password);
      await page.locator("#messagelist tr.message", { hasText: "Proposta (desktop)" }).waitFor();
      await page.context().close();
      const other = await visit("vaamonde", password);
      await other.goto(`https://${host}/?_task=mail&_action=compose`);
      const options = await senders(other);
      expect(options).toContain(`Admin SOA <vendas@${domain}>`);
      expect(options[0]).toBe(`Admin SOA <vaamonde@${domain}>`);
      await other.context().close();
    });

    test("what receives reports is nobody's sender, unless it is declared as one", async () => {
      // The first mailbox, which receives what is for postmaster, abuse and the reports.
      const first = await visit("robsonvaamonde", password);
      await first.goto(`https://${host}/?_task=mail&_action=compose`);
      expect(await senders(first)).toEqual([`robsonvaamonde@${domain}`]);
      await first.context().close();
      const assistant = await visit("assistente", password);
      await assistant.goto(`https://${host}/?_task=mail&_action=compose`);
      expect(await senders(assistant)).toEqual([
        `Assistente <assistente@${domain}>`,
        `Assistente <postmaster@${domain}>`,
      ]);
      await assistant.context().close();
    });

    test.each(["desktop", "phone"] as const)("a filter on a %s works on the server", async (kind) => {
      const user = kind === "desktop" ? "sirlenesanches" : "rogeriosampaio";
      const page = await visit(user, password, host, kind === "desktop" ? desktop : phone);
      await page.goto(`https://${host}/?_task=settings&_action=plugin.managesieve`);
      await page.waitForLoadState("networkidle");
      await page.locator("a.create:not(.disabled)").filter({ visible: true }).first().click();
      const form = page.frameLocator("#filter-box");
      await form.locator("#_name").fill("Boletins");
      await form
        .locator("#rule_target0_list input, #rule_target0")
        .filter({ visible: true })
        .first()
        .fill("boletim");
      await form.locator("#action_mailbox0, select[name='_action_mailbox[0]']").first().selectOption("Trash");
      await keep(page, "filter");
      // On a phone the button is below the form, outside its frame.
      const save = kind === "desktop" ? form.locator("button.submit") : page.locator("a.primary.submit");
      await save.click();
      await expect.poll(() => page.locator("#filterslist").innerText()).toContain("Boletins");
      await send("denisnovais", user, "Boletim de novembro");
      await expect
        .poll(() => subjects(new MailClients(running), user, "Trash"))
        .toEqual(["Boletim de novembro"]);
      expect(await subjects(new MailClients(running), user, "INBOX")).toEqual([]);
      await page.context().close();
    });
  });

  describe("passwords", () => {
    const user = "robsonvaamonde";
    const chosen = "uma nova senha, longa";
    const opens = async (secret: string) => {
      const client = new MailClients(running).imap(user, secret);
      client.on("error", () => undefined);
      try {
        await client.connect();
        await client.logout();
        return true;
      } catch {
        return false;
      }
    };

    test("a user changes their own; the old one is refused, and a later up leaves it", async () => {
      const page = await visit(user, password);
      const elsewhere = await visit(user, password);
      const change = async (present: string, wanted: string) => {
        await page.goto(`https://${host}/?_task=settings&_action=plugin.password`);
        await page.fill("#curpasswd", present);
        await page.fill("#newpasswd", wanted);
        await page.fill("#confpasswd", wanted);
        await page.locator("button.submit").click();
        const reported = page.locator("#messagestack div").first();
        await reported.waitFor();
        return reported.innerText();
      };
      expect(await change("wrong", chosen)).toMatch(/current password incorrect/i);
      expect(await change(password, "short")).toMatch(/at least 12 characters/i);
      // Twelve bytes, which is enough for Roundcube, and six characters.
      expect(await change(password, "áéíóúã")).toMatch(/12 characters are the least/);
      expect(await change(password, "V44m0nde-2024!")).toMatch(/built from the user's or the domain's name/);
      expect(await opens(chosen)).toBe(false);
      expect(await change(password, chosen)).toMatch(/successfully saved/i);
      expect([await opens(chosen), await opens(password)]).toEqual([true, false]);
      // The session continues with the new one.
      await page.goto(`https://${host}/?_task=mail`);
      await isIn(page);
      await page.context().close();
      // Another session does not, not even where it needs no mail.
      await elsewhere.goto(`https://${host}/?_task=addressbook`);
      await elsewhere.locator("#rcmloginuser").waitFor();
      await elsewhere.context().close();

      // What one has written oneself stays when another name is declared.
      const named = await visit("vaamonde", password);
      await named.goto(`https://${host}/?_task=settings&_action=identities`);
      await named.locator("#identities-table tr", { hasText: `vendas@${domain}` }).click();
      const form = named.frameLocator("#preferences-frame");
      await form.locator("input[name=_name]").fill("Vendas");
      await form.locator("button.submit").click();
      await named.locator("#identities-table tr", { hasText: `Vendas <vendas@${domain}>` }).waitFor();
      await named.context().close();

      await lab.configure(settings([{ name: "novo", password }], "Administração"));
      await lab.up();
      running = await lab.settled();
      expect([await opens(chosen), await opens(password)]).toEqual([true, false]);
      const renamed = await visit("vaamonde", password);
      await renamed.goto(`https://${host}/?_task=mail&_action=compose`);
      expect(await senders(renamed)).toEqual([
        `Administração <vaamonde@${domain}>`,
        `Vendas <vendas@${domain}>`,
      ]);
      await renamed.context().close();
      const again = await visit(user, chosen);
      await isIn(again);
      await again.context().close();
    });

    test.each([
      [
        "a wrong password",
        [`user ${user}@${domain}`, "pass wrong", "newpass long enough to be"],
        /^500 The address or the password is wrong/m,
      ],
      [
        "nobody",
        [`user nobody@${domain}`, "pass wrong", "newpass long enough to be"],
        /^500 The address or the password is wrong/m,
      ],
      [
        "a suspended user",
        [`user suspenso@${domain}`, `pass ${password}`, "newpass long enough to be"],
        /^500 The address or the password is wrong/m,
      ],
      [
        "a new one that is too short",
        [`user ${user}@${domain}`, `pass ${chosen}`, "newpass short"],
        /^500 The new password is too short/m,
      ],
      ["an option in an address's place", ["user --reset"], /^500 That is not accepted/m],
      ["a control character", [`user ${user}@${domain}`, "pass a\tb"], /^500 That is not accepted/m],
      ["words out of order", ["pass x"], /^500 That is not accepted/m],
      ["a line without an end", [`user ${"a".repeat(100_000)}`], /^200 ready\s*(500 That is too long\.)?$/],
    ])("the server itself refuses %s", async (_, lines, answer) => {
      expect(await changeOver(lines)).toMatch(answer);
    });

    test("guesses at one user's are put off, and nobody else's", async () => {
      const guess = async (name: string) => {
        const start = performance.now();
        const from = "from 2001:db8::7";
        await changeOver([
          from,
          `user ${name}@${domain}`,
          `pass wrong ${start}`,
          "newpass long enough to be",
        ]);
        return performance.now() - start;
      };
      for (let n = 0; n < 5; n += 1) await guess("denisnovais");
      const late = await guess("denisnovais");
      expect(late).toBeGreaterThan(5_500);
      expect(await guess("jeffersoncosta")).toBeLessThan(late);
      const visited = async (name: string) => {
        const start = performance.now();
        const page = await visit(name, password);
        await isIn(page);
        await page.context().close();
        return performance.now() - start;
      };
      // They were tried elsewhere: the owner waits no longer than others do.
      const usual = await visited("jeffersoncosta");
      expect(await visited("denisnovais")).toBeLessThan(usual + late);
    });
  });

  test("while it is down the web server serves the rest; afterwards everything is as it was", async () => {
    const context = await container.browser.newContext({ locale: "en-US" });
    const page = await logIn(context, "vaamonde", password);
    await isIn(page);
    await docker("stop", webmail());
    const down = await ask("/");
    expect(down).toMatchObject({
      status: 503,
      headers: { "retry-after": "60", "cache-control": "no-store" },
    });
    expect(down.body).toContain("<h1>Webmail does not answer at the moment.</h1>");
    expect(down.body).toContain(`<p><a href="https://mail.${domain}/">Set up your e-mail</a></p>`);
    const settingsPage = { host: `mail.${domain}` };
    expect((await ask("/en", settingsPage)).status).toBe(200);
    await docker("restart", running.containers.webServer ?? "");
    await expect.poll(async () => (await ask("/en", settingsPage)).status).toBe(200);
    expect((await ask("/")).status).toBe(503);
    await docker("start", webmail());
    await expect.poll(async () => (await ask("/")).status).toBe(200);
    await page.goto(`https://${host}/?_task=mail`);
    await isIn(page);
    await context.close();
  });

  test("it runs as one user without a capability, on a read-only file system", async () => {
    const status =
      "cat /proc/[0-9]*/status | grep -E '^(Uid|CapPrm|CapBnd)' | sort -u; touch /x 2>&1 | grep -o 'Read-only.*'";
    expect(await docker("exec", webmail(), "sh", "-c", status)).toBe(
      "CapBnd:\t0000000000000000\nCapPrm:\t0000000000000000\nUid:\t830\t830\t830\t830\nRead-only file system",
    );
    expect(
      await refusalOf(docker("exec", webmail(), "sh", "-c", "ls /usr/share/roundcube/installer")),
    ).toMatch(/No such file/);
  });

  test("a wrong password, nobody's name and a suspended user: the same words", async () => {
    for (const [name, secret] of [
      ["vaamonde", "wrong"],
      ["nobody", password],
      ["suspenso", password],
      ["ana@example.org", password],
    ] as const) {
      const page = await visit(name, secret);
      expect(await page.locator("#messagestack").innerText()).toBe("Login failed.");
      await page.context().close();
    }
    // Dovecot has counted them by where they came from.
    const log = await docker("logs", webmail());
    expect(log).toMatch(/Failed login for suspenso@vaamonde\.pti from (?!198\.19\.\d+\.\d+ .*::ffff)/);
  });

  test("errors look like the set-up page, in the reader's language, whoever of the two servers answers", async () => {
    const portuguese = { "accept-language": "pt-BR" };
    const missing = await ask("/installer/", { headers: portuguese });
    expect(missing.status).toBe(404);
    expect(missing.body).toContain("<h1>Esta página não existe.</h1>");
    expect(missing.body).toContain(`<p><a href="https://mail.${domain}/">Configure seu e-mail</a></p>`);
    // PHP's process manager is away for a moment.
    await docker("exec", webmail(), "s6-svc", "-d", "/run/service/php-fpm");
    try {
      await expect.poll(async () => (await ask("/", { headers: portuguese })).status).toBe(503);
      const away = await ask("/", { headers: portuguese });
      expect(away.body).toContain("<h1>O webmail não está respondendo no momento.</h1>");
      expect(securityHeaders(away)).toEqual({ ...webmailHeaders, "cache-control": "no-store" });
    } finally {
      await docker("exec", webmail(), "s6-svc", "-u", "/run/service/php-fpm");
    }
    await expect.poll(async () => (await ask("/")).status).toBe(200);
  });

  test("who tries to log in too often at once reads so", async () => {
    const attempt = async () => {
      const page = await ask("/");
      const token = /name="_token" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
      const cookie = page.headers["set-cookie"]?.map((text) => text.split(";")[0]).join("; ") ?? "";
      const form = { _token: token, _task: "login", _action: "login", _user: "nobody", _pass: "wrong" };
      return ask("/?_task=login", {
        method: "POST",
        body: new URLSearchParams(form).toString(),
        headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
      });
    };
    // Three of an address at a time, and each wrong password takes longer than another one waits.
    const answers = await Promise.all(Array.from({ length: 8 }, attempt));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers, body } of refused) {
      expect(headers["retry-after"]).toBe("60");
      expect(body).toContain("<h1>Too many attempts to log in.</h1>");
    }
    // One wrong password has Roundcube's own page, with the form.
    expect(answers.find(({ status }) => status === 401)?.body).toContain('id="rcmloginuser"');
  });

  test("the policy for its pages has kept none of them from anything", () => {
    expect(violations).toEqual([]);
  });

  test("turned off: nothing of it stays, and the mail server has not been touched", async () => {
    const started = (name: string) => docker("inspect", "--format", "{{.State.StartedAt}}", name);
    const before = await started(running.containers.mailServer);
    await lab.configure({
      ...settings([{ name: "novo", password }], "Administração"),
      web: { webmail: false },
    });
    await lab.up();
    running = await lab.settled();
    expect(await started(running.containers.mailServer)).toBe(before);
    const things = [...(await docker("ps", "--all", "--format", "{{.Names}}")).split("\n")];
    const volumes = (await docker("volume", "ls", "--format", "{{.Name}}")).split("\n");
    expect([...things, ...volumes].filter((name) => name.startsWith(`${lab.prefix}-webmail`))).toEqual([]);
    expect((await ask("/").catch(String)).toString()).toMatch(/unrecognized name/);
    const inside = "/usr/lib/maildomain/missing-listeners <(echo tcp 106) || true";
    expect(await docker("exec", running.containers.mailServer, "bash", "-c", inside)).toBe("tcp 106");
  });
});

function addressOf(container: string): Promise<string> {
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return docker("inspect", "--format", format, container);
}

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** Speaks to the password service as Roundcube's driver does. */
const conversation = `
[, $place, $server] = $argv;
$ssl = ['peer_name' => $server, 'cafile' => '/run/maildomain/current/tls/authority.pem'];
$socket = stream_socket_client("ssl://$place:106", $number, $problem, 10, STREAM_CLIENT_CONNECT, stream_context_create(['ssl' => $ssl]));
stream_set_timeout($socket, 40);
echo fgets($socket);
foreach (array_slice($argv, 3) as $line) {
    @fwrite($socket, "$line\\r\\n");
    echo fgets($socket);
}`;
