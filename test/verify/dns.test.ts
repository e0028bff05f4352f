import { expect, test } from "vitest";
import { ask, resolverAt } from "../../verify/probes/dns.ts";
import { NameServer, type Records } from "./name-server.ts";

test("a question that gets no answer is asked once more", async () => {
  let asked = 0;
  const records = new Proxy<Records>(
    { "example.test TXT": ["here"] },
    {
      get: (known, name: string) => {
        asked += 1;
        return asked === 1 ? "SILENCE" : known[name];
      },
    },
  );
  await using server = await NameServer.start(records);
  expect(await ask(resolverAt(server.address), "example.test", "TXT")).toEqual(["here"]);
  expect(asked).toBe(2);
});
