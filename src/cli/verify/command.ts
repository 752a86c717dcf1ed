/** What `verify` runs: one file, compiled with a cache of its own. */
import type { VerifyFlags } from "./flags.ts";
import { initAndTell } from "./init.ts";
import { verifyAndTell } from "./session.ts";

/** @returns the exit code */
export async function runVerify(
  named: readonly string[],
  flags: VerifyFlags,
  interrupt: AbortSignal,
): Promise<number> {
  return flags.init
    ? await initAndTell(named, flags, interrupt)
    : await verifyAndTell(named, flags, interrupt);
}
