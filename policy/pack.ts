/** Mail rules for Pulumi's own gate: `pulumi preview --policy-pack policy`. See docs/policy.md. */
import { PolicyPack } from "@pulumi/policy";
import { fixedImages, noSecretInEnvironment, plainTextPorts } from "./containers.ts";
import { dmarcAsDeclared, noProxiedMailRecord } from "./dns.ts";
import { keyLengths } from "./keys.ts";
import { noOpenRelay } from "./relay.ts";
import { keptMailVolumes } from "./volumes.ts";

new PolicyPack("maildomain", {
  enforcementLevel: "mandatory",
  policies: [
    noOpenRelay,
    plainTextPorts,
    keptMailVolumes,
    noProxiedMailRecord,
    dmarcAsDeclared,
    keyLengths,
    noSecretInEnvironment,
    fixedImages,
  ],
});
