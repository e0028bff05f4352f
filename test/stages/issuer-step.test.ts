import { expect, test } from "vitest";
import { acmeAuthorities } from "../../records/index.ts";
import { type IssuerInForce, issuerStep } from "../../stages/issuer-step.ts";
import { formatSteps } from "../../stages/next-steps.ts";

const directoryOf = (word: keyof typeof acmeAuthorities) => acmeAuthorities[word].directory;
const line = (stack: Omit<IssuerInForce, "hostName" | "isLab"> & { readonly isLab?: boolean }) =>
  formatSteps(
    [issuerStep({ hostName: "mail.example.org", isLab: false, ...stack })],
    new Date("2026-01-01T00:00:00Z"),
  ).split("\n")[1];

test("from the private authority, or a rehearsal, to public certificates", () => {
  expect([
    line({ issuer: "private" }),
    line({ issuer: "acme", directory: directoryOf("staging") }),
    line({ issuer: "acme", directory: directoryOf("letsencrypt"), awaited: ["example.org"] }),
    line({ issuer: "acme", directory: directoryOf("letsencrypt") }),
  ]).toMatchInlineSnapshot(`
    [
      "  certificates  private authority; next: write certificates.acme in its place; what is in service stays until the next is there, as do keys, TLSA records and sessions (safe now)",
      "  certificates  letsencrypt.org (staging); next: remove directory: staging, where \`verify\` finds nothing wrong but that nobody trusts the authority (safe now)",
      "  certificates  letsencrypt.org; next: run \`npm run up\` once the certificate of mta-sts.example.org is there: it announces the policy (safe now)",
      "  certificates  letsencrypt.org",
    ]
  `);
});

test("where nothing is left to do", () => {
  expect([
    line({ issuer: "private", isLab: true }),
    line({ issuer: "files" }),
    line({ issuer: "acme", directory: "https://ca.example.org:9000/acme/directory" }),
  ]).toEqual([
    "  certificates  private authority",
    "  certificates  files of your own",
    "  certificates  ca.example.org:9000",
  ]);
});
