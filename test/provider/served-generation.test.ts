import { gunzipSync, gzipSync } from "node:zlib";
import { parseTar } from "nanotar";
import { expect, test } from "vitest";
import { EngineError } from "../../engine/errors.ts";
import { type AskedEngine, servedGeneration } from "../../provider/served-generation.ts";
import { decode, unknown, type Values, type WireValues } from "../../provider/wire.ts";
import { renderGeneration } from "../../servers/generation/generation.ts";
import { generationId } from "../../servers/generation/generation-id.ts";

const generationOf = (text: string) => renderGeneration([{ path: "listening", content: text }]);
const content = generationOf("tcp 25\n").toString("base64");
const otherContent = generationOf("tcp 26\n").toString("base64");
const [declared = "", other = ""] = [content, otherContent].map((each) =>
  generationId(Buffer.from(each, "base64")),
);
/** What the state has of the inputs. */
const kept: Values = {
  volume: "mail-server-configuration",
  image: "sha256:1",
  container: "mail-server",
  drift: {},
};
const given: Values = { ...kept, content };
const inputs: Values = { ...kept, generation: declared };
const news: Values = { ...kept, generation: other };
const state: Values = { ...inputs, inForce: declared };
const patience = { settle: 20, repair: 20, between: 1 };

/** A server's answers: the generation in force (or an error), and what `changed-files` prints. */
interface Server {
  inForce: string | Error;
  changed?: string;
  /** What becomes of it when it takes the generation in its volume again. */
  retaken?: Server;
}

function engineOf(server: Server, volumes: readonly string[] = ["mail-server-configuration"]) {
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
  const engine: AskedEngine = {
    exec,
    async unpackIntoVolume({ volume, image, folder }, archive) {
      const files = parseTar(Uint8Array.from(archive)).map(({ name, text, attrs }) => {
        return `${folder}/${name} ${attrs?.mode} ${attrs?.uid}:${attrs?.gid} ${text.slice(0, 16)}`;
      });
      asked.push(`unpack into ${volume} by ${image}: ${files.join(", ")}`);
    },
    volumes: async () => volumes.map((name) => ({ kind: "volume", id: name, name })),
  };
  return { asked, engine, resource: withBothChecked(engine) };
}

/** As the engine does before it has anything carried. */
function withBothChecked(engine: AskedEngine) {
  const resource = servedGeneration(() => engine, patience);
  for (const each of [content, otherContent]) resource.check({}, { ...kept, content: each }, new Date());
  return resource;
}

/** What is asked of the engine for a generation. */
const carried = (id: string) =>
  `unpack into mail-server-configuration by sha256:1: /configuration/generation 0000644 0:0 ${id}`;

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
  const read = await engineOf(server).resource.read?.(state);
  if (drift === undefined) return expect(read).toEqual({ inputs: {}, outputs: {} });
  const { inForce = declared } = drift as { inForce?: string };
  expect(read).toEqual({ inputs: { drift }, outputs: { inForce } });
  const found = { ...state, ...read?.inputs, ...read?.outputs } as Values;
  expect(servedGeneration().diff(found, inputs).changes).toBe(Object.keys(drift).length > 0);
});

test("a volume that is lost with its container", async () => {
  const { resource } = engineOf({ inForce: new Error("No such container: x") }, ["another"]);
  expect((await resource.read?.(state))?.inputs).toEqual({ drift: { volume: ["generation"] } });
});

test("the first generation, and another one, are brought into the volume, and the server is asked nothing", async () => {
  const { asked, resource } = engineOf(served);
  expect(resource.previewCreate?.(inputs)).toEqual({ inForce: declared });
  expect(await resource.create(inputs)).toEqual({
    id: "mail-server-configuration",
    outputs: { inForce: declared },
  });
  expect(resource.diff(state, news)).toEqual({ changes: true, replaces: [] });
  expect(resource.preview(state, news)).toEqual({ inForce: other });
  expect(await resource.update(state, news)).toEqual({ inForce: other });
  expect(asked).toEqual([carried(declared), carried(other)]);
});

test.each<[string, Values, boolean, readonly string[]]>([
  ["nothing", {}, false, []],
  ["the image alone, which is there for the next change", { image: "sha256:2" }, false, []],
  ["the server's name", { container: "mail" }, true, []],
  ["the volume", { volume: "mail-server-configuration" }, true, [carried(declared)]],
  ["the engine", { dockerHost: "ssh://root@mail.example.org" }, true, [carried(declared)]],
  ["the engine's identity", { engineIdentity: "1b4e28ba" }, true, [carried(declared)]],
])("what a change has carried again: %s", async (_, change, changes, expected) => {
  const { asked, resource } = engineOf(served);
  const olds = "volume" in change ? { ...state, volume: "former" } : state;
  expect(resource.diff(olds, { ...inputs, ...change })).toEqual({ changes, replaces: [] });
  await resource.update(olds, { ...inputs, ...change });
  expect(asked).toEqual(expected);
});

test("an engine that does not have the server's image is another one", async () => {
  const refuse = async () => {
    throw new EngineError("Error response from daemon: No such image: sha256:1");
  };
  const engine = { ...engineOf(served).engine, unpackIntoVolume: refuse };
  await expect(withBothChecked(engine).create(inputs)).rejects.toThrow(
    "No such image: sha256:1: dockerHost has to name the engine that has it",
  );
});

test("a state of an earlier version, whose generation a container carried: the volume is given it again", async () => {
  const { asked, resource } = engineOf(served);
  const former = { container: "mail-server", generation: declared, drift: {}, inForce: declared, repairs: 1 };
  expect(resource.diff(former, inputs).changes).toBe(true);
  expect(await resource.update(former, inputs)).toEqual({ inForce: declared });
  expect(asked).toEqual([carried(declared)]);
});

test("files in the server are restored from its volume, and waited for", async () => {
  const { asked, resource } = engineOf({ ...served, changed: "server postfix/main.cf\n", retaken: served });
  const olds = { ...state, drift: { server: ["postfix/main.cf"] } };
  expect(await resource.update(olds, inputs)).toEqual({ inForce: declared });
  expect(asked).not.toContain(carried(declared));
});

test("a damaged volume is given its content again, which the server then takes", async () => {
  const { asked, resource } = engineOf({ ...served, changed: "volume generation\n", retaken: served });
  expect(await resource.update({ ...state, drift: { volume: ["generation"] } }, inputs)).toEqual({
    inForce: declared,
  });
  expect(asked.slice(0, 2)).toEqual([carried(declared), "s6-svc"]);
});

test("what is rejected again fails, with the server's reason, unless another generation comes", async () => {
  const { resource } = engineOf({ inForce: new Error(refusal) });
  const olds = { ...state, drift: { refused: refusal } };
  await expect(resource.update(olds, inputs)).rejects.toThrow(
    `mail-server does not serve generation ${declared}: generation ${declared}: doveconf: Error`,
  );
  await resource.update(olds, news);
});

test("a container that is gone is made again by others", async () => {
  const { resource } = engineOf({ inForce: new Error("No such container: mail-server") });
  await resource.update({ ...state, drift: { server: ["postfix/main.cf"] } }, inputs);
});

test("inputs are checked, and the generation is named by what it holds", () => {
  const { check } = servedGeneration();
  const checked = (inputs: Values) => check({}, inputs, new Date());
  const dropped = ["content"];
  expect(checked(given)).toEqual({ filled: { generation: declared }, dropped, failures: [] });
  expect(checked({ ...given, plain: otherContent })).toMatchObject({ dropped, failures: [] });
  const reason = "must be a generation as base64, as renderGeneration() makes one";
  expect(checked({ ...given, content: "bGF0ZXN0", plain: "bGF0ZXN0" }).failures).toEqual([
    { property: "content", reason },
    { property: "plain", reason },
  ]);
  const later = checked({ ...given, content: unknown });
  expect(later.failures).toEqual([]);
  const unknownYet = decode({ ...inputs, ...later.filled } as WireValues);
  expect(servedGeneration().diff(state, unknownYet).changes).toBe(true);
});

test("another machine may compress it to other bytes: it is the same generation, and no difference", () => {
  const generation = Buffer.from(content, "base64");
  const start = generation.indexOf("\n") + 1;
  const stored = gzipSync(gunzipSync(generation.subarray(start)), { level: 0 });
  const bytes = Buffer.concat([generation.subarray(0, start), stored]);
  expect(bytes.equals(generation)).toBe(false);
  const resource = servedGeneration();
  const news = { ...kept, content: bytes.toString("base64") };
  const { filled } = resource.check(inputs, news, new Date());
  expect(filled).toEqual({ generation: declared });
  expect(resource.diff(state, { ...kept, ...decode(filled) }).changes).toBe(false);
});

test("a generation is carried by the process that has checked it: no state has the secrets a second time", async () => {
  const { asked, engine } = engineOf(served);
  await expect(servedGeneration(() => engine).create(inputs)).rejects.toThrow(
    `the content of generation ${declared} is not at hand: nothing has been declared`,
  );
  expect(asked).toEqual([]);
});
