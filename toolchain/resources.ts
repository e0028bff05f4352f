import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import type { State } from "./step.ts";
import { projectFolder } from "./versions.ts";

/** What `npm run doctor` reports in addition to the steps; nothing of it is anybody's to set up. */
export type Finding = State & { readonly name: string };

const GIB = 2 ** 30;
/** Building an image beside the servers of a lab. */
const memoryWanted = GIB;
/** The four images, the packages and the filter's data, from nothing. */
const diskWanted = 4 * GIB;
/** Where the Docker Engine keeps images and volumes, unless its host's owner has moved them. */
const ENGINE_FOLDER = "/var/lib/docker";

/** @param available - bytes that a new process may have */
export function memoryFinding(available: number, total: number): Finding {
  const isEnough = available >= memoryWanted;
  return {
    name: "memory",
    ready: true,
    found: `memory: ${gib(available)} of ${gib(total)} free`,
    note: isEnough ? undefined : `Less than ${gib(memoryWanted)} is free: building the images may fail.`,
  };
}

/** @param free - bytes that this user may fill */
export function diskFinding(folder: string, free: number): Finding {
  const isEnough = free >= diskWanted;
  return {
    name: "disk",
    ready: true,
    found: `disk: ${gib(free)} free in ${folder}`,
    note: isEnough ? undefined : `A first \`up\` needs up to ${gib(diskWanted)}.`,
  };
}

/** This machine's memory, and the space of each file system that a stack here fills. */
export async function resourceFindings(folders = [projectFolder, ENGINE_FOLDER]): Promise<Finding[]> {
  const disks = new Map<number, Promise<Finding>>();
  for (const folder of folders.filter((each) => existsSync(each))) {
    const { dev } = await stat(folder);
    if (!disks.has(dev)) disks.set(dev, freeIn(folder));
  }
  const memory = memoryFinding(process.availableMemory(), totalMemory());
  return [memory, ...(await Promise.all(disks.values()))];
}

async function freeIn(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  return diskFinding(folder, bavail * bsize);
}

/** In a container that has less than its machine, the container's. */
function totalMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

/** @example "7.5 GiB" */
function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
