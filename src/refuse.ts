/**
 * Ends the process where the runtime is none of ours. It is imported first, and needs nothing itself: what comes after it
 * asks for modules by names that old runtimes don't know.
 */
import { refusalOf } from "./runtime.ts";

const refusal = refusalOf(process.versions);
if (refusal !== null) {
  console.error(refusal);
  process.exit(3);
}
