import type { ResourceValidationPolicy } from "@pulumi/policy";
import { parseVolumeName, VolumeUse } from "../naming/resources.ts";
import { isLab } from "./stack-settings.ts";

/** What holds mail, and address books: nothing else has a copy. */
const keptUses: readonly VolumeUse[] = [VolumeUse.mailboxes, VolumeUse.queue, VolumeUse.database];

/** A volume that an ordinary `up` or `destroy` could delete takes everybody's mail with it. */
export const keptMailVolumes: ResourceValidationPolicy = {
  name: "kept-mail-volumes",
  description: "Volumes with mail and address books are protected, or retained when the stack is removed.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, name, props, opts }, report) => {
    if (isLab()) return;
    // Pulumi does not show `retainOnDelete` to a policy: the server's own input says whether it keeps its volumes.
    if (type === "maildomain:index:MailServer" && props.keepMail !== true)
      report("the mail is deleted with the stack: keep keepMail true outside a lab");
    if (type === "maildomain:index:Webmail" && props.keepData !== true)
      report("address books are deleted with the stack: keep keepData true outside a lab");
    if (type !== "docker:index/volume:Volume") return;
    const use = parseVolumeName(name)?.use;
    if (use === undefined || !keptUses.includes(use)) return;
    const driver = (props.driverOpts ?? {}) as Readonly<Record<string, unknown>>;
    if (driver.type === "tmpfs") report(`${name} is in memory: mail is lost when the host restarts`);
    if (opts.deleteBeforeReplace === true)
      report(`${name} is deleted before it is replaced: remove deleteBeforeReplace`);
  },
};
