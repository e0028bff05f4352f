import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentSettings, domain } from "../kit/document-lab.ts";
import { Lab } from "../kit/lab.ts";
import { OwnMachine } from "../kit/programs/own-machine.ts";
import { programImage } from "../kit/programs/program-container.ts";

const page = `https://mail.${domain}/en`;

describe("a machine that `names` and `trust` alone have prepared", () => {
  let lab: Lab;
  let machine: OwnMachine;

  beforeAll(async () => {
    lab = await Lab.create(documentSettings());
    const packages = ["ca-certificates", "chromium", "curl", "libnss3-tools"];
    const [image] = await Promise.all([programImage(packages), lab.up()]);
    await lab.settled();
    machine = await OwnMachine.create(lab, image);
  });

  afterAll(async () => {
    await machine?.remove();
    await lab.takeDown();
  });

  const curl = () => machine.container.run(`curl --silent --show-error ${page} 2>&1 || true`, "person");
  /** What Chromium shows, and why it shows nothing. */
  const chromium = () =>
    machine.container.run(
      `HOME=/home/person timeout 120 chromium --headless --no-sandbox --disable-gpu --dump-dom ${page} 2>&1`,
      "person",
    );

  test("nothing is known before", async () => {
    expect(await curl()).toContain("Could not resolve host");
    expect(await machine.command("names")).toMatch(/does not resolve on this machine[\s\S]*exit status 1/);
    expect(await machine.command("trust")).toMatch(
      /Not yet in:\n +\/usr\/local\/share\/ca-certificates\n +\/home\/person\/\.pki\/nssdb\n[\s\S]*exit status 1/,
    );
  });

  test("with the names there is a warning, with the authority none", async () => {
    const hosts = await machine.container.run("cat /etc/hosts");
    expect(await machine.command("names", "--apply", "--yes")).toContain(
      "The stack's names resolve on this machine, by /etc/hosts",
    );
    expect(await curl()).toContain("unable to get local issuer certificate");
    expect(await chromium()).toContain("ERR_CERT_AUTHORITY_INVALID");

    expect(await machine.command("trust", "--apply", "--yes")).toContain("This machine trusts");
    expect(await curl()).toContain("Set up your e-mail");
    expect(await chromium()).toContain("Set up your e-mail");
    expect(await machine.command("trust")).not.toContain("exit status");

    await machine.command("trust", "--remove");
    expect(await curl()).toContain("unable to get local issuer certificate");
    expect(await chromium()).toContain("ERR_CERT_AUTHORITY_INVALID");
    await machine.command("names", "--remove");
    expect(await machine.container.run("cat /etc/hosts")).toBe(hosts);
    expect(await curl()).toContain("Could not resolve host");
  });
});
