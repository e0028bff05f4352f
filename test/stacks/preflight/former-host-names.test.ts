import { expect, test } from "vitest";
import { keptNames } from "../../../stacks/preflight/former-host-names.ts";
import { stackSchema } from "../../../stacks/schema/config.ts";

const mailboxes = [{ name: "ana" }];
const settingsOf = (more: object = {}) =>
  stackSchema.parse({
    address: "192.0.2.25",
    domains: ["one.example", "two.example"].map((name) => ({ name, mailboxes })),
    ...more,
  });
const further = (hostName: string) => ({
  servers: [{ name: "mx.two.example", hostName, domains: ["two.example"], address: "192.0.2.26" }],
});

/** What an `up` has reported: the main server as mx1.one.example, one further server as mx.two.example. */
const reported = (formerNames?: readonly { readonly name: string; readonly until: string }[]) => [
  {
    urn: "urn:pulumi:office::maildomain::pulumi:pulumi:Stack::maildomain-office",
    type: "pulumi:pulumi:Stack",
    outputs: {
      hostName: "mx1.one.example",
      furtherServers: [
        { container: "maildomain-office-mail-server-mx.two.example", hostName: "mx.two.example" },
      ],
      stages: {
        servers: [
          { hostName: "mx1.one.example", ...(formerNames && { formerNames }), keys: {} },
          { hostName: "mx.two.example", keys: {} },
        ],
        domains: [],
      },
      zones: [
        { name: "one.example", records: [{ type: "MX", ttl: 600, content: "10 mx1.one.example" }] },
        { name: "two.example", records: [{ type: "MX", ttl: 7200, content: "10 mx.two.example" }] },
        { name: "gone.example", records: [] },
      ],
    },
  },
];
const now = new Date("2026-01-01T12:00:00Z");
const stack = { project: "maildomain", stack: "office" };
const same = { hostName: "mx1.one.example", ...further("mx.two.example") };

test.each<[string, object, ReturnType<typeof reported>, string[]]>([
  ["nothing has changed", same, reported(), []],
  ["there was no `up` yet", same, [], []],
  [
    "both servers get other names: each keeps its own for the TTL of the MX that led there",
    { hostName: "mx2.one.example", ...further("mail2.two.example") },
    reported(),
    [
      "mail-server: mx1.one.example until 2026-01-01T12:10:00Z",
      "mail-server-mx.two.example: mx.two.example until 2026-01-01T14:00:00Z",
    ],
  ],
  [
    "one is kept from before",
    same,
    reported([{ name: "mx0.one.example", until: "2026-01-01T12:05:00Z" }]),
    ["mail-server: mx0.one.example until 2026-01-01T12:05:00Z"],
  ],
  ["its time has passed", same, reported([{ name: "mx0.one.example", until: "2026-01-01T11:59:59Z" }]), []],
  [
    "it is a name for clients of this server; not so one for those of another, of the web server, or of a server",
    same,
    reported(
      ["imap.one.example", "imap.two.example", "autoconfig.one.example", "mx.two.example"].map((name) => ({
        name,
        until: "2027-01-01T00:00:00Z",
      })),
    ),
    ["mail-server: imap.one.example until 2027-01-01T00:00:00Z"],
  ],
  [
    "its zone is given up; one in a zone of somebody else's is asked for",
    same,
    reported(
      ["mx.gone.example", "mx.hoster.example"].map((name) => ({ name, until: "2027-01-01T00:00:00Z" })),
    ),
    ["mail-server: mx.hoster.example until 2027-01-01T00:00:00Z"],
  ],
  ["the further server is gone", { hostName: "mx1.one.example" }, reported(), []],
  [
    "the further server has the name now",
    { hostName: "mx2.one.example", ...further("mx1.one.example") },
    reported(),
    ["mail-server-mx.two.example: mx.two.example until 2026-01-01T14:00:00Z"],
  ],
])("%s", (_, more, known, expected) => {
  const { kept } = keptNames(settingsOf({ web: { enabled: true }, ...more }), stack, known, now);
  const lines = [...kept].flatMap(([server, names]) =>
    names.map(({ name, until }) => `${server}: ${name} until ${until}`),
  );
  expect(lines).toEqual(expected);
});

test("who changes a name reads how long the one before stays", () => {
  const { notes } = keptNames(
    settingsOf({ ...same, ...further("mail2.two.example") }),
    stack,
    reported(),
    now,
  );
  expect(notes).toEqual([
    "servers[0].hostName: mx.two.example keeps its records, and is a second MX, until 2026-01-01 14:00:00 UTC, since others " +
      "may not find the new name before then; the first `up` after that removes what is no longer needed",
  ]);
});
