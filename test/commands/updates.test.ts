import { expect, test } from "vitest";
import { parse } from "yaml";
import { updatesMarkdown } from "../../commands/updates.ts";
import { parsePending } from "../../engine/pending-updates.ts";
import { toMarkdown } from "../../review/markdown.ts";
import { reviewPackages } from "../../review/packages.ts";
import { parseStackFile, withPackages } from "../../stacks/reading/stack-file.ts";

const updates = parsePending(
  "unbound\t1.22.0-2\t1.22.0-2+deb13u1\t1\tCVE-2026-0001,CVE-2026-0002\nbase-files\t13.8\t13.8+deb13u1\t0\t\n",
);
const servers = [
  { name: "mail-server", packages: "2026-11-28", updates },
  { name: "dns-server", packages: "2026-11-28", updates: [] },
];

test("what is pending, whom it interrupts, and how it is applied and taken back", () => {
  expect(updatesMarkdown("company", servers, "2026-12-01")).toMatchInlineSnapshot(`
    "### mail-server, packages of 2026-11-28

    | package | runs | archive | fixes |
    |---|---|---|---|
    | base-files | 13.8 | 13.8+deb13u1 |  |
    | unbound | 1.22.0-2 | 1.22.0-2+deb13u1 | security, CVE-2026-0001, CVE-2026-0002 |

    Unreachable until the new one serves, usually less than 5 s. Mailboxes and queue stay on their volumes. All sessions are cut and nobody can send or read meanwhile; mail from others waits at the sending servers, which try again (RFC 5321 section 4.5.4.1).

    To apply them, put this into stacks/Pulumi.company.yaml, which \`npm run updates -- --stack company --apply\` does before it runs \`up\`:

    \`\`\`yaml
      maildomain:images:
        packages: 2026-12-01
    \`\`\`

    The new images are built before a container stops, and the former ones are kept: \`npm run updates -- --stack company --back\` returns to them.
    "
  `);
  expect(updatesMarkdown("company", [], "2026-12-01")).toMatchInlineSnapshot(`
    "**company**: every package is the latest that the archive has.
    "
  `);
});

test("a review has old and new of each package", () => {
  const changes = reviewPackages(servers);
  const steps = [
    { operation: "replace", type: "image", name: "mail-server-image", because: ["build"] },
  ] as const;
  expect(toMarkdown({ changes, risks: [], steps, unknown: [] }, "company")).toMatchInlineSnapshot(`
    "**company**: 2 packages changed; no risk found.

    ### Packages

    | | what | before | after | effect | who notices, and when | undo |
    |---|---|---|---|---|---|---|
    | ~ | base-files: mail-server | \`13.8\` | \`13.8+deb13u1\` |  | nobody | \`npm run updates -- --back\` |
    | ~ | unbound: mail-server | \`1.22.0-2\` | \`1.22.0-2+deb13u1\` | Security update. CVE-2026-0001 CVE-2026-0002 | nobody | \`npm run updates -- --back\` |

    <details><summary>Pulumi: 1 resource</summary>

    \`\`\`
    replace  image mail-server-image (build)
    \`\`\`

    </details>
    "
  `);
});

const file = `# Ours.
config:
  # The one domain.
  maildomain:domains:
    - { name: example.org, mailboxes: [{ name: ana }] } # Ana
  maildomain:hostName: "mail.example.org"
`;
test.each([
  ["without the section", file],
  [
    "with another day, which YAML takes for a moment",
    `${file}  maildomain:images:\n    packages: 2026-11-28\n`,
  ],
  [
    "with the CLI's other form of it",
    `${file}  maildomain:images: { packages: "2026-11-28 00:00:00 +0000 UTC" }\n`,
  ],
])("a stack file gets a day, and keeps everything else: %s", (_, text) => {
  parseStackFile("x", text);
  const written = withPackages(text, "2026-12-01");
  expect(parseStackFile("x", written).settings.images.packages).toBe("2026-12-01");
  expect(written).toContain("# Ours.\n");
  expect(written).toContain("# Ana\n");
  const { config } = parse(written) as { config: Record<string, unknown> };
  expect({ ...config, "maildomain:images": 0 }).toEqual({
    ...(parse(file) as { config: Record<string, unknown> }).config,
    "maildomain:images": 0,
  });
});
