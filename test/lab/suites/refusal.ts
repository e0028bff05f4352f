import { connect } from "node:net";
import { promisify } from "node:util";
import { createTransport } from "nodemailer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { describe, expect, test } from "vitest";
import { domain, password } from "../../kit/document-lab.ts";
import { MailClients, refusalOf } from "../../kit/mail-clients.ts";
import type { Current } from "./current.ts";

/** What the server must not do, whoever asks. */
export function refusalSuite(current: Current): void {
  const clients = () => new MailClients(current().running);

  const port25 = (options: object = {}) =>
    createTransport({
      host: clients().host,
      port: current().running.endpoint.ports.smtp,
      tls: { ca: current().running.caCertificate, servername: `mail.${domain}` },
      ...options,
    });
  const message = { subject: "test", text: "test" };

  describe("25", () => {
    test("takes mail for a user", async () => {
      const to = `vaamonde@${domain}`;
      // A bounce: in a sealed lab there is nobody else whose domain exists.
      const bounce = { ...message, from: "someone@example.com", envelope: { from: "", to }, to };
      const { accepted } = await port25().sendMail(bounce);
      expect(accepted).toEqual([to]);
    });

    test.each([
      ["somebody elsewhere", "x@example.net", /^554 5\.7\.1 .*Relay access denied/],
      ["somebody elsewhere through a user's domain", `x%example.net@${domain}`, /^55[04] 5\./],
      ["an unknown user", `nobody@${domain}`, /^550 5\.1\.1 /],
    ])("refuses mail for %s", async (_, to, refusal) => {
      const attempt = port25().sendMail({ ...message, from: "someone@example.com", to });
      expect(await refusalOf(attempt)).toMatch(refusal);
    });

    test("does not relay for the domain's own addresses either", async () => {
      const attempt = port25().sendMail({ ...message, from: `vaamonde@${domain}`, to: "x@example.net" });
      expect(await refusalOf(attempt)).toMatch(/^554 5\.7\.1 /);
    });

    test("offers no AUTH, and refuses it, before TLS and under it", async () => {
      for (const security of [{ ignoreTLS: true }, { requireTLS: true }]) {
        const { host, running } = clients();
        const { caCertificate: ca, endpoint, hostName: servername } = running;
        const connection = new SMTPConnection({
          host,
          port: endpoint.ports.smtp,
          tls: { ca, servername },
          ...security,
        });
        await new Promise<void>((resolve, reject) => {
          connection.once("error", reject);
          connection.connect((error) => (error ? reject(error) : resolve()));
        });
        expect(connection.allowsAuth).toBe(false);
        const login = promisify(connection.login.bind(connection));
        const attempt = login({ user: "vaamonde", pass: password, method: "PLAIN" });
        expect(await refusalOf(attempt)).toMatch(/^503 /);
        connection.close();
      }
    });
  });

  describe("587", () => {
    const before = (options: object) =>
      createTransport({
        host: clients().host,
        port: current().running.endpoint.ports.submission,
        ignoreTLS: true,
        ...options,
      });

    test("refuses mail before TLS", async () => {
      const attempt = before({}).sendMail({
        ...message,
        from: `vaamonde@${domain}`,
        to: `vaamonde@${domain}`,
      });
      expect(await refusalOf(attempt)).toMatch(/^530 /);
    });

    test("refuses mail without a login", async () => {
      const transport = createTransport({
        host: clients().host,
        port: current().running.endpoint.ports.submission,
        requireTLS: true,
        tls: clients().tls("smtp"),
      });
      const attempt = transport.sendMail({
        ...message,
        from: `vaamonde@${domain}`,
        to: `vaamonde@${domain}`,
      });
      expect(await refusalOf(attempt)).toMatch(/^55[04] 5\.7\.1 /);
    });
  });

  describe("a sender that is not one's own", () => {
    const to = `vaamonde@${domain}`;
    const colleague = `denisnovais@${domain}`;
    test.each([
      ["in the envelope", { envelope: { from: colleague, to }, from: colleague }],
      ["in the From header", { envelope: { from: to, to }, from: colleague }],
      [
        "in the From header, behind an empty envelope sender",
        { envelope: { from: "", to }, from: colleague },
      ],
      ["in the From header, of another domain", { envelope: { from: to, to }, from: "boss@example.com" }],
    ])("is refused %s", async (_, forgery) => {
      for (const service of ["submission", "submissions"] as const) {
        const transport = clients().smtp(service, "vaamonde", password);
        expect(await refusalOf(transport.sendMail({ ...message, to, ...forgery }))).toMatch(/^55\d 5\.7\./);
        transport.close();
      }
    });

    test("is nobody's own under another spelling: case and sub-address are one's own", async () => {
      const transport = clients().smtp("submission", "vaamonde", password);
      for (const from of [`Vaamonde@${domain}`, `vaamonde+list@${domain}`]) {
        const { accepted } = await transport.sendMail({ ...message, from, to });
        expect(accepted).toEqual([to]);
      }
      transport.close();
    });
  });

  test.each([143, 110])("%i is closed", async (port) => {
    const socket = connect(port, clients().host);
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.once("connect", () => resolve("open"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    expect(await promise).toBe("ECONNREFUSED");
    socket.destroy();
  });
}
