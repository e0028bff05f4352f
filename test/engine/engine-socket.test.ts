import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { OtherEngineError } from "../../engine/errors.ts";
import { FakeDocker } from "./fake-docker.ts";

const host = "ssh://root@mail.example.org";
const folder = mkdtempSync(join(tmpdir(), "maildomain-test-"));
const socket = join(folder, "docker.sock");
/** What the engine answers, by the path without its query; another one is not there. */
let answers: Readonly<Record<string, unknown>> = {};
const asked: string[] = [];
/** How an engine says that it has done what it was asked for. */
const done: Readonly<Record<string, number>> = { POST: 201, DELETE: 204 };
const server = createServer(async (request, response) => {
  const { method = "", url = "" } = request;
  const sent = Buffer.concat(await request.toArray()).toString();
  asked.push(
    [...(method === "GET" ? [] : [method]), decodeURIComponent(url), ...(sent ? [sent] : [])].join(" "),
  );
  const answer = answers[url.split("?")[0] ?? ""];
  response.writeHead(answer === undefined ? 404 : (done[method] ?? 200)).end(JSON.stringify(answer));
});
let docker: FakeDocker;

beforeAll(async () => {
  docker = await FakeDocker.install();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
beforeEach(() => asked.splice(0));
afterAll(async () => {
  server.close();
  await docker.remove();
  rmSync(folder, { recursive: true });
});

const engine = new DockerEngine(`unix://${socket}`);

test("an engine on this machine is asked by its socket, without a start of docker", async () => {
  await docker.does("exit 1");
  const state = { Name: "/shop", State: { Status: "running" } };
  answers = {
    "/version": { Version: "28.2.2" },
    "/volumes": { Volumes: [{ Name: "mail", Labels: { id: "5f0c" } }] },
    "/containers/json": [{ Id: "aaa", Names: ["/shop"], Labels: { id: "5f0c" } }],
    "/containers/aaa/json": state,
  };
  expect(await engine.version()).toBe("28.2.2");
  expect(await engine.marked("id")).toEqual([
    { kind: "volume", id: "mail", name: "mail", value: "5f0c" },
    { kind: "container", id: "aaa", name: "shop", value: "5f0c" },
  ]);
  expect(asked).toContain('/containers/json?all=1&filters={"label":["id"]}');
  expect(await engine.running()).toEqual([state]);
  answers = { "/containers/shop/json": state, "/info": { SystemTime: new Date().toISOString() } };
  expect(await engine.inspect("shop")).toEqual(state);
  expect((await engine.clockOffset()).seconds).toBeLessThan(60);
  answers = {
    "/version": { Version: "28.2.2", Components: [{ Name: "Engine" }, { Name: "containerd" }] },
    "/info": { ExperimentalBuild: true, SecurityOptions: null },
    "/networks": [{ Id: "nnn", Name: "shop-network" }],
    "/networks/bridge": { Id: "bbb", Name: "bridge", EnableIPv6: true },
    "/networks/nnn": { Id: "nnn", Name: "shop-network", Containers: { aaa: {} } },
    "/networks/mmm": { Id: "mmm", Name: "unused", Containers: {} },
    "/containers/json": [{ Id: "aaa", Names: ["/till/cashier", "/shop"], Labels: null, State: "exited" }],
  };
  expect(await engine.facts()).toEqual({
    version: "28.2.2",
    components: ["Engine", "containerd"],
    securityOptions: [],
    isExperimental: true,
    hasIPv6: true,
  });
  expect(await engine.networks()).toEqual([{ kind: "network", id: "nnn", name: "shop-network" }]);
  expect([await engine.networkIsUsed("nnn"), await engine.networkIsUsed("mmm")]).toEqual([true, false]);
  expect(await engine.containers()).toEqual([
    { kind: "container", id: "aaa", name: "shop", state: "exited" },
  ]);
  answers = { "/volumes": { Volumes: null }, "/containers/json": [] };
  expect(await engine.marked("id")).toEqual([]);
  expect(await docker.calls()).toEqual([]);
});

test("what the socket does not answer is asked by docker, and first of all whether it is the engine that is meant", async () => {
  await docker.does(`case "$*" in *version*) echo 20.10.24 ;; *"--filter"*) echo mail ;; esac`);
  answers = { "/containers/json": [{ Id: "gone", Names: ["/gone"], Labels: null }] };
  expect(await engine.version()).toBe("20.10.24");
  expect(await engine.running()).toEqual([]);
  const calls = (await docker.calls()).length;
  answers = { "/version": { Version: "28.2.2" } };
  const marked = new DockerEngine(`unix://${socket}`, { label: "id", value: "5f0c" });
  expect(await marked.version()).toBe("28.2.2");
  expect((await docker.calls()).length).toBe(calls + 1);
  answers = { "/volumes": { Volumes: [{ Name: "mail", Labels: { id: "5f0c" } }] } };
  await new DockerEngine(`unix://${socket}`, { label: "id", value: "5f0c" }).networks();
  expect((await docker.calls()).filter((call) => call.includes("--filter"))).toHaveLength(1);
  await docker.does("exit 0");
  const other = new DockerEngine(`unix://${socket}`, { label: "id", value: "ffff" });
  await expect(other.version()).rejects.toThrow(OtherEngineError);
});

describe("an archive that is unpacked into a volume", () => {
  const place = { volume: "mail", folder: "/configuration", image: "sha256:1", container: "mail" };
  const archive = Buffer.from("a tar");
  const mark = { label: "id", value: "5f0c" };
  const volumes = { Volumes: [{ Name: "identity", Labels: { id: "5f0c" } }] };
  const words = "--network none --label id=5f0c --volume mail:/configuration sha256:1";

  test("by the socket: the container is made, never started, and removed", async () => {
    await docker.does("exit 1");
    answers = {
      "/volumes": volumes,
      "/containers/create": { Id: "ccc" },
      "/containers/ccc/archive": {},
      "/containers/ccc": {},
    };
    await new DockerEngine(`unix://${socket}`, mark).unpackIntoVolume(place, archive);
    expect(asked.slice(1)).toEqual([
      'POST /containers/create?name=mail {"Image":"sha256:1","Labels":{"id":"5f0c"},"HostConfig":{"Binds":["mail:/configuration"],"NetworkMode":"none"}}',
      "PUT /containers/ccc/archive?path=/configuration a tar",
      "DELETE /containers/ccc?v=true",
    ]);
    expect(await docker.calls()).toEqual([]);
  });

  test("by docker, where the engine is elsewhere; what an attempt before has left is removed first", async () => {
    await docker.does(`case "$*" in
      *"volume ls"*) echo identity ;;
      *" create "*) [ -e '${folder}/rest' ] || { echo 'The container name "/mail" is already in use' >&2; exit 1; }; echo ccc ;;
      *" rm --volumes mail"*) touch '${folder}/rest' ;;
      *" cp "*) cat >'${folder}/unpacked' ;;
    esac`);
    await new DockerEngine(host, mark).unpackIntoVolume(place, archive);
    const calls = (await docker.calls()).slice(2).map((call) => call.replace(`--host ${host} `, ""));
    const create = `create --name mail --pull never ${words}`;
    expect(calls).toEqual([
      create,
      "rm --volumes mail",
      create,
      "cp - ccc:/configuration",
      "rm --volumes ccc",
    ]);
    expect(readFileSync(join(folder, "unpacked"), "utf8")).toBe("a tar");
  });

  test("one that cannot be unpacked leaves no container", async () => {
    await docker.does(
      `case "$*" in *" create "*) echo ccc ;; *" cp "*) echo no space left >&2; exit 1 ;; esac`,
    );
    const engine = new DockerEngine(host);
    await expect(engine.unpackIntoVolume(place, archive)).rejects.toThrow("no space left");
    expect((await docker.calls()).at(-1)).toBe(`--host ${host} rm --volumes ccc`);
  });
});
