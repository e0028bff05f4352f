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

serve(makeProvider(project.version));
