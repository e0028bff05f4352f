import { expect, test } from "vitest";
import { UpdateOutput } from "../../commands/update-output.ts";

const preview = `Previewing update (lab):
@ previewing update....
    pulumi:pulumi:Stack maildomain-lab running
 ~  maildomain:index:ConfigurationVolume mail-server-configuration update [diff: ~files]
 +  maildomain:index:PasswordHash ana@example.org create
    pulumi:pulumi:Stack maildomain-lab  1 warning
Diagnostics:
  pulumi:pulumi:Stack (maildomain-lab):
    warning: example.org has no DMARC policy

Policies:
    ✅ maildomain@v0.1.0 (local: policy)

Resources:
    + 1 to create
    ~ 1 to update
    2 changes. 80 unchanged
`;
const update = `Updating (lab):
@ updating....
 +  maildomain:index:PasswordHash ana@example.org creating (0s)
 +  maildomain:index:PasswordHash ana@example.org created (0.40s)
 ~  maildomain:index:ConfigurationVolume mail-server-configuration updating (0s) [diff: ~files]
 ~  maildomain:index:ConfigurationVolume mail-server-configuration updated (2s) [diff: ~files]
 ++ docker:index/container:Container mail-server-container creating replacement (0s)
 +- docker:index/container:Container mail-server-container replaced (0.00s)
@ updating.......
    pulumi:pulumi:Stack maildomain-lab  1 warning
Diagnostics:
  pulumi:pulumi:Stack (maildomain-lab):
    warning: example.org has no DMARC policy
    docker:index/container:Container x is only mentioned

Policies:
    ✅ maildomain@v0.1.0 (local: policy)

Resources:
    + 1 created
    ~ 1 updated
    2 changes. 80 unchanged

Duration: 12s
`;

function shown(text: string, size = text.length) {
  const progress: string[] = [];
  const output = new UpdateOutput((line) => progress.push(line));
  for (let at = 0; at < text.length; at += size) output.add(text.slice(at, at + size));
  return { progress, end: output.end() };
}

test("what has changed once, what the CLI says about it once, and nothing that `up` says itself", () => {
  expect(shown(preview + update).end).toMatchInlineSnapshot(`
    "  + PasswordHash ana@example.org
      ~ ConfigurationVolume mail-server-configuration
      ± Container mail-server-container
    Diagnostics:
      pulumi:pulumi:Stack (maildomain-lab):
        warning: example.org has no DMARC policy
        docker:index/container:Container x is only mentioned

    Policies:
        ✅ maildomain@v0.1.0 (local: policy)
    "
  `);
});

test("however the output is cut", () => {
  expect(shown(preview + update, 7).end).toBe(shown(preview + update).end);
});

test("progress names the resource at hand", () => {
  expect(shown(preview + update).progress.at(0)).toBe(
    "preview, 1 resource, now ConfigurationVolume mail-server-configuration",
  );
  expect(shown(preview + update).progress.at(-1)).toBe("3 resources, now Container mail-server-container");
});

test("a preview that fails says why; what is not known is shown", () => {
  const error = "Diagnostics:\n  pulumi:pulumi:Stack (maildomain-lab):\n    error: port 25 is in use\n";
  expect(shown(`Previewing update (lab):\n@ previewing update....\n${error}\nsomething new`).end).toBe(
    `${error}\nsomething new\n`,
  );
});

test("of many changes the counts say more", () => {
  const lines = Array.from({ length: 7 }, (_, n) => ` +  maildomain:index:DkimKey key-${n} creating (0s)\n`);
  expect(shown(`Updating (lab):\n${lines.join("")}`).end).toBe("");
});
