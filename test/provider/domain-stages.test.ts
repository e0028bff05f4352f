import { describe, expect, test } from "vitest";
import { domainStages } from "../../provider/domain-stages.ts";
import { makeProvider } from "../../provider/provider.ts";
import type { Checked } from "../../provider/resource-implementation.ts";
import { decode, encode, unknown, type Values, type WireValues } from "../../provider/wire.ts";
import { checked } from "./engine.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const at = (hours: number) => new Date(start + hours * 3_600_000);

const base = {
  domain: "example.org",
  ttl: 3600,
  zone: "example.org",
  nameServers: ["192.0.2.53:53"],
  askNameServers: true,
  settings: "domains[0].",
  exchanges: ["mail.example.org"],
  exchangesSetting: "hostName",
  dkim: { rsa1: { stage: "signing", record: "v=DKIM1; p=AAAA" } },
  dmarc: "quarantine",
} satisfies Values;

const rsa2 = (stage: string): Values => ({
  ...base,
  dkim: { ...base.dkim, rsa2: { stage, record: "v=DKIM1; p=BBBB", path: "domains[0].dkim[1].stage" } },
});

describe("check", () => {
  test("fills in since when, and keeps out of the state what serves it alone", async () => {
    const provider = makeProvider("1", () => at(0));
    const { inputs } = await provider.check(urn, {}, base);
    expect(inputs).toMatchInlineSnapshot(`
      {
        "dkim": {
          "rsa1": {
            "nextFrom": "2026-01-01T00:00:00Z",
            "since": "2026-01-01T00:00:00Z",
            "stage": "signing",
          },
        },
        "dmarc": {
          "nextFrom": "2026-01-02T01:00:00Z",
          "since": "2026-01-01T00:00:00Z",
          "stage": "quarantine",
        },
        "domain": "example.org",
        "ttl": 3600,
      }
    `);
  });

  test("takes what a first preview does not know", () => {
    const news: Values = { ...base, dkim: { rsa1: { stage: "signing", record: unknown } } };
    expect(domainStages.check({}, news, at(0)).failures).toEqual([]);
  });

  test("reports everything at once, by the settings' paths", () => {
    const olds = checked(domainStages, {}, { ...base, dmarc: "none" }, at(0));
    const news = { ...rsa2("signing"), dmarc: "reject" };
    expect(domainStages.check(olds, news, at(1)).failures.map(({ property }) => property)).toEqual([
      "domains[0].dkim[1].stage",
      "domains[0].dmarc.policy",
    ]);
  });

  test("every policy is judged by its own rules", () => {
    const policy = { mode: "enforce", mx: ["mail.example.org"], maxAge: 86_400 };
    const olds = checked(domainStages, {}, { ...base, mtaSts: policy, dnssec: "signed" }, at(0));
    expect(checked(domainStages, olds, { ...base, mtaSts: policy, dnssec: "signed" }, at(9))).toEqual(olds);
    const moved = { ...base, mtaSts: { ...policy, mx: ["mx.example.org"] }, exchanges: ["mx.example.org"] };
    const reported = ({ failures }: Checked) => failures.map(({ property }) => property);
    expect(reported(domainStages.check(olds, { ...moved, dnssec: "unsigned" }, at(9)))).toEqual([
      "domains[0].dnssec",
      "hostName",
    ]);
    expect(reported(domainStages.check(olds, base, at(9)))).toEqual(["domains[0].mtaSts.mode"]);
    const testing = checked(domainStages, olds, { ...base, mtaSts: { ...policy, mode: "testing" } }, at(9));
    expect(reported(domainStages.check(testing, moved, at(10)))).toEqual(["hostName"]);
    const wrong = { ...base, mtaSts: { mode: "strict", mx: [], maxAge: -1 }, dnssec: "on" };
    expect(reported(domainStages.check({}, wrong, at(0)))).toEqual([
      "dnssec",
      "mtaSts.mode",
      "mtaSts.maxAge",
    ]);
  });

  test("a TTL that is lowered at the same time counts as it was", () => {
    const olds = checked(domainStages, {}, { ...base, askNameServers: false }, at(0));
    const published = checked(
      domainStages,
      olds,
      { ...rsa2("published"), askNameServers: false, ttl: 60 },
      at(0),
    );
    expect(published.dkim).toMatchObject({ rsa2: { nextFrom: "2026-01-01T01:00:00Z" } });
  });
});

const urn = "urn:pulumi:lab::maildomain::maildomain:index:DomainStages::example.org-stages";

describe("the name servers", () => {
  const answering = (problem: string | undefined) => {
    const asked: unknown[] = [];
    const provider = makeProvider(
      "1",
      () => at(2),
      async (question) => {
        asked.push(question);
        return problem;
      },
    );
    return { provider, asked };
  };
  const published = async (): Promise<WireValues> => {
    const olds = checked(domainStages, {}, base, at(0));
    return wire(checked(domainStages, olds, rsa2("published"), at(1)));
  };
  const wire = (values: Values): WireValues => encode(values) as WireValues;

  test("are asked for a key's very record before it signs", async () => {
    const { provider, asked } = answering(undefined);
    const { failures } = await provider.check(urn, await published(), wire(rsa2("signing")));
    expect(failures).toEqual([]);
    expect(asked).toEqual([
      {
        zone: "example.org",
        nameServers: ["192.0.2.53:53"],
        name: "rsa2._domainkey.example.org",
        type: "TXT",
        content: "v=DKIM1; p=BBBB",
      },
    ]);
  });

  test("refuse it where they do not answer with it", async () => {
    const { provider } = answering("192.0.2.53:53 does not answer with TXT rsa2._domainkey.example.org yet");
    const { failures } = await provider.check(urn, await published(), wire(rsa2("signing")));
    expect(failures).toMatchInlineSnapshot(`
      [
        {
          "property": "domains[0].dkim[1].stage",
          "reason": "rsa2 cannot be used yet: 192.0.2.53:53 does not answer with TXT rsa2._domainkey.example.org yet. Leave stage: published until the servers answer; where they cannot be asked from here, write maildomain:askNameServers: false, and see to it yourself",
        },
      ]
    `);
  });

  test.each([
    ["what stays", rsa2("published")],
    ["a setting that says not to", { ...rsa2("signing"), askNameServers: false }],
  ])("are not asked: %s", async (_name, news) => {
    const { provider, asked } = answering("nothing");
    await provider.check(urn, await published(), wire(news));
    expect(asked).toEqual([]);
  });
});

test("diff and state", async () => {
  const first = checked(domainStages, {}, base, at(0));
  const { outputs } = await domainStages.create(first);
  expect(decode(outputs)).toEqual({});
  const again = checked(domainStages, first, base, at(9));
  expect(domainStages.diff(first, again)).toEqual({ changes: false, replaces: [] });
  const changed = checked(domainStages, first, rsa2("published"), at(9));
  expect(domainStages.diff(first, changed)).toEqual({ changes: true, replaces: [] });
  expect(domainStages.diff(first, { ...again, domain: "example.net" }).replaces).toEqual(["domain"]);
});
