import { expect, test } from "vitest";
import { keptHostNames } from "../../stages/former-host-names.ts";

const now = new Date("2026-01-01T12:00:00Z");
const former = (name: string, hour: string) => ({ name, until: `2026-01-01T${hour}:00:00Z` });
const hour = () => 3600;

test.each<[string, string, ReturnType<typeof former>[], string[]]>([
  ["the same name", "mx1", [], []],
  ["another name", "mx2", [], ["mx1 until 13"]],
  [
    "a third one before the first is forgotten",
    "mx3",
    [former("mx0", "15")],
    ["mx1 until 13", "mx0 until 15"],
  ],
  ["the first one again", "mx0", [former("mx0", "15")], ["mx1 until 13"]],
  ["one that was left long ago", "mx1", [former("mx0", "11")], []],
  ["one that nobody holds from this moment on", "mx1", [former("mx0", "12")], []],
  ["one that is left again", "mx2", [former("mx1", "11")], ["mx1 until 13"]],
])("%s", (_, declared, formerNames, kept) => {
  const names = keptHostNames(declared, { hostName: "mx1", formerNames }, hour, now);
  expect(names.map(({ name, until }) => `${name} until ${until.slice(11, 13)}`)).toEqual(kept);
});
