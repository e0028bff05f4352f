import type { Change } from "../change.ts";
import { addressChanges } from "./addresses.ts";
import { damageChanges } from "./damage.ts";
import { imageChanges } from "./images.ts";
import { keyChanges } from "./keys.ts";
import { mailboxChanges } from "./mailboxes.ts";
import { recordChanges } from "./records.ts";
import { refusedChanges } from "./refused.ts";
import { serverChanges } from "./servers.ts";
import { settingChanges } from "./settings.ts";

/** The catalogue. What is expected of a change is written before it is made. */
export const changes: readonly Change[] = [
  ...mailboxChanges,
  ...addressChanges,
  ...recordChanges,
  ...keyChanges,
  ...settingChanges,
  ...serverChanges,
  ...imageChanges,
  ...damageChanges,
  ...refusedChanges,
];
