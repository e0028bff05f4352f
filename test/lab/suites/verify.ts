import { expect, test } from "vitest";
import type { RunningStack } from "../../../outputs/running-stack.ts";
import { exitStatus, formatReport } from "../../../verify/report.ts";
import { verify } from "../../../verify/verify.ts";
import { domain } from "../../kit/document-lab.ts";
import type { Current } from "./current.ts";

/** The report on a stack without faults; and for an expectation that it does not meet, that line turns red alone. */
export function verifySuite(current: Current): void {
  test("finds nothing wrong", async () => {
    const results = await verify(current().running);
    expect(formatReport(results)).toMatch(/All \d+ checks passed\./);
    expect(exitStatus(results)).toBe(0);
  });

  async function failuresOf(running: RunningStack): Promise<string[]> {
    const results = await verify(running);
    return results.filter(({ outcome }) => outcome.status !== "ok").map(({ id }) => id);
  }

  test("sees a record that is not published, and one that is but should not", async () => {
    const { running } = current();
    const [first, ...others] = running.zones as [RunningStack["zones"][number]];
    const changed = first.records.map((record) =>
      record.name === `pop3.${domain}` && record.type === "A" ? { ...record, content: "192.0.2.1" } : record,
    );
    const records = [
      ...changed,
      { name: `webmail.${domain}`, type: "A", ttl: 60, content: "192.0.2.2", why: "" },
    ];
    expect(await failuresOf({ ...running, zones: [{ ...first, records }, ...others] })).toEqual([
      `dns.a.pop3.${domain}`,
      `dns.a.webmail.${domain}`,
    ]);
  });

  test("sees an MTA-STS policy that is not the declared one, and other settings than the declared", async () => {
    const { running } = current();
    const [first] = running.domains as [RunningStack["domains"][number]];
    const { web } = first;
    const policy = web?.policy ? { ...web.policy, mode: "none" as const } : undefined;
    const domains = [{ ...first, web: web && { ...web, policy } }];
    expect(await failuresOf({ ...running, domains })).toEqual([`web.mta-sts.${domain}`]);

    const incoming = web?.clients.incoming.filter(({ protocol }) => protocol === "IMAP") ?? [];
    const fewer = { ...first, web: web && { ...web, clients: { ...web.clients, incoming } } };
    const failures = await failuresOf({ ...running, domains: [fewer] });
    expect(failures).toEqual([
      `web.autoconfig.https.autoconfig.${domain}`,
      `web.autoconfig.http.autoconfig.${domain}`,
      `web.autoconfig.https.${domain}`,
      `web.autodiscover.${domain}`,
      `web.autodiscover.autodiscover.${domain}`,
    ]);
  });

  test("sees a port on which nothing answers", async () => {
    const { running } = current();
    const { endpoint } = running;
    const elsewhere = { ...running, endpoint: { ...endpoint, ports: { ...endpoint.ports, pop3s: 9 } } };
    const failures = await failuresOf(elsewhere);
    expect(failures).toContain(`tls.pop3s.pop3.${domain}`);
    expect(failures).toContain("ports.published");
    // The rest of the server passes, and is reported so. The settings for clients have the port as well.
    expect(failures.filter((id) => !/pop3|ports|^mail\.|^web\.auto/.test(id))).toEqual([]);
  });

  test("cannot check containers that another engine has", async () => {
    const { running } = current();
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = "unix:///nonexistent/docker.sock";
    try {
      const results = await verify(running);
      const others = results.filter(({ outcome }) => outcome.status !== "ok");
      // Whom a server has seen is in its log, which the engine has.
      const [seen, rest] = [true, false].map((is) =>
        others.filter(({ id }) => id.startsWith("clients.") === is),
      );
      expect(seen).not.toEqual([]);
      expect(new Set(rest?.map(({ group }) => group))).toEqual(new Set(["Containers", "Host"]));
      expect(new Set(others.map(({ outcome }) => outcome.status))).toEqual(new Set(["skipped"]));
      expect(exitStatus(results)).toBe(2);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });
}
