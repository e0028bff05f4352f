import { docker } from "../../kit/engine.ts";
import type { Lab } from "../../kit/lab.ts";
import { Damage } from "./change.ts";

/** What somebody does by hand to running servers. */
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
  }
}
