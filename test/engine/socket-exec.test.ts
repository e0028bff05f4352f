import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { EngineError, EngineUnreachableError } from "../../engine/errors.ts";
import { execBySocket } from "../../engine/socket-exec.ts";
import { FakeDocker } from "./fake-docker.ts";

const folder = mkdtempSync(join(tmpdir(), "maildomain-test-"));
const socket = join(folder, "docker.sock");
const engine = new DockerEngine(`unix://${socket}`);

/** What the engine does when it starts the program. */
let start: (response: ServerResponse) => void;
/** What it says of the program, one time after another; the last one stays. */
let states: { readonly Running: boolean; readonly ExitCode: number | null }[];
let isContainerThere: boolean;
let asked: { readonly question: string; readonly body: unknown }[];
let docker: FakeDocker;

const server = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8").on("data", (part: string) => (text += part));
  request.on("end", () => {
    const question = `${request.method} ${request.url}`;
    asked.push({ question, body: text === "" ? undefined : JSON.parse(text) });
    if (question === "POST /containers/shop/exec") {
      response.writeHead(isContainerThere ? 201 : 404).end(JSON.stringify({ Id: "abc", message: "no" }));
    } else if (question === "POST /exec/abc/start") start(response);
    else if (question === "GET /exec/abc/json") {
      response.end(JSON.stringify(states.length > 1 ? states.shift() : states[0]));
    } else response.writeHead(404).end();
  });
});

beforeAll(async () => {
  docker = await FakeDocker.install();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
beforeEach(async () => {
  asked = [];
  isContainerThere = true;
  states = [{ Running: false, ExitCode: 0 }];
  await docker.does("echo by docker");
});
afterAll(async () => {
  server.close();
  await docker.remove();
  rmSync(folder, { recursive: true });
});

function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}
const prints =
  (...frames: Buffer[]) =>
  (response: ServerResponse) => {
    const whole = Buffer.concat(frames);
    // Neither a frame nor a letter need be in one piece.
    response.write(whole.subarray(0, 11));
    setImmediate(() => response.end(whole.subarray(11)));
  };

test("a program's standard output, without a start of docker", async () => {
  start = prints(frame(1, "São "), frame(2, "noise\n"), frame(1, "Paulo\n"));
  states = [
    { Running: true, ExitCode: null },
    { Running: false, ExitCode: 0 },
  ];
  expect(await engine.exec("shop", ["date", "+%s"])).toBe("São Paulo\n");
  expect(asked[0]?.body).toEqual({ Cmd: ["date", "+%s"], AttachStdout: true, AttachStderr: true });
  expect(await docker.calls()).toEqual([]);
});

test.each([
  ["what it prints", [frame(1, "it is broken\n"), frame(2, "noise\n")], "it is broken"],
  ["what it prints as an error", [frame(2, "it is broken\n")], "it is broken"],
  ["its exit status where it prints nothing", [], "date fails in shop: exit status 3"],
])("a program that fails: the error is %s", async (_, frames, message) => {
  start = prints(...frames);
  states = [{ Running: false, ExitCode: 3 }];
  await expect(engine.exec("shop", ["date"])).rejects.toThrow(new EngineError(message));
  expect(await docker.calls()).toEqual([]);
});

test("what was not started is left to docker, which explains it", async () => {
  isContainerThere = false;
  expect(await engine.exec("shop", ["date"])).toBe("by docker\n");
  isContainerThere = true;
  start = (response) => response.writeHead(409).end();
  expect(await engine.exec("shop", ["date"])).toBe("by docker\n");
  expect(await docker.calls()).toEqual([1, 2].map(() => `--host unix://${socket} exec shop date`));
});

test.each<[string, (response: ServerResponse) => void]>([
  ["before it says anything", (response) => response.destroy()],
  [
    "in the middle",
    (response) => {
      response.write(frame(1, "half"));
      setImmediate(() => response.destroy());
    },
  ],
])("an engine that goes away %s is out of reach, and the program is not started twice", async (_, goes) => {
  start = goes;
  const gone = new DockerEngine(`unix://${socket}`);
  await expect(gone.exec("shop", ["date"])).rejects.toThrow(EngineUnreachableError);
  await expect(gone.exec("shop", ["date"])).rejects.toThrow(EngineUnreachableError);
  expect(asked.filter(({ question }) => question.endsWith("/start"))).toHaveLength(1);
  expect(await docker.calls()).toEqual([]);
});

test("a program that does not end in time is one whose time was over", async () => {
  start = (response) => void response.write(frame(1, "waits"));
  await expect(execBySocket(socket, "shop", ["cat"], 200)).rejects.toMatchObject({ killed: true });
});
