import { expect, test } from "vitest";
import { knownIds, outputsInState } from "../../commands/exported-state.ts";
import { type FoundObject, isNameOf, straysAmong } from "../../commands/strays.ts";

const exported = JSON.stringify({
  version: 3,
  deployment: {
    resources: [
      {
        urn: "urn:pulumi:lab::maildomain::pulumi:pulumi:Stack::maildomain-lab",
        type: "pulumi:pulumi:Stack",
        outputs: { hostName: "mail.vaamonde.pti" },
      },
      { urn: "urn:pulumi:lab::maildomain::docker:index/network:Network::network", id: "aaa" },
      { urn: "urn:pulumi:lab::maildomain::docker:index/container:Container::mail-server", id: "bbb" },
    ],
  },
});

test("knownIds reads the state's ids, of which a new state has none", () => {
  expect(knownIds(exported)).toEqual(new Set(["aaa", "bbb"]));
  expect(knownIds('{"version":3,"deployment":{"resources":null}}')).toEqual(new Set());
  expect(knownIds('{"version":3}')).toEqual(new Set());
});

test("outputsInState reads the stack's own outputs, of which a new state has none", () => {
  expect(outputsInState(exported)).toEqual({ hostName: "mail.vaamonde.pti" });
  expect(outputsInState('{"version":3}')).toEqual({});
});

test("straysAmong keeps what the state does not know, also under a name that it knows", () => {
  const network: FoundObject = {
    kind: "network",
    id: "aaa",
    name: "maildomain-lab-network",
    used: true,
    own: false,
  };
  const again: FoundObject = {
    kind: "container",
    id: "ccc",
    name: "maildomain-lab-mail-server",
    used: false,
    own: false,
  };
  expect(straysAmong([network, again], knownIds(exported))).toEqual([again]);
});

test.each<[string, FoundObject["kind"], string, boolean]>([
  ["lab", "container", "maildomain-lab-mail-server", true],
  ["lab", "container", "maildomain-lab-dns-server-configuration", true],
  ["lab", "container", "maildomain-lab-web-server", true],
  ["lab", "container", "maildomain-lab-dns-server-inside-configuration", true],
  ["lab", "container", "maildomain-lab-webmail-configuration", true],
  ["lab", "network", "maildomain-lab-network", true],
  ["lab", "network", "maildomain-lab-network-fixed", true],
  ["lab", "container", "maildomain-lab-mail-server-mail.parceiro.pti", true],
  ["lab", "container", "maildomain-lab-mail-server-mail.parceiro.pti-configuration", true],
  ["lab", "container", "maildomain-lab-2-mail-server", false],
  ["lab", "container", "maildomain-lab-2-mail-server-mail.parceiro.pti", false],
  ["lab", "container", "maildomain-lab-mail-server-2-webmail", false],
  ["lab", "container", "maildomain-lab-network", false],
  ["lab", "network", "maildomain-lab-mail-server", false],
  ["lab", "container", "other-maildomain-lab-mail-server", false],
])("of stack %s, a %s named %s: %s", (stack, kind, name, expected) => {
  expect(isNameOf(stack, kind, name)).toBe(expected);
});
