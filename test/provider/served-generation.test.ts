import { expect, test } from "vitest";
import { servedGeneration } from "../../provider/served-generation.ts";
import type { Values } from "../../provider/wire.ts";

const declared = "00112233445566aa";
const other = "ffeeddccbbaa9988";
const inputs: Values = { container: "mail-server", generation: declared, drift: {} };
const state: Values = { ...inputs, inForce: declared, repairs: 0 };
const patience = { settle: 20, repair: 20, between: 1 };

/** A server's answers: the generation in force (or an error), and what `changed-files` prints. */
interface Server {
  inForce: string | Error;
  changed?: string;
  /** What becomes of it when it takes the generation in its volume again. */
  retaken?: Server;
}

function engineOf(server: Server) {
  let now = server;
  const asked: string[] = [];
  const exec = async (_container: string, [program = ""]: readonly string[]) => {
    asked.push(program);
    if (program === "s6-svc") now = now.retaken ?? now;
    if (now.inForce instanceof Error) {
      if (program === "maildomain-generation" || /container/.test(now.inForce.message)) throw now.inForce;
    }
    return program === "maildomain-generation" ? `${now.inForce}\n` : (now.changed ?? "");
  };
  return { asked, resource: servedGeneration(() => ({ exec }), patience) };
}

const served: Server = { inForce: declared };
const refusal = `generation ${declared}: doveconf: Error`;

test.each<[string, Server, object | undefined]>([
  ["what is declared", served, {}],
  [
    "files edited in the server",
    { ...served, changed: "server postfix/main.cf\n" },
    { server: ["postfix/main.cf"] },
  ],
  [
    "a volume that was edited or emptied",
    { ...served, changed: "volume generation\n" },
    { volume: ["generation"] },
  ],
  [
    "another generation, complete, in its volume",
    { inForce: other, changed: "volume generation\n" },
    { inForce: other, volume: ["generation"] },
  ],
  ["one that it rejects", { inForce: new Error(refusal) }, { refused: refusal }],
  [
    "none at all",
    { inForce: new Error("no complete configuration has arrived yet"), changed: "" },
    { refused: "no complete configuration has arrived yet" },
  ],
  ["it is gone", { inForce: new Error("Error response from daemon: No such container: x") }, undefined],
])("a refresh finds %s", async (_, server, drift) => {
  const { inputs, outputs } = (await engineOf(server).resource.read?.(state)) ?? {};
  if (drift === undefined) return expect({ inputs, outputs }).toEqual({ inputs: {}, outputs: {} });
  const { inForce = declared } = drift as { inForce?: string };
  expect({ inputs, outputs }).toEqual({ inputs: { drift }, outputs: { inForce } });
  const found = { ...state, ...inputs, ...outputs };
  expect(servedGeneration().diff(found, { ...state, drift: {} }).changes).toBe(Object.keys(drift).length > 0);
});

test("a new generation asks the server nothing, in a preview or an update", async () => {
  const { asked, resource } = engineOf(served);
  const news = { ...inputs, generation: other };
  expect(resource.previewCreate?.(inputs)).toEqual({ inForce: declared, repairs: 0 });
  expect(resource.diff(state, news)).toEqual({ changes: true, replaces: [] });
  expect(resource.preview(state, news)).toEqual({ inForce: other, repairs: 0 });
  expect(await resource.update(state, news)).toEqual({ inForce: other, repairs: 0 });
  expect(resource.diff(state, inputs)).toEqual({ changes: false, replaces: [] });
  expect(asked).toEqual([]);
});

test("files in the server are restored from its volume, and waited for", async () => {
  const { resource } = engineOf({ ...served, changed: "server postfix/main.cf\n", retaken: served });
  const olds = { ...state, drift: { server: ["postfix/main.cf"] } };
  expect(await resource.update(olds, inputs)).toEqual({ inForce: declared, repairs: 0 });
});

test("a damaged volume counts one repair more, by which its content is carried again; nothing waits for that", async () => {
  const { resource } = engineOf({ ...served, changed: "volume generation\n" });
  const olds = { ...state, drift: { volume: ["generation"] }, repairs: 1 };
  expect(resource.preview(olds, inputs)).toEqual({ inForce: declared, repairs: 2 });
  expect(await resource.update(olds, inputs)).toEqual({ inForce: declared, repairs: 2 });
});

test("what is rejected again fails, with the server's reason, unless another generation comes", async () => {
  const { resource } = engineOf({ inForce: new Error(refusal) });
  const olds = { ...state, drift: { refused: refusal } };
  await expect(resource.update(olds, inputs)).rejects.toThrow(
    `mail-server does not serve generation ${declared}: generation ${declared}: doveconf: Error`,
  );
  await resource.update(olds, { ...inputs, generation: other });
});

test("a container that is gone is made again by others", async () => {
  const { resource } = engineOf({ inForce: new Error("No such container: mail-server") });
  await resource.update({ ...state, drift: { server: ["postfix/main.cf"] } }, inputs);
});

test("inputs are checked", () => {
  const { check } = servedGeneration();
  const reasons = (news: Values) => check({}, news, new Date()).failures.map(({ reason }) => reason);
  expect(reasons(inputs)).toEqual([]);
  expect(reasons({ ...inputs, generation: "latest" })).toEqual([
    "must be the 16 hexadecimal digits of a generation",
  ]);
});
