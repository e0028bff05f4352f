import type { Device, Program } from "../devices.ts";

/** The words of the set-up page and of the error pages. */
export interface SetUpText {
  /** BCP 47. */
  readonly language: string;
  /** The language's own name. */
  readonly languageName: string;
  readonly languages: string;
  readonly title: string;
  readonly lead: string;
  readonly settings: string;
  readonly rows: {
    readonly address: string;
    /** What stands before the @ in place of somebody's own. */
    readonly you: string;
    readonly userName: string;
    readonly userNameValue: string;
    readonly password: string;
    readonly passwordValue: string;
    readonly incoming: string;
    readonly outgoing: string;
    readonly protocol: string;
    readonly server: string;
    readonly port: string;
    readonly security: string;
  };
  readonly copy: { readonly button: string; readonly done: string };
  readonly authority: {
    readonly title: string;
    readonly text: string;
    readonly link: string;
    /** Before the fingerprint. */
    readonly fingerprint: string;
    /** How each system comes to trust it. */
    readonly steps: Readonly<Record<Device, readonly string[]>>;
  };
  /** Where a name server of the stack's own is the only one that knows the names. */
  readonly names: { readonly title: string; readonly text: (nameServer: string) => string };
  readonly webmail: { readonly title: string; readonly text: string; readonly button: string };
  readonly phone: { readonly title: string; readonly text: string; readonly code: string };
  readonly profile: { readonly label: string; readonly button: string };
  /** What the hand-out on paper says in addition. */
  readonly letter: {
    readonly title: string;
    readonly firstPassword: string;
    /** What to do with the first password, and with the sheet. */
    readonly advice: string;
    readonly page: string;
    readonly webmail: string;
    readonly fingerprint: string;
  };
  readonly programs: string;
  readonly devices: Readonly<Record<Device, string>>;
  readonly steps: Readonly<Record<Program, ProgramText>>;
  readonly errors: Readonly<Record<ErrorKind, { readonly title: string; readonly text: string }>>;
}

export interface ProgramText {
  readonly name: string;
  readonly steps: readonly string[];
}

/** What an error page can say. */
export const errorKinds = ["error", "missing", "too-large", "too-many", "webmail-unavailable"] as const;
export type ErrorKind = (typeof errorKinds)[number];
