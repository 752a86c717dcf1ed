import { randomInt } from "node:crypto";
import type { Settings } from "../model/settings.ts";
import type { Source } from "../model/source.ts";
import type { ProbeContext } from "../probe/context.ts";

/** What probers are handed: this machine's clock on the wall, and DNS ids that nobody can guess. */
export function contextOf(
  settings: Settings,
  source: Source | null,
  { signal, clock }: Pick<ProbeContext, "signal" | "clock">,
): ProbeContext {
  return {
    settings,
    source,
    signal,
    clock,
    wallNowMs: () => Date.now(),
    randomU16: () => randomInt(0x10000),
    // What can't be guessed costs 5 ms of loading, which a check without DNS need not spend.
    callId: () => Math.floor(Math.random() * 0x10000),
  };
}
