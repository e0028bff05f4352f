import project from "../package.json" with { type: "json" };
import { serve } from "./grpc.ts";
import { makeProvider } from "./provider.ts";

// A CLI that is killed asks nothing to stop: its plugins would stay for good.
const cli = process.ppid;
setInterval(() => {
  if (process.ppid !== cli) process.exit();
}, 1000).unref();

serve(makeProvider(project.version));
