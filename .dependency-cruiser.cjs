/** Dependencies point one way. `npm run check` holds it. */

const pure = "^(records|naming|stages|servers|keys|outputs|clients|review|adopt|import|exercise)/";
/** What the rest of the program may know of publishers; each publisher's `zone.ts` alone is Pulumi's. */
const zonePrograms = "^publishers/(index|publisher|[^/]+/zone)\\.ts$";
const clientsOfPublishers = "^publishers/[^/]+/live-zones\\.ts$";
const house = "^(engine|components|provider|stacks|commands|toolchain|verify|test|bench)/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "pure-parts-know-nothing-of-pulumi",
      comment:
        "records/, naming/, stages/, servers/, keys/, outputs/, clients/, review/, adopt/ and import/ are plain functions, usable and testable without Pulumi.",
      severity: "error",
      from: { path: pure },
      to: { path: `node_modules/@pulumi/|${house}` },
    },
    {
      name: "publishers-are-known-without-pulumi",
      comment: "A publisher is its facts, which anybody may ask, and zone.ts, which declares its zones.",
      severity: "error",
      from: { path: "^publishers/", pathNot: zonePrograms },
      to: {
        path: `node_modules/@pulumi/|^(components|provider|stacks|commands|verify|review|policy|adopt)/|${zonePrograms}`,
      },
    },
    {
      name: "publishers-do-not-know-their-users",
      severity: "error",
      from: { path: "^publishers/" },
      to: { path: "^(components|stacks|commands|toolchain|verify|review|policy|adopt|outputs|test|bench)/" },
    },
    {
      name: "a-publisher-knows-no-other",
      severity: "error",
      from: { path: "^publishers/([^/]+)/" },
      to: { path: "^publishers/[^/]+/", pathNot: "^publishers/$1/" },
    },
    {
      name: "who-judges-asks-nobody",
      comment:
        "review/, policy/, adopt/, outputs/ and verify/ read what a publisher is: they declare and query nothing.",
      severity: "error",
      from: { path: "^(review|policy|adopt|outputs|verify|stacks/schema)/" },
      to: { path: `${zonePrograms}|${clientsOfPublishers}` },
    },
    {
      name: "naming-knows-nobody",
      comment: "Everybody may ask what something is called, so that the names themselves depend on nothing.",
      severity: "error",
      from: { path: "^naming/" },
      to: { pathNot: "^naming/" },
    },
    {
      name: "components-do-not-know-their-users",
      severity: "error",
      from: { path: "^components/" },
      to: { path: "^(engine|stacks|commands|toolchain|verify|test|bench)/" },
    },
    {
      name: "a-stack-is-declared-from-its-settings",
      comment: "stacks/: schema/ is the ground, program/ stands on it, then reading/, then preflight/.",
      severity: "error",
      from: { path: "^stacks/(schema|program)/" },
      to: { path: "^stacks/(reading|preflight)/" },
    },
    {
      name: "the-schema-knows-settings-only",
      severity: "error",
      from: { path: "^stacks/schema/" },
      to: { path: "^(stacks/program|components)/|node_modules/@pulumi/" },
    },
    {
      name: "reading-refuses-nothing-but-settings",
      severity: "error",
      from: { path: "^stacks/reading/" },
      to: { path: "^stacks/preflight/" },
    },
    {
      name: "outputs-are-a-contract",
      comment: "outputs/ is between the program that writes them and whoever reads them, and knows neither.",
      severity: "error",
      from: { path: "^outputs/" },
      to: { pathNot: "^(outputs|records|publishers|naming)/|node_modules/zod/" },
    },
    {
      name: "provider-stands-alone",
      comment: "Of a server it asks the engine.",
      severity: "error",
      from: { path: "^provider/" },
      to: { path: "^(components|stacks|commands|toolchain|verify|clients|test|bench)/" },
    },
    {
      name: "engine-needs-nothing",
      comment:
        "It talks to a Docker Engine and knows no stack; the toolchain uses it before anything is installed.",
      severity: "error",
      from: { path: "^engine/" },
      to: { pathNot: "^engine/", dependencyTypesNot: ["core"] },
    },
    {
      name: "verify-knows-a-domain-by-its-outputs-alone",
      severity: "error",
      from: { path: "^verify/" },
      to: { path: "node_modules/@pulumi/|^(components|provider|stacks|commands|toolchain|test|bench)/" },
    },
    {
      name: "policies-judge-any-program",
      comment:
        "policy/ sees what a program declares, whoever wrote it: of this one it may know the standards, the names, " +
        "and the form in which it carries files.",
      severity: "error",
      from: { path: "^policy/" },
      to: {
        path: "^(engine|components|provider|stacks|commands|toolchain|verify|servers|review|test|bench)/",
        pathNot: "^servers/generation/(generation|configuration-file)\\.ts$",
      },
    },
    {
      name: "toolchain-needs-nothing",
      comment:
        "It runs before anything is installed, but for what compiles the program. What was probably meant, and what nobody sees, needs nothing either.",
      severity: "error",
      from: { path: "^toolchain/" },
      to: {
        pathNot: "^(toolchain/|engine/|naming/(suggestion|unseen|wrapped)\\.mjs$|node_modules/rolldown/)",
        dependencyTypesNot: ["core"],
      },
    },
    {
      name: "languages-are-the-providers",
      comment: "The provider loads them once a program in another language asks; the schema is made of them.",
      severity: "error",
      from: { path: "^(?!languages/|provider/main|package/|test/)" },
      to: { path: "^languages/" },
    },
    {
      name: "the-package-is-built-from-outside",
      severity: "error",
      from: { path: "^(?!package/|commands/|test/)" },
      to: { path: "^package/" },
    },
    {
      name: "only-tests-import-tests",
      severity: "error",
      from: { pathNot: "^(test|bench)/" },
      to: { path: "^(test|bench)/" },
    },
    {
      name: "resolvable",
      comment: "What runs inside of an image finds its modules there.",
      severity: "error",
      from: { pathNot: "^images/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)\\.maildomain/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
    },
  },
};
