import { relative } from "node:path";
import { expect } from "vitest";
import { workerTitle } from "../../commands/test-progress.ts";
import { limitPatience } from "../kit/patience.ts";

process.title = workerTitle(relative(process.cwd(), expect.getState().testPath ?? ""));

// As long as a single test may take.
limitPatience(600_000);
