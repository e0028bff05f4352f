import { expect, test } from "vitest";
import {
  certificateName,
  credentialsResource,
  leafResource,
  loginsResource,
} from "../../naming/resources.ts";
import { stackSchema } from "../../stacks/schema/config.ts";
import { contentsOf } from "../components/carried.ts";
import { type Recorded, record } from "../components/recorder.ts";
import { type Change, ServerEffect } from "../lab/catalogue/change.ts";
import { changes } from "../lab/catalogue/changes/index.ts";
import { applyEdit } from "../lab/catalogue/edit.ts";
import { fixture } from "../lab/catalogue/fixture.ts";
import { withNeeded } from "../lab/catalogue/order.ts";
import { declare } from "../stacks/program/stacks.ts";

/** What each server is given, by its name. */
async function given(done: readonly Change[]): Promise<Map<string, unknown>> {
  const settings = done
    .filter(({ refusal }) => refusal === undefined)
    .reduce((before, { edit }) => applyEdit(before, edit), fixture);
  const [, resources] = await record(() => declare(stackSchema.parse(settings)));
  const suffix = "-configuration-served";
  const names = resources.flatMap(({ name }) =>
    name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : [],
  );
  return new Map(names.map((name) => [name, [contentsOf(resources, name), madeFor(resources, name)]]));
}

/** What its certificate and its password hashes are made of: the mocks make the same ones of anything. */
function madeFor(resources: readonly Recorded[], server: string): unknown[] {
  const inputs = (name: string) => resources.find((resource) => resource.name === name)?.inputs;
  const certificate = certificateName(server);
  return [inputs(leafResource(certificate))?.hostNames, inputs(credentialsResource(loginsResource(server)))];
}

const fast = changes.filter(({ isFast, refusal }) => isFast && refusal === undefined);

test.each(fast.map((change) => [change.title, change] as const))(
  "%s: made alone, it reloads the servers that its row names",
  async (_, change) => {
    const before = withNeeded(changes, [change.id]).filter(({ id }) => id !== change.id);
    const [former, next] = [await given(before), await given([...before, change])];
    const kept = [...next.keys()].filter((name) => former.has(name));
    const reloaded = kept.filter(
      (name) => JSON.stringify(former.get(name)) !== JSON.stringify(next.get(name)),
    );
    const named = Object.entries(change.servers ?? {}).flatMap(([name, effect]) =>
      effect === ServerEffect.reload ? [name] : [],
    );
    expect(reloaded.toSorted()).toEqual(named.toSorted());
  },
);
