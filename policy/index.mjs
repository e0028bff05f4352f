// Plain JavaScript: what Pulumi runs packs with would compile a .ts by a compiler of its own, which does not know
// `.ts` in imports. From here on Node itself strips the types.
import "./pack.ts";
