import { expect } from "vitest";
import { isFormerCarrier } from "../../naming/resources.ts";

/** The part of a preview's step that is read here. */
export interface UpgradeStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: { readonly inputs?: Record<string, unknown> };
  readonly newState?: { readonly inputs?: Record<string, unknown> };
}

/** What `pulumi preview --json` prints. It leaves out the steps of what stays. */
export interface UpgradePreview {
  readonly steps: readonly UpgradeStep[];
  readonly changeSummary: { readonly same?: number };
}

/** What an `up` may replace once, for the sake of a new image or of a label. */
const replaceable = ["docker:index/container:Container", "docker:index/remoteImage:RemoteImage"];

export const typeOf = (urn: string) => urn.split("::").at(-2)?.split("$").at(-1) ?? "";
const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";

/** Everything that an `up` would do, apart from replacing containers for their images. */
export function otherChanges({ steps }: UpgradePreview): string[] {
  return steps
    .filter(({ op }) => op !== "same")
    .filter(({ op, urn }) => op === "delete" || !replaceable.includes(typeOf(urn)))
    .map(({ op, urn }) => `${op} ${typeOf(urn)} ${nameOf(urn)}`)
    .toSorted();
}

/**
 * Holds that what a preview shows, and what it says stays, are all that there was, apart from the containers that brought
 * configurations: one whose content depends on a container that is replaced goes before that one, and the preview leaves it out.
 */
export function expectEverything({ steps, changeSummary }: UpgradePreview, deployment: unknown): void {
  const isKept = ({ urn }: { readonly urn: string }) => !isFormerCarrier(nameOf(urn));
  const changed = steps.filter(({ op }) => op !== "create" && op !== "same").filter(isKept);
  const touched = new Set(changed.map(({ urn }) => urn));
  const { resources } = deployment as { resources: readonly { type: string; urn: string }[] };
  const declared = resources.filter(({ type }) => !type.startsWith("pulumi:providers:")).filter(isKept);
  expect((changeSummary.same ?? 0) + touched.size).toBe(declared.length);
}

/** Holds that each container that is replaced keeps its name, its addresses, its ports and its volumes. */
export function expectSamePlaces({ steps }: UpgradePreview): void {
  const isNew = ({ containerPath = "" }: { containerPath?: string }) =>
    ["/last-known-good", "/var/lib/certificates"].includes(containerPath);
  const places = ({ volumes, ...inputs }: Record<string, unknown> = {}) => ({
    ...Object.fromEntries(
      ["name", "networksAdvanced", "ports", "networkMode"].map((key) => [key, inputs[key]]),
    ),
    volumes: (volumes as readonly object[] | undefined)?.filter((volume) => !isNew(volume)),
  });
  const containers = steps.filter(
    ({ op, urn }) => op !== "delete" && typeOf(urn) === "docker:index/container:Container",
  );
  for (const { oldState, newState } of containers)
    expect(newState && places(newState.inputs)).toEqual(oldState && places(oldState.inputs));
}
