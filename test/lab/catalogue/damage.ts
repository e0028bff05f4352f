import { docker } from "../../kit/engine.ts";
import type { Lab } from "../../kit/lab.ts";
import { Damage } from "./change.ts";

/** What somebody does by hand to running servers, or has done with another version. */
export async function applyDamage(lab: Lab, damage: Damage): Promise<void> {
  switch (damage) {
    case Damage.nameServerRemoved:
      await docker("rm", "--force", `${lab.prefix}-dns-server`);
      break;
    case Damage.tableEdited:
      await docker(
        ...["exec", `${lab.prefix}-mail-server-mx.two.test`, "bash", "-euc"],
        "cd /run/maildomain; sed -i /^caio@/d accounts/passwd current/dovecot/passwd",
      );
      break;
    case Damage.olderState: {
      await lab.importState(withoutServedGenerations(await lab.exportState()));
      break;
    }
  }
}

interface SavedState {
  readonly deployment: { readonly resources: readonly SavedResource[] };
}

interface SavedResource {
  readonly urn: string;
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
}

function withoutServedGenerations(text: string): string {
  const state: SavedState = JSON.parse(text);
  const isServed = ({ type }: SavedResource) => type.endsWith(":ServedGeneration");
  const { resources } = state.deployment;
  const gone = new Set(resources.filter(isServed).map(({ urn }) => urn));
  const without = (urns: readonly string[] = []) => urns.filter((urn) => !gone.has(urn));
  const left = resources
    .filter(({ urn }) => !gone.has(urn))
    .map(({ dependencies, propertyDependencies = {}, ...rest }) => ({
      ...rest,
      dependencies: without(dependencies),
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).map(([property, urns]) => [property, without(urns)]),
      ),
    }));
  return JSON.stringify({ ...state, deployment: { ...state.deployment, resources: left } });
}
