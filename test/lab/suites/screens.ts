import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { breakRecords } from "../../../commands/break-records.ts";
import { restoreEditedZones } from "../../../commands/edited-zones.ts";
import { DockerEngine } from "../../../engine/docker-engine.ts";
import { type BrokenRecords, recordsBroken } from "../../../exercise/record-faults.ts";
import type { RunningStack } from "../../../outputs/running-stack.ts";
import { toShort } from "../../../review/markdown.ts";
import { reviewPreview } from "../../../review/review.ts";
import { Checkouts } from "../../kit/checkout.ts";
import type { Lab, Outcome, Settings } from "../../kit/lab.ts";
import { screenOf } from "../../kit/terminal-screen.ts";

const columns = 80;
/** npm's own lines above, and the prompt below. */
const rows = 24 - 4 - 1;

/** What real commands leave on a terminal of 80 × 24. */
export class Screens {
  readonly #lab: Lab;
  readonly folder: string;

  private constructor(lab: Lab, folder: string) {
    this.#lab = lab;
    this.folder = folder;
  }

  static async of(lab: Lab): Promise<Screens> {
    return new Screens(lab, await Checkouts.without(lab).make());
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  async after(command: string, ...options: readonly string[]): Promise<Outcome> {
    const words = [command, "--stack", this.#lab.stack, ...options];
    const { status, output } = await this.#lab.scriptOnTerminal(words, "", this.folder);
    return { status, output: screenOf(output) };
  }

  /** A hint of `verify`'s about time is in no golden file. */
  static tooSlow({ output }: Outcome): string | undefined {
    return output.includes(" answers soon ") ? "this machine was too slow for a check about time" : undefined;
  }

  /** @returns the screen, of which all is to be seen. */
  fits({ status, output }: Outcome, expected: number): string {
    expect({ status, output }).toMatchObject({ status: expected });
    const screen = output.replace(/^\n+/, "").trimEnd();
    const lines = screen.split("\n");
    expect(lines.length, output).toBeLessThanOrEqual(rows);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    return screen;
  }

  /** Each run has a stack, keys and packages of its own; all of them are as wide. */
  async holds(name: string, { status, output }: Outcome, expected: number): Promise<void> {
    const screen = this.fits({ status, output }, expected);
    const text = `${screen}\n`
      .replaceAll(this.#lab.stack, "test-(stack)")
      .replaceAll(/\b[0-9a-f]{64}\b/g, "(the authority's fingerprint, 64 hexadecimal digits)");
    await expect(text).toMatchFileSnapshot(`golden/screen-${name}.txt`);
  }
}

/** Where clients find IMAP (RFC 6186): nothing else depends on it. */
function oneRecord({ zones }: RunningStack): BrokenRecords[] {
  return zones.flatMap(({ name: zone, records }) =>
    records
      .filter(({ name, type }) => type === "SRV" && name.startsWith("_imaps."))
      .map((record) => {
        const { name, type } = record;
        return {
          zone,
          name,
          type,
          declared: [record],
          broken: [{ ...record, content: `0 1 993 old.${zone}` }],
        };
      }),
  );
}

const wrongStackFile = `config:
  maildomain:lab: true
  maildomain:ports: { imaps: "993" }
  maildomain:legacyPort: true
  maildomain:domains:
    - name: escola..test
      mailboxes:
        - { name: ana, password: 123456 }
        - { name: rui, quota: 5 GB }
`;

/**
 * The five situations that are the most common. The first one brings the stack up, so that its screen is taken by the caller.
 *
 * @param settings - as the stack runs
 * @param larger - the same with a further mailbox
 */
export function screenSuite(
  current: () => { readonly lab: Lab; readonly screens: Screens; readonly first: Outcome },
  settings: Settings,
  larger: Settings,
): void {
  test("the first up", async ({ skip }) => {
    const { screens, first } = current();
    const reason = Screens.tooSlow(first);
    skip(reason !== undefined, reason);
    await screens.holds("first-up", first, 0);
  });

  test("nothing to do", async ({ skip }) => {
    const { screens } = current();
    const screen = await screens.after("up");
    const reason = Screens.tooSlow(screen);
    skip(reason !== undefined, reason);
    await screens.holds("nothing-to-do", screen, 0);
  });

  test("one mailbox more: the preview ends with the review's verdict, on a terminal and elsewhere", async ({
    skip,
  }) => {
    const { lab, screens } = current();
    await lab.configure(larger);
    const words = ["--stack", lab.stack];
    const asked = await lab.script(["review", ...words, "--format", "short"], screens.folder);
    const verdict = asked.output.trimEnd();
    expect(verdict).toMatch(/^1 mailbox added; .*\bno risk found\.$/);
    const piped = await lab.script(["preview", ...words], screens.folder);
    expect(piped.output.trimEnd().split("\n").at(-1)).toBe(`Review: ${verdict}`);
    const onTerminal = await screens.after("preview");
    expect(onTerminal.output.trimEnd().replaceAll(/\s+/g, " ")).toMatch(
      new RegExp(`unchanged Review: ${verdict}$`),
    );
    const json = await lab.script(["preview", ...words, "--", "--json"], screens.folder);
    expect(toShort(reviewPreview(json.output))).toBe(verdict);

    const screen = await screens.after("up");
    const reason = Screens.tooSlow(screen);
    skip(reason !== undefined, reason);
    await screens.holds("mailbox-added", screen, 0);
  });

  test("a failed check", async ({ skip }) => {
    const { lab, screens } = current();
    const running = await lab.outputs();
    await breakRecords(new DockerEngine(), running, oneRecord(running));
    const screen = await screens.after("verify");
    const reason = Screens.tooSlow(screen);
    skip(reason !== undefined, reason);
    await screens.holds("failed-check", screen, 1);
  });

  test("a broken policy, and what fails with it", async ({ skip }) => {
    const { lab, screens } = current();
    const running = await lab.outputs();
    const [domain] = running.domains;
    if (domain === undefined) throw new Error("The stack has no domain.");
    // What the test before has broken is restored first.
    await restoreEditedZones(new DockerEngine(), running, { note: () => {} });
    await breakRecords(new DockerEngine(), running, recordsBroken("spf", running.zones, domain.name));
    const screen = await screens.after("verify");
    const reason = Screens.tooSlow(screen);
    skip(reason !== undefined, reason);
    const text = screens.fits(screen, 1).replaceAll(/\s+/g, " ");
    expect(text).toContain(`FAILED TXT ${domain.name} v=spf1 -all why: `);
    expect(text).toMatch(
      /so also failed: DKIM, SPF and DMARC \(submission 587\); DKIM, SPF and DMARC \(submissions 465\); SPF lets \S+ send /,
    );
  });

  test("a wrong stack file", async () => {
    const { lab, screens } = current();
    await lab.writeConfigFile(wrongStackFile);
    try {
      await screens.holds("wrong-stack-file", await screens.after("up"), 1);
    } finally {
      await lab.configure(settings);
    }
  });
}
