import { setTimeout as sleep } from "node:timers/promises";
import type { DockerEngine } from "../../engine/docker-engine.ts";
import { awaitedChains } from "../../engine/generation.ts";
import { agentState, isCertified, reasonOf } from "../../outputs/certificate-agent.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { serversWithPairs } from "../../outputs/server-views.ts";
import { policyHost } from "../../records/index.ts";
import { type Check, failed, ok } from "../check.ts";
import { lateMs, timeoutMs } from "./containers.ts";
import { shortTime } from "./short-time.ts";

/** The agent notes once a minute that it is at work. */
const silenceMs = 3 * 60_000;

/** Whether somebody renews the certificates, and what became of the last attempts; nothing where nobody has to. */
export function certificateAgentChecks(running: RunningStack, engine: DockerEngine): Check[] {
  const {
    acme,
    containers: { certificateAgent },
  } = running;
  if (acme === undefined || !certificateAgent) return [];
  return [
    {
      id: `certificates.agent.${certificateAgent}`,
      group: "Certificates",
      title: "the agent that renews them is at work",
      why: "Without it they end after days or weeks, and clients refuse the servers.",
      remedy: "Run `npm run up`, which starts what is missing.",
      run: async () => {
        const { aliveAt } = await agentState(engine, certificateAgent);
        if (aliveAt === undefined)
          return failed("it has noted nothing yet", "See `docker logs` of the agent, and run this again.");
        const silence = Date.now() - aliveAt.getTime();
        if (silence <= silenceMs) return ok(`seen ${shortTime(Math.max(0, silence))} ago; ${methodOf(acme)}`);
        return failed(
          `last seen ${shortTime(silence)} ago`,
          `See \`docker logs ${certificateAgent}\`, and restart it.`,
        );
      },
    },
    ...acme.orders.map(({ name, hostNames }) => orderCheck(name, hostNames, certificateAgent, engine)),
    ...serversWithPairs(running).map((container) => shownCheck(container, engine)),
    ...(acme.awaited ?? []).map((domain) => awaitedCheck(domain, certificateAgent, engine)),
  ];
}

/** How an authority finds that names are the stack's. */
function methodOf({ challengeZone, dnsPersist }: NonNullable<RunningStack["acme"]>): string {
  if (dnsPersist === true) return "names are proved by records that stay (DNS-PERSIST-01)";
  return challengeZone
    ? `names are proved in the zone ${challengeZone} (DNS-01)`
    : "names are proved on port 80 (HTTP-01)";
}

function orderCheck(
  name: string,
  hostNames: readonly string[],
  container: string,
  engine: DockerEngine,
): Check {
  return {
    id: `certificates.order.${name}`,
    group: "Certificates",
    title: `certificate of ${name}, for ${hostNames.length === 1 ? hostNames[0] : `${hostNames.length} names`}`,
    why: "A renewal that fails leaves the old certificate in service, until that ends.",
    remedy: "Run `npm run up`, which starts what is missing.",
    run: async () => {
      const status = (await agentState(engine, container)).certificates.get(name);
      if (status === undefined || status.state === "waiting")
        return failed(
          "it has not come yet: the server shows the one before, or a temporary one",
          "Wait a minute, and run this again; `npm run up` shows what is in the way.",
        );
      const left = status.notAfter ? Date.parse(status.notAfter) - Date.now() : 0;
      if (status.state === "failing") {
        const kept = left > 0 ? `, ${shortTime(left)} left of the one in service` : "";
        return failed(
          `${reasonOf(status)}${kept}`,
          "See docs/certificates.md for what each reason means; the agent tries again by itself.",
        );
      }
      const missing = hostNames.filter((host) => !status.names.includes(host));
      if (missing.length > 0)
        return failed(
          `it lacks ${missing.join(", ")}`,
          "Wait until the agent has ordered it again, or see its log.",
        );
      const unrevoked = status.revocations?.find(({ revokedAt, problem }) => !revokedAt && problem);
      if (unrevoked !== undefined)
        return failed(
          `${unrevoked.serial}, of the server's former key, is not revoked: ${reasonOf(unrevoked)}`,
          "The agent tries again by itself; see docs/certificates.md for what each reason means.",
        );
      const renewal = status.renewAt ? `, to be renewed at ${status.renewAt}` : "";
      return ok(`${shortTime(left)} left${renewal}`);
    },
  };
}

/** Whether a server shows the newest certificates. A renewal may just have come: a busy machine takes its time. */
function shownCheck(container: string, engine: DockerEngine): Check {
  const remedy = `See why in \`docker logs ${container}\`; it looks at them again once a minute.`;
  return {
    id: `certificates.shown.${container}`,
    group: "Certificates",
    title: `${container} shows the newest ones`,
    why: "A server that refuses a certificate shows the one before until that ends.",
    remedy,
    timeoutMs,
    run: async () => {
      const started = performance.now();
      for (;;) {
        const late = await awaitedChains(engine, container);
        if (late.length === 0) return ok("all that have come");
        const refused = late.filter((chain) => chain.refused !== undefined);
        if (refused.length > 0)
          return failed(refused.map(({ pair, refused: reason }) => `${pair}: ${reason}`).join("; "), remedy);
        const waited = performance.now() - started;
        if (waited > lateMs)
          return failed(
            `not looked at after ${Math.round(waited / 1000)} s: ${late.map(({ pair }) => pair).join(", ")}`,
            remedy,
          );
        await sleep(1000);
      }
    },
  };
}

/** A policy that nobody looks for yet. */
function awaitedCheck(domain: string, container: string, engine: DockerEngine): Check {
  const host = policyHost(domain);
  return {
    id: `certificates.mta-sts.${domain}`,
    group: "Certificates",
    title: `the MTA-STS policy of ${domain} is announced`,
    why: "Other servers look for a policy once its record exists, and read it over a certificate that they trust (RFC 8461 3.3).",
    remedy: "Run `npm run up`, which publishes the record.",
    run: async () => {
      return isCertified(await agentState(engine, container), host)
        ? failed(
            `${host} has its certificate, and the record is not published`,
            "Run `npm run up`, which publishes it.",
          )
        : failed(
            `${host} has no certificate yet, so that the record is not published`,
            "See why the certificate has not come; the next `npm run up` publishes the record.",
          );
    },
  };
}
