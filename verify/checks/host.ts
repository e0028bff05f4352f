import type { DockerEngine } from "../../engine/docker-engine.ts";
import { containersOf, type RunningStack } from "../../outputs/running-stack.ts";
import { type Check, failed, ok } from "../check.ts";
import { backupCheck } from "./backup.ts";
import { judgeQueue, parseQueue } from "./queue.ts";

const group = "Host";
const startIt = "Run `npm run up`, which starts what is missing.";

/** What each kind of container keeps on a disk; the web server keeps nothing. */
const volumes = {
  mailServer: ["/var/mail/v", "/var/spool/postfix"],
  dnsServer: ["/var/lib/knot"],
  innerDnsServer: ["/var/lib/knot"],
  webServer: [],
  webmail: ["/var/lib/webmail"],
  certificateAgent: ["/var/lib/certificates"],
} as const;

/** What the containers' host has free, and what waits there. */
export function hostChecks(running: RunningStack, engine: DockerEngine): Check[] {
  const { mailServer } = running.containers;
  const containers = containersOf(running);
  return [
    ...containers
      .filter(({ role }) => volumes[role].length > 0)
      .map(({ role, name }) => diskCheck(engine, name, volumes[role])),
    queueCheck(engine, mailServer),
    clockCheck(engine),
    ...containers.map(({ name }) => restartCheck(engine, name)),
    backupCheck(running, engine),
  ];
}

/** Less than this share and less than this amount: a tenth of a large disk lasts for long. */
const minFreeShare = 0.1;
const minFreeBytes = 5 * 2 ** 30;

function diskCheck(engine: DockerEngine, container: string, paths: readonly string[]): Check {
  return {
    id: `disk.${container}`,
    group,
    title: `room on the disk of ${container}`,
    why: "With a full disk mail is deferred (452, RFC 5321 section 4.2.2) and lost when senders give up.",
    remedy: startIt,
    run: async () => {
      const rooms = parseDf(await engine.exec(container, [...df, ...paths]));
      const advice =
        "Remove what is not needed (`docker system df`, old mail), or give the volume a larger disk.";
      for (const { path, total, free } of rooms) {
        if (free < total * minFreeShare && free * 1024 < minFreeBytes)
          return failed(`${path} has ${Math.round(free / 1024)} MiB left`, advice);
      }
      // A file system that makes inodes as needed reports 0 of 0, or says nothing.
      const full = rooms.find(({ files, freeFiles }) => files > 0 && freeFiles < files * minFreeShare);
      if (full !== undefined) return failed(`${full.path} has room for ${full.freeFiles} files only`, advice);
      return ok(
        rooms.map(({ path, free }) => `${path} has ${(free / 2 ** 20).toFixed(1)} GiB left`).join(", "),
      );
    },
  };
}

/** Of a file system its KiB, those that are free, its files and how many may be added, and the mount point. */
const df = ["df", "-k", "--output=size,avail,itotal,iavail,target"];

function parseDf(text: string) {
  const lines = text.trim().split("\n").slice(1);
  return lines.map((line) => {
    const [total, free, files, freeFiles, path = ""] = line.trim().split(/\s+/);
    return {
      path,
      total: Number(total),
      free: Number(free),
      files: Number(files),
      freeFiles: Number(freeFiles),
    };
  });
}

function queueCheck(engine: DockerEngine, container: string): Check {
  return {
    id: "queue",
    group,
    title: "the queue empties",
    why: "Mail that waits is mail that nobody has read; after some days it bounces (RFC 5321 section 4.5.4.1).",
    remedy: startIt,
    run: async () => judgeQueue(parseQueue(await engine.exec(container, ["postqueue", "-j"])), new Date()),
  };
}

/** Signatures and certificates are compared by the clock; receivers are as strict as this about DKIM. */
const maxSecondsOff = 60;

function clockCheck(engine: DockerEngine): Check {
  return {
    id: "clock",
    group,
    title: "the host's clock agrees with this machine's",
    why: "Signatures from the future, and certificates not yet valid, are refused (RFC 6376 section 3.5).",
    remedy: startIt,
    run: async () => {
      const { seconds, precision } = await engine.clockOffset();
      if (Math.abs(seconds) - precision <= maxSecondsOff)
        return ok(`${Math.abs(seconds).toFixed(1)} s apart`);
      return failed(
        `it is ${Math.abs(Math.round(seconds))} s ${seconds > 0 ? "ahead" : "behind"}`,
        "Let a time service set both clocks: `timedatectl set-ntp true`.",
      );
    },
  };
}

const recentMs = 60 * 60 * 1000;

function restartCheck(engine: DockerEngine, container: string): Check {
  return {
    id: `restarts.${container}`,
    group,
    title: `${container} stays up`,
    why: "Each start cuts off every session, and repeated restarts have a cause.",
    remedy: startIt,
    run: async () => {
      const { RestartCount: restarts, State: state } = await engine.inspect(container);
      const age = Date.now() - Date.parse(state.StartedAt);
      const since = `started ${formatAge(age)} ago`;
      if (restarts === 0 || age > recentMs) return ok(`${since}, ${restarts} restarts`);
      return failed(
        `${since}, restarted ${restarts} times`,
        `See why it ended in \`docker logs ${container}\`; an hour without a restart clears this.`,
      );
    },
  };
}

function formatAge(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1440)} days`;
}
