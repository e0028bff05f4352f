import { test } from "vitest";
import { issuerStep } from "../../stages/issuer-step.ts";
import { formatSteps, nextSteps } from "../../stages/next-steps.ts";
import { expectSection } from "./section.ts";

const since = "2026-11-24T12:08:16Z";
const at = <Stage extends string>(stage: Stage, nextFrom = since) => ({ stage, since, nextFrom });

test("docs/keys.md shows what `npm run stages` prints", async () => {
  const hostName = "mail.example.org";
  const issuer = issuerStep({ hostName, issuer: "private", isLab: false });
  const steps = nextSteps({
    servers: [{ hostName, keys: { key1: at("serving") } }],
    domains: [
      {
        domain: "example.org",
        dkim: { rsa1: at("retired", "2026-11-29T13:08:16Z"), rsa2: at("signing") },
        dmarc: at("none", "2026-11-25T13:08:16Z"),
      },
    ],
  });
  const printed = formatSteps([issuer, ...steps], new Date(since));
  await expectSection("keys.md", "stages", `\`\`\`\n${printed.trimEnd()}\n\`\`\`\n`);
});
