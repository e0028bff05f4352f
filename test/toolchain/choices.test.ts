import { describe, expect, test } from "vitest";
import { chooseWay } from "../../toolchain/docker-engine.ts";
import { askSite } from "../../toolchain/download.ts";
import { saysUnreachable } from "../../toolchain/reachability.ts";

describe("an engine that does not answer", () => {
  const bare = { engineChosen: false, dockerd: false, root: true, apt: true };
  test.each([
    ["bare Debian, root", bare, "install"],
    ["engine installed, root", { ...bare, dockerd: true }, "start"],
    ["engine installed, root, no apt", { ...bare, dockerd: true, apt: false }, "start"],
    ["engine installed, ordinary user", { ...bare, dockerd: true, root: false, apt: false }, "none"],
    ["ordinary user", { ...bare, root: false, apt: false }, "none"],
    ["not Debian", { ...bare, apt: false }, "none"],
    ["DOCKER_HOST names another engine", { ...bare, engineChosen: true }, "none"],
    [
      "DOCKER_HOST names another engine, one is installed",
      { ...bare, dockerd: true, engineChosen: true },
      "none",
    ],
  ] as const)("%s", (_, machine, way) => {
    expect(chooseWay(machine)).toBe(way);
  });
});

describe("what a network says", () => {
  test.each([
    "getaddrinfo ENOTFOUND get.pulumi.com",
    "getaddrinfo EAI_AGAIN get.pulumi.com",
    "curl: (6) Could not resolve host: get.pulumi.com",
    "dial tcp: lookup registry-1.docker.io on 192.0.2.53:53: no such host",
    "connect ECONNREFUSED 192.0.2.1:443",
    "dial tcp 192.0.2.1:443: connect: network is unreachable",
    "dial tcp 192.0.2.1:443: connect: connection timed out",
    "x509: certificate signed by unknown authority",
    "curl: (22) The requested URL returned error: 403",
    "curl: (56) CONNECT tunnel failed, response 403",
    "toomanyrequests: You have reached your pull rate limit.",
  ])("unreachable: %s", (text) => {
    expect(saysUnreachable(text)).toBe(true);
  });

  test.each([
    "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
    "context deadline exceeded",
    "curl: (28) Operation timed out after 300000 milliseconds with 1234 out of 99999 bytes received",
    "unexpected EOF",
    "read ECONNRESET",
    "The requested URL returned error: 503",
  ])("only slow or shaky: %s", (text) => {
    expect(saysUnreachable(text)).toBe(false);
  });
});

describe("asking a site", () => {
  test("a name that does not exist", async () => {
    // RFC 6761: .invalid never resolves.
    expect(await askSite(new URL("https://site.invalid/"))).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  test("a port where nobody listens", async () => {
    expect(await askSite(new URL("https://127.0.0.1:1/"))).toBe("ECONNREFUSED");
  });
});
