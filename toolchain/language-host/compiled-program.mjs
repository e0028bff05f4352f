/** What the SDK loads in place of index.ts: the same by one file. */
import { createRequire } from "node:module";
import { program } from "./compiled-program.cjs";

export default createRequire(import.meta.url)(program).default;
