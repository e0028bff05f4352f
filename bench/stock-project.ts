import { TemporaryProject } from "./temporary-project.ts";

/** The files of `pulumi new typescript`, with a program of resources that do nothing. */
const files = (resources: number): Readonly<Record<string, string>> => ({
  "Pulumi.yaml": "name: stock\nruntime: nodejs\ndescription: An empty project\n",
  "package.json": JSON.stringify({ name: "stock", main: "index.ts" }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      strict: true,
      outDir: "bin",
      target: "es2020",
      module: "commonjs",
      moduleResolution: "node",
      // The template's TypeScript 5 accepts this resolution silently.
      ignoreDeprecations: "6.0",
      sourceMap: true,
      experimentalDecorators: true,
      pretty: true,
      noFallthroughCasesInSwitch: true,
      noImplicitReturns: true,
      forceConsistentCasingInFileNames: true,
    },
    files: ["index.ts"],
  }),
  "index.ts": `import * as pulumi from "@pulumi/pulumi";

class Empty extends pulumi.ComponentResource {
    constructor(name: string) {
        super("stock:index:Empty", name);
        this.registerOutputs({});
    }
}

for (let index = 0; index < ${resources}; index++) {
    new Empty(\`resource-\${index}\`);
}
`,
});

/** A stock TypeScript Pulumi project (ts-node, as the CLI runs it by itself). */
export function stockProject(resources: number): Promise<TemporaryProject> {
  return TemporaryProject.create(files(resources));
}
