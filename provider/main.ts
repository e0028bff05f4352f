// Not the package's root: the whole SDK takes three times as long to load, at every preview.
import { main } from "@pulumi/pulumi/provider/index.js";
import project from "../package.json" with { type: "json" };
import { makeProvider } from "./provider.ts";

await main(makeProvider(project.version), process.argv.slice(2));
