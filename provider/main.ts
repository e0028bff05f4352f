import project from "../package.json" with { type: "json" };
import { makeProvider } from "./provider.ts";
import { serve } from "./server.ts";

serve(makeProvider(project.version));
