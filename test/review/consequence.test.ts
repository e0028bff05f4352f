import { expect, test } from "vitest";
import type { Change } from "../../review/change.ts";
import { consequenceOf } from "../../review/consequence.ts";

const change = (subject: Change["subject"], kind: Change["kind"], name: string, id?: string) =>
  ({ subject, kind, name, ...(id && { risk: { id, reason: "" } }) }) as Change;

test.each([
  [
    change("alias", "removed", "a@x"),
    "whoever writes to it | from `up` on | declare it again; mail that was refused has gone back to its senders",
  ],
  [
    change("server", "replaced", "mail-server-mx.x"),
    "its users, and servers that deliver to it | while it is replaced, usually seconds | the former value: replaced once more",
  ],
  [
    change("server", "replaced", "web-server"),
    "whoever sets up a client | while it is replaced, usually seconds | the former value: replaced once more",
  ],
  [change("server", "changed", "web-server"), "nobody | from `up` on | the former value"],
  [
    change("key", "replaced", "k", "tls-key-replaced"),
    "whoever knows the former one | from `up` on, until they know the new one | not at all: the former one is gone",
  ],
  [
    change("volume", "removed", "v", "volume-deleted"),
    "its users | from `up` on | not at all: from a backup",
  ],
  [
    change("volume", "removed", "v", "volume-detached"),
    "its users | from `up` on | declare its server again under the same name",
  ],
  [
    change("setting", "changed", "s", "lab-ends"),
    "everybody whom users write to | from `up` on | not for mail that has left",
  ],
  [
    { ...change("mailbox", "removed", "a@x", "mailbox-removed"), undo: "not at all" },
    "its user, and whoever writes to it | from `up` on | not at all",
  ],
])("who notices %o, when, and how it is undone", (one, expected) => {
  const { who, when, undo } = consequenceOf(one);
  expect([who, when, undo].join(" | ")).toBe(expected);
});
