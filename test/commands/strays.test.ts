import { expect, test } from "vitest";
import { knownIds, outputsInState, pendingContainers } from "../../commands/exported-state.ts";
import { type FoundObject, findOwnStrays, findStrays, isNameOf, straysAmong } from "../../commands/strays.ts";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { FakeDocker } from "../engine/fake-docker.ts";

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

/** A state whose last update was cut off while it created the main mail server. */
const cutOff = JSON.stringify({
  version: 3,
  deployment: {
    resources: [
      {
        urn: "urn:pulumi:lab::maildomain::docker:index/volume:Volume::identity-volume",
        type: "docker:index/volume:Volume",
        outputs: { labels: [{ label: "maildomain.identity", value: "ours" }] },
      },
    ],
    pending_operations: [
      {
        type: "creating",
        resource: {
          urn: "urn:pulumi:lab::maildomain::docker:index/container:Container::mail-server-container",
          type: "docker:index/container:Container",
          inputs: { name: "maildomain-lab-mail-server" },
        },
      },
      { type: "deleting", resource: { type: "docker:index/container:Container", inputs: { name: "other" } } },
    ],
  },
});

test.each([
  ["what the state says was begun", "a maildomain-lab-mail-server running", "", undefined],
  [
    "what carries the stack's identity",
    "b maildomain-lab-mail-server-mx.two.test running",
    "b maildomain-lab-mail-server-mx.two.test ours",
    undefined,
  ],
  [
    "what carries another one's",
    "c maildomain-lab-webmail running",
    "c maildomain-lab-webmail theirs",
    /another checkout made it/,
  ],
  ["what carries none", "d maildomain-lab-webmail exited", "", /another checkout made it/],
])("a container that runs, and that the state does not know: %s", async (_, containers, marked, refusal) => {
  expect([...pendingContainers(cutOff)]).toEqual(["maildomain-lab-mail-server"]);
  const docker = await FakeDocker.install(`case "$*" in
    *"container ls"*--filter*) echo '${marked}' ;;
    *"container ls"*) echo '${containers}' ;;
  esac`);
  try {
    const engine = new DockerEngine("unix:///nonexistent/docker.sock");
    const [, name] = containers.split(" ");
    const own = (await findOwnStrays(engine, "lab", cutOff)).map((stray) => stray.name);
    expect(own).toEqual(refusal === undefined ? [name] : []);
    const found = findStrays(engine, "lab", cutOff);
    if (refusal === undefined) expect((await found).map((stray) => stray.name)).toEqual([name]);
    else await expect(found).rejects.toThrow(refusal);
  } finally {
    await docker.remove();
  }
});
