import * as crypto from "node:crypto";
import project from "../package.json" with { type: "json" };
import { serve } from "./grpc.ts";
import { makeProvider } from "./provider.ts";

if (!("argon2" in crypto)) {
  throw new Error(`maildomain needs Node 24.7 or newer, and ${process.execPath} is ${process.version}`);
}

// A CLI that is killed asks nothing to stop: its plugins would stay for good.
const cli = process.ppid;
setInterval(() => {
  if (process.ppid !== cli) process.exit();
}, 1000).unref();

serve(makeProvider(project.version), async () => {
  const { construct } = await import("../languages/construct.ts");
  const { schema } = await import("../languages/schema.ts");
  const engine = process.argv.slice(2).findLast((word) => !word.startsWith("-")) ?? "";
  return {
    schema: JSON.stringify(schema(project.version)),
    construct: (request) => construct(request, engine),
  };
});
