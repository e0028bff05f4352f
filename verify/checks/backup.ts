import type { DockerEngine } from "../../engine/docker-engine.ts";
import type { RunningStack } from "../../outputs/running-stack.ts";
import { type Check, failed, ok } from "../check.ts";

/** Whoever makes the backups touches this file in the mail's volume when one is done; its time is the backup's. */
const marker = "/var/mail/v/.backed-up";

/**
 * How long ago the mail was last backed up, by the word of the job that does it. The project makes no backup itself,
 * and whether one can be restored shows only when it is.
 */
export function backupCheck(
  { containers: { mailServer }, backups }: RunningStack,
  engine: DockerEngine,
): Check {
  const report = `let the job that makes it end with \`docker exec ${mailServer} touch ${marker}\``;
  return {
    id: `backup.${mailServer}`,
    group: "Host",
    title: `last backup of the mail of ${mailServer}`,
    why: "Mail lost with a disk comes back only from a backup, and a backup job that stopped is noticed too late.",
    remedy: "Run `npm run up`, which starts what is missing.",
    run: async () => {
      const maxHours = backups.maxAge;
      if (maxHours === undefined || maxHours === null) {
        return ok("nothing here watches it: no `backups.maxAge` is declared");
      }
      const script = `[[ ! -e ${marker} ]] || stat --format=%Y ${marker}`;
      const stamp = (await engine.exec(mailServer, ["bash", "-c", script])).trim();
      if (stamp === "")
        return failed(`no backup has been reported: there is no ${marker}`, `Make one, and ${report}.`);
      const hours = (Date.now() / 1000 - Number(stamp)) / 3600;
      const age = hours < 48 ? `${hours.toFixed(1)} h ago` : `${Math.floor(hours / 24)} days ago`;
      if (hours <= maxHours) return ok(`${age}, ${maxHours} h are allowed`);
      return failed(
        `${age}, ${maxHours} h are allowed`,
        `Find out why the job no longer runs or no longer succeeds; ${report}.`,
      );
    },
  };
}
