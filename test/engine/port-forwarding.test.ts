import { afterEach, expect, test } from "vitest";
import { DockerEngine } from "../../engine/docker-engine.ts";
import { canIPv6, engineKind, hidingOf, hidingRemedy } from "../../engine/port-forwarding.ts";
import { isOfEngine } from "../../verify/checks/client-addresses.ts";
import { FakeDocker } from "./fake-docker.ts";

let docker: FakeDocker | undefined;
afterEach(async () => {
  await docker?.remove();
  docker = undefined;
});

interface Answers {
  readonly version: string;
  readonly components?: readonly string[];
  readonly security?: readonly string[];
  readonly experimental?: boolean;
  /** Of the default network; `none` where it does not exist. */
  readonly ipv6?: "true" | "false" | "none";
}

/** As `docker version`, `docker info` and `docker network inspect` of these engines answer. */
async function kindOf({
  version,
  components = ["Engine", "containerd"],
  security,
  experimental,
  ipv6,
}: Answers) {
  const server = { Version: version, Components: components.map((Name) => ({ Name })) };
  const info = { ExperimentalBuild: experimental ?? false, SecurityOptions: security ?? ["name=seccomp"] };
  docker = await FakeDocker.install(`case "$*" in
    *version*) echo '${JSON.stringify(server)}' ;;
    *info*) echo '${JSON.stringify(info)}' ;;
    *network*) ${ipv6 === "none" ? "echo no such network >&2; exit 1" : `echo ${ipv6 ?? "false"}`} ;;
  esac`);
  return await engineKind(new DockerEngine("unix:///nonexistent/docker.sock"));
}

test.each<[string, Answers, boolean, RegExp]>([
  [
    "Debian 12's",
    { version: "20.10.24+dfsg1" },
    false,
    /^Docker Engine 20\.10.*"ip6tables": true, "experimental": true/,
  ],
  [
    "the same with ip6tables",
    { version: "20.10.24+dfsg1", experimental: true, ipv6: "true" },
    true,
    /userland proxy.*"ip6tables": false/,
  ],
  ["experimental alone", { version: "26.1.5", experimental: true }, false, /"ip6tables": true/],
  ["from 27 on", { version: "27.0.3" }, true, /userland proxy.*`address: "::"` in the stack file/],
  [
    "without root",
    { version: "28.1.0", security: ["name=seccomp,profile=builtin", "name=rootless"] },
    false,
    /PORT_DRIVER=slirp4netns/,
  ],
  [
    "Podman",
    { version: "5.4.2", components: ["Podman Engine", "Conmon"], ipv6: "none" },
    false,
    /^Podman's port forwarder/,
  ],
])(
  "%s: whether clients are seen by IPv6, and what to do where they are not",
  async (_, answers, can, remedy) => {
    const kind = await kindOf(answers);
    expect(canIPv6(kind)).toBe(can);
    expect(hidingRemedy(kind, true)).toMatch(remedy);
    // By IPv4 the usual engine hides nobody.
    expect(hidingOf(kind) !== undefined).toBe(/PORT_DRIVER|Podman/.test(remedy.source));
    if (hidingOf(kind) === undefined)
      expect(hidingRemedy(kind, false)).toMatch(/userland proxy.*"iptables": false/);
  },
);

test("whose address is the engine's own", () => {
  const place = {
    Gateway: "198.19.4.33",
    IPAddress: "198.19.4.35",
    IPPrefixLen: 27,
    IPv6Gateway: "",
    GlobalIPv6Address: "fd12:3456:789a::3",
    GlobalIPv6PrefixLen: 64,
  };
  const own = ["198.19.4.33", "198.19.4.56", "fd12:3456:789a::1", "127.0.0.1", "::1", "10.0.2.2"];
  const others = ["198.19.4.65", "192.0.2.7", "10.0.3.2", "fd12:3456:789b::1", "2001:db8::7"];
  expect([...own, ...others].filter((address) => isOfEngine(address, [place]))).toEqual(own);
});
