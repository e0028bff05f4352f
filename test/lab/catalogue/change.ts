import type { RiskId } from "../../../review/change.ts";
import type { Edit } from "./edit.ts";

/** What a change means for one server, from the least to the most. */
export const ServerEffect = {
  reload: "reload",
  /** Whether a new container is made, is known only once `up` has built the image. */
  mayBeReplaced: "may be replaced",
  replaced: "replaced",
  added: "added",
  removed: "removed",
} as const;
export type ServerEffect = (typeof ServerEffect)[keyof typeof ServerEffect];

/** How `up` is run. */
export const Way = {
  /** To its end. */
  plain: "plain",
  /** `npm run up`: with all that it does before and after Pulumi. */
  whole: "whole",
  /** Its process is killed at some moment; then `npm run up`. */
  killed: "killed",
  /** Its Docker Engine goes away at some moment; then `npm run up`. */
  engineLost: "engine lost",
  /** Two `npm run up` at once: one does it, the other says that there is one. */
  twice: "twice",
  /** Only for a part, by `--target`; then for the rest. */
  targeted: "targeted",
} as const;
export type Way = (typeof Way)[keyof typeof Way];

/** What somebody or something has done to the running servers before `up`. */
export const Damage = {
  nameServerRemoved: "name server removed",
  tableEdited: "table edited",
  /** The state is as a version wrote it that did not compare what servers serve. */
  olderState: "older state",
} as const;
export type Damage = (typeof Damage)[keyof typeof Damage];

/** One change to a running stack: what is written before it is made. */
export interface Change {
  readonly id: string;
  /** Where docs/changes.md has it. */
  readonly section: Section;
  /** @example "A mailbox is added" */
  readonly title: string;
  readonly edit: Edit;
  /** What is written into files beside the stack file, by their names. */
  readonly files?: Readonly<Record<string, string>>;
  /** What comes at the end of these images' Dockerfile. @example { "mail-server": "LABEL revision=2" } */
  readonly linesIn?: Readonly<Record<string, string>>;
  readonly damage?: Damage;
  /** @default Way.plain */
  readonly way?: Way;
  /** The changes that must have been made before it. Every order with these is right. */
  readonly after?: readonly string[];
  /** Whether it comes as soon as it can: others say what happens to the servers that are there without the one before it. */
  readonly isUrgent?: boolean;
  /** Whether it is one of those that every run of the tests makes. */
  readonly isFast?: boolean;
  /** Why the run leaves it out, visibly: a fault of the product that is known. */
  readonly knownFault?: string;

  /** What the program refuses it with. Nothing is changed then, and the edit is taken back. */
  readonly refusal?: RegExp;
  /** The risks that the review names: these and no others. */
  readonly risks?: readonly RiskId[];
  /**
   * The ids of what the review shows beside servers, with `*` for any text: each of these is there, and nothing that is
   * none of them.
   */
  readonly rows?: readonly string[];
  /** What happens to which server; nothing at all to any other. A review announces it, and it is what happens. */
  readonly servers?: Readonly<Record<string, ServerEffect>>;
  /** The volumes that come and go; no other does. */
  readonly volumes?: { readonly added?: readonly string[]; readonly removed?: readonly string[] };

  /** For docs/changes.md: who notices what, from when until when. */
  readonly notices: string;
  /** For docs/changes.md: how to undo it. */
  readonly undo: string;
}

/** The sections of docs/changes.md, in its order. */
export const sections = [
  "Mailboxes",
  "Aliases and domains",
  "DNS records",
  "Keys, certificates and policies",
  "Settings of the servers",
  "Servers, ports and network",
  "Images and containers",
  "An `up` that fails, and changes by hand",
  "Refused",
] as const;
export type Section = (typeof sections)[number];
