import type { RunningStack } from "../../../outputs/running-stack.ts";
import type { Lab } from "../../kit/lab.ts";

/** The running stack that a suite asks; it exists only once the tests run, hence a function. */
export type Current = () => { readonly lab: Lab; readonly running: RunningStack };
