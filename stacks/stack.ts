import { getStack } from "@pulumi/pulumi";
import { occupiedPlaces } from "./preflight/former-servers.ts";
import {
  hasIPv6,
  hostNamesKept,
  knownResources,
  namesElsewhere,
  ownServers,
  policiesAwaited,
  refuseBrokenRules,
  refuseHeld,
  refuseMoves,
  refuseOtherEngine,
  refuseTakenPorts,
  refuseUnusableZones,
  rolloutOf,
  warnOfCertificates,
} from "./preflight/refuse.ts";
import { declareStack } from "./program/program.ts";
import { serversOf } from "./program/servers.ts";
import { readBrand, readSieveFiles, readStackSettings } from "./reading/read.ts";

/**
 * Reads the stack's settings, refuses what cannot work, and declares it.
 *
 * @returns what it reports about itself: the stack's outputs
 */
export async function stack(): ReturnType<typeof declareStack> {
  const settings = readStackSettings();
  warnOfCertificates(settings);
  const known = await knownResources();
  const former = ownServers(known);
  refuseMoves(settings, former);
  const identity = await refuseOtherEngine(settings, known);
  refuseHeld(settings, former);
  await refuseTakenPorts(settings);
  await refuseUnusableZones(settings);
  const sieveFiles = readSieveFiles(settings);
  await refuseBrokenRules(settings, former, sieveFiles);
  const declared = serversOf(settings).map(({ name }) => name);
  return await declareStack(settings, {
    name: getStack(),
    identity,
    occupied: occupiedPlaces(former, declared),
    hasIPv6: await hasIPv6(settings, known),
    rollout: rolloutOf(settings, former),
    sieveFiles,
    brand: readBrand(settings),
    elsewhere: await namesElsewhere(settings, known),
    awaited: await policiesAwaited(settings, known, former),
    formerHostNames: hostNamesKept(settings, known),
  });
}
