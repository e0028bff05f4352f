import type { Change } from "../change.ts";

const section = "Refused";

export const refusedChanges: readonly Change[] = [
  {
    id: "domain-moves",
    section,
    title: "A domain moves to another server",
    edit: { "servers[mx.two.test].domains": ["two.test", "extra.test"] },
    isFast: true,
    refusal:
      /extra\.test would move from the main server to server mx\.two\.test, and its mail would stay behind/,
    notices: "Nobody.",
    undo: "docs/mailboxes.md says how to move one with its mail.",
  },
  {
    id: "host-name-without-name",
    section,
    title: "A further server gets another host name, without a declared name",
    edit: { "servers[mx.two.test].hostName": "other.two.test" },
    isFast: true,
    refusal: /add the line `name: mx\.two\.test`/,
    notices: "Nobody.",
    undo: "Add the line that the refusal names.",
  },
  {
    id: "another-name",
    section,
    title: "A further server gets another name",
    edit: { "servers[mx.two.test].name": "partner" },
    refusal: /without the mail of "mx\.two\.test"/,
    notices: "Nobody.",
    undo: "Write the name that the refusal names.",
  },
  {
    id: "dmarc-skips",
    section,
    title: "A DMARC policy skips a step",
    edit: { "domains[two.test].dmarc.policy": "reject" },
    after: ["dmarc-none"],
    refusal: /none → reject skips quarantine/,
    notices: "Nobody.",
    undo: "Take the steps one after the other.",
  },
  {
    id: "dkim-key-at-once",
    section,
    title: "A new DKIM key is to sign at once",
    edit: { "domains[two.test].dkim": [{ selector: "new1", algorithm: "ed25519" }] },
    refusal: /new1 is new here/,
    notices: "Nobody.",
    undo: "Publish it first.",
  },
  {
    id: "port-taken",
    section,
    title: "A port that another server has",
    edit: { "servers[mx.two.test].ports.smtp": 25 },
    refusal: /25 is already used by/,
    notices: "Nobody.",
    undo: "Take another one.",
  },
  {
    id: "lab-ends",
    section,
    title: "A lab with weak passwords becomes a server in the world",
    edit: { lab: false },
    refusal: /12/,
    notices: "Nobody.",
    undo: "Longer passwords first.",
  },
];
