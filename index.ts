/** A stack of stacks/: read its settings, refuse what cannot work, declare it, and export what it reports about itself. */
// First: whatever imports the SDK comes after it.
import "./stacks/lean-sdk.ts";
import { stack } from "./stacks/stack.ts";

// Pulumi calls a default export that is a function, and takes the properties of what it returns for the stack's outputs.
export default stack;
