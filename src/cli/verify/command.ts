/** What `verify` runs: one file, compiled with a cache of its own. */
import { UsageError } from "../../targets/usage-error.ts";
import { policyJsonSchema } from "../../verify/policy.ts";
import { EXIT } from "../exit.ts";
import { writeOut } from "../output.ts";
import type { VerifyFlags } from "./flags.ts";
import { initAndTell } from "./init.ts";
import { verifyAndTell } from "./session.ts";

/** @returns the exit code */
export async function runVerify(
  named: readonly string[],
  flags: VerifyFlags,
  interrupt: AbortSignal,
): Promise<number> {
  if (flags.schema) {
    if (named.length > 0) throw new UsageError("--schema takes no policy: it is of all policies");
    await writeOut(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`, flags.output);
    return EXIT.ok;
  }
  return flags.init
    ? await initAndTell(named, flags, interrupt)
    : await verifyAndTell(named, flags, interrupt);
}
