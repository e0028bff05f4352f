import project from "../package.json" with { type: "json" };
import { serve } from "./grpc.ts";
import { makeProvider } from "./provider.ts";

serve(makeProvider(project.version));
