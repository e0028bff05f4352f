import { docker } from "../../kit/engine.ts";
import type { Lab } from "../../kit/lab.ts";
import { Damage } from "./change.ts";

interface SavedState {
  readonly deployment: { readonly resources: readonly { readonly urn: string; readonly type: string }[] };
}

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
      const state: SavedState = JSON.parse(await lab.exportState());
      const resources = state.deployment.resources.filter(({ type }) => !type.endsWith(":ServedGeneration"));
      await lab.importState(JSON.stringify({ ...state, deployment: { ...state.deployment, resources } }));
      break;
    }
  }
}
