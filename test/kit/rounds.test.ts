import { describe, expect, test } from "vitest";
import { nameRows, policyRows } from "../lab/verify-rows/dns.ts";
import { hostRows } from "../lab/verify-rows/host.ts";
import { roundsOf } from "../lab/verify-rows/rounds.ts";
import type { Row } from "../lab/verify-rows/row.ts";

const row = (name: string, ...red: string[]): Row => ({
  name,
  red,
  break: async () => async () => {},
  seen: /./,
  advice: /./,
});
const namesOf = (rounds: readonly (readonly Row[])[]) => rounds.map((round) => round.map(({ name }) => name));

describe("what is broken at the same time", () => {
  test("one row of each area, in their order; what is left has rounds of its own", () => {
    const mail = [row("m1", "relay"), row("m2", "queue")];
    const dns = [row("d1", "dns.a"), row("d2", "dns.mx"), row("d3", "spf")];
    expect(namesOf(roundsOf([mail, dns]))).toEqual([["m1", "d1"], ["m2", "d2"], ["d3"]]);
  });

  test("no two rows that turn the same check red, for it would not say which did", () => {
    expect(
      namesOf(roundsOf([[row("m1", "dkim", "relay"), row("m2")], [row("d1", "dns.txt", "dkim")]])),
    ).toEqual([["m1"], ["m2", "d1"]]);
  });

  test("what looks at the files of servers goes alone: others have edited them", () => {
    expect(namesOf(roundsOf([[row("m1", "files.MAIL")], [row("d1", "dns.a")]]))).toEqual([["m1"], ["d1"]]);
  });

  test("what signs a zone loads it again: no record of it is another one meanwhile", () => {
    const signed = [row("m1", "relay"), row("s1", "dnssec.key")];
    const records = [row("d1", "dns.a"), row("d2", "dns.mx")];
    expect(namesOf(roundsOf([signed, records]))).toEqual([["m1", "d1"], ["s1"], ["d2"]]);
  });

  test("every row of the real ones, once", () => {
    const all = roundsOf().flat();
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining([...nameRows, ...policyRows, ...hostRows]));
  });
});
