import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningStack } from "../../outputs/running-stack.ts";
import type { HttpAnswer, HttpRequest } from "../../verify/probes/http.ts";
import { askWeb } from "../kit/ask-web.ts";
import { docker } from "../kit/engine.ts";
import { Lab, type Settings } from "../kit/lab.ts";

const password = "correct horse battery";
const host = "webmail.example.org";

const settings = (web: object): Settings => ({
  lab: false,
  certificates: { issuer: "private" },
  askNameServers: false,
  domains: [{ name: "example.org", mailboxes: [{ name: "ana", password }] }],
  web,
});

/** A stack that is not a lab has no network with fixed places, and gets one for webmail. */
describe("webmail for a company that has had none", () => {
  let lab: Lab;
  let running: RunningStack;

  beforeAll(async () => {
    lab = await Lab.create(settings({ enabled: true }));
    await lab.up();
    await lab.configure(settings({ enabled: true, webmail: true }));
    await lab.up();
    running = await lab.settled();
  });

  afterAll(async () => {
    // What people keep outlives the stack.
    const kept = ["identity", "mail-server-mailboxes", "mail-server-queue", "webmail-database"];
    await lab.takeDown(kept.map((role) => `volume ${lab.prefix}-${role}`));
  });

  const ask = (path: string, more: Partial<HttpRequest> = {}): Promise<HttpAnswer> =>
    askWeb(running, host, path, more);

  async function logIn(user: string, secret: string): Promise<number> {
    const page = await ask("/");
    const token = /name="_token" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    const cookie = page.headers["set-cookie"]?.map((text) => text.split(";")[0]).join("; ") ?? "";
    const form = { _token: token, _task: "login", _action: "login", _user: user, _pass: secret };
    const answer = await ask("/?_task=login", {
      method: "POST",
      body: new URLSearchParams(form).toString(),
      headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
    });
    return answer.status;
  }

  test("its containers have moved to the new network, and the old one is gone", async () => {
    const networks = (await docker("network", "ls", "--format", "{{.Name}}")).split("\n");
    expect(networks.filter((name) => name.startsWith(`${lab.prefix}-`))).toEqual([
      `${lab.prefix}-network-fixed`,
    ]);
    await lab.preview(["--expect-no-changes"]);
  });

  test("a user logs in, whose address the mail server knows", async () => {
    expect(await logIn("ana", password)).toBe(302);
    expect(await logIn("ana", "another password")).toBe(401);
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const own = await docker("inspect", "--format", format, running.containers.webmail ?? "");
    const log = await docker("logs", running.containers.mailServer);
    const logins = log.split("\n").filter((line) => /imap-login: .*user=<ana@example\.org>/.test(line));
    expect(logins).toHaveLength(2);
    expect(logins.filter((line) => line.includes(`rip=${own},`))).toEqual([]);
  });
});
