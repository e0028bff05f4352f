import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, type SavedStack } from "../kit/lab.ts";
import {
  expectEverything,
  expectSamePlaces,
  otherChanges,
  typeOf,
  type UpgradePreview,
} from "../kit/upgrade-steps.ts";

/** A zone's records by name, and whatever else it is made of. */
type ZoneInputs = Record<string, unknown> & { readonly records?: Readonly<Record<string, unknown>> };

const servers = [
  "dns-server",
  "dns-server-inside",
  "mail-server",
  "mail-server-mail.parceiro.pti",
  "web-server",
  "webmail",
];

/**
 * The lab of stacks/, as the version before this one provisioned it. Its people have mail on those volumes, and
 * clients that know these keys: an `up` keeps all of it.
 */
describe("a lab that the version before has provisioned", () => {
  let saved: SavedStack;
  let lab: Lab;
  let preview: UpgradePreview;

  beforeAll(async () => {
    saved = JSON.parse(await readFile(new URL("upgrade/lab.json", import.meta.url), "utf8"));
    lab = await Lab.restore(saved);
    const { status, output } = await lab.operate("preview", ["--json"]);
    expect(status, output).toBe(0);
    preview = JSON.parse(output);
  });
  afterAll(() => lab.forget());

  test("only containers are replaced, with their images; the engine gets its identity and a volume for certificates, each server a volume, what brings its configuration, and its name a policy; nothing is deleted but what brought that before, and everything else stays unchanged", () => {
    const changed = preview.steps.filter(({ op }) => op !== "same");
    expect(otherChanges(preview)).toEqual([
      ...[
        "certificates-volume",
        "dns-server-inside-last-known-good",
        "dns-server-last-known-good",
        "identity-volume",
        "mail-server-last-known-good",
        "mail-server-mail.parceiro.pti-last-known-good",
        "web-server-last-known-good",
        "webmail-last-known-good",
      ].map((volume) => `create docker:index/volume:Volume ${volume}`),
      ...servers.map((server) => `create maildomain:index:ServedGeneration ${server}-configuration-served`),
      ...servers.map(
        (server) => `delete docker:index/container:Container ${server}-configuration-generation`,
      ),
      "update maildomain:index:LocalZone parceiro.pti-zone",
      "update maildomain:index:LocalZone vaamonde.pti-zone",
      "update maildomain:index:MailServer mail-server",
      "update maildomain:index:MailServer mail-server-mail.parceiro.pti",
    ]);
    // A component, which shows more of its settings than it did.
    for (const { oldState, newState } of changed.filter(
      ({ urn }) => typeOf(urn) === "maildomain:index:MailServer",
    ))
      expect(newState?.inputs).toMatchObject(oldState?.inputs ?? {});
    const zones = changed.filter(({ urn }) => typeOf(urn) === "maildomain:index:LocalZone");
    for (const { oldState, newState } of zones) {
      const { records: before = {}, ...rest } = (oldState?.inputs ?? {}) as ZoneInputs;
      const { records: after = {}, ...others } = (newState?.inputs ?? {}) as ZoneInputs;
      expect(others).toEqual(rest);
      const added = Object.keys(after).filter((name) => !Object.hasOwn(before, name));
      expect(added).toEqual([expect.stringMatching(/^mail\.\w+\.pti-host-dmarc$/)]);
      expect(after).toEqual({ ...before, ...Object.fromEntries(added.map((name) => [name, after[name]])) });
    }
    expectEverything(preview, saved.deployment);
  });

  test("a container that is replaced keeps its name, its addresses, its ports and its volumes", () => {
    expectSamePlaces(preview);
  });
});
