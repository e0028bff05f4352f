/** What the program reports about a stack is what the others read of it. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { parseIssuer, parseStages } from "../../commands/stages.ts";
import { textOfList, textOfMap } from "../../naming/large-map.ts";
import { containersOf, OutputsError, parseRunningStack } from "../../outputs/running-stack.ts";
import { outputsSchema } from "../../outputs/schema.ts";
import { nextSteps } from "../../stages/next-steps.ts";
import { record, value } from "../components/recorder.ts";
import { declare, stacks } from "../stacks/program/stacks.ts";

/** As `pulumi stack output --json` prints them. */
async function outputsOf(name: string): Promise<Record<string, unknown>> {
  const settings = stacks[name];
  if (settings === undefined) expect.fail(`there is no stack ${name}`);
  const [outputs] = await record(() => declare(settings));
  return JSON.parse(JSON.stringify(await value(pulumi.output({ ...outputs }))));
}

const containers: Readonly<Record<keyof typeof stacks, readonly string[]>> = {
  lab: ["mailServer", "dnsServer", "innerDnsServer", "webServer", "webmail"],
  company: ["mailServer", "certificateAgent"],
  "two-servers": ["mailServer", "dnsServer", "webServer", "webmail"],
  "no-web": ["mailServer", "dnsServer", "innerDnsServer"],
};

test.each(Object.entries(containers))(
  "%s: all that is written is read, and nothing else",
  async (name, roles) => {
    const written = await outputsOf(name);
    expect(outputsSchema.parse(written)).toEqual(written);

    const { stages, ...rest } = written;
    const running = parseRunningStack(written);
    expect(running).toEqual({ ...rest, keys: [] });
    expect(containersOf(running).map(({ role }) => role)).toEqual(roles);
    expect(nextSteps(parseStages({ stages })).length).toBeGreaterThan(0);
    expect(parseIssuer(written)).toMatchObject({
      issuer: name === "company" ? "acme" : "private",
      isLab: ["lab", "no-web"].includes(name),
    });
  },
);

test("many mailboxes and passwords are one text each, which its readers see as what it stands for", async () => {
  const written = (await outputsOf("no-web")) as { domains: { mailboxes: object[] }[]; passwords: object };
  const [domain, ...others] = written.domains;
  const { mailboxes = [] } = domain ?? {};
  const asText = { ...domain, mailboxes: textOfList(mailboxes) };
  expect(
    parseRunningStack({ ...written, domains: [asText, ...others], passwords: textOfMap({ a: "1" }) }),
  ).toEqual({
    ...parseRunningStack(written),
    passwords: { a: "1" },
  });
  expect(() => parseRunningStack({ ...written, domains: [{ ...domain, mailboxes: "none" }] })).toThrow(
    /mailboxes/,
  );
});

test("a stack of an earlier version lacks what has been added since, a stack of something else says what is wrong", async () => {
  const { stages: _stages, passwords: _passwords, backups: _backups, ...earlier } = await outputsOf("no-web");
  expect(parseRunningStack(earlier)).toMatchObject({ passwords: {}, backups: {} });
  expect(() => parseStages(earlier)).toThrow(/npm run up/);
  expect(parseIssuer(earlier)).toBeUndefined();

  expect(() => parseRunningStack({ ...earlier, hostName: undefined, zones: [{}] })).toThrow(OutputsError);
  expect(() => parseRunningStack({ ...earlier, hostName: undefined, zones: [{}] })).toThrow(
    /hostName: .*\n.* zones\.0\.name: /,
  );
});
