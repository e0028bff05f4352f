/** A stack of stacks/: read its settings, refuse what cannot work, declare it, and export what it reports about itself. */
// First: whatever imports the SDK comes after it.
import "./stacks/lean-sdk.ts";
import { getStack } from "@pulumi/pulumi";
import { occupiedPlaces } from "./stacks/preflight/former-servers.ts";
import {
  hasIPv6,
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
} from "./stacks/preflight/refuse.ts";
import { declareStack } from "./stacks/program/program.ts";
import { serversOf } from "./stacks/program/servers.ts";
import { readBrand, readSieveFiles, readStackSettings } from "./stacks/reading/read.ts";

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

// Pulumi takes the properties of a default export for the stack's outputs.
const declared = serversOf(settings).map(({ name }) => name);
export default await declareStack(settings, {
  name: getStack(),
  identity,
  occupied: occupiedPlaces(former, declared),
  hasIPv6: await hasIPv6(settings, known),
  rollout: rolloutOf(settings, former),
  sieveFiles,
  brand: readBrand(settings),
  elsewhere: await namesElsewhere(settings, known),
  awaited: await policiesAwaited(settings, known, former),
});
