import type { Settings } from "../model.ts";
import type { Clock } from "../transport/clock.ts";

/** What every prober is handed: nothing here is global. */
export type ProbeContext = {
  settings: Settings;
  signal: AbortSignal;
  clock: Clock;
  /** A fresh unpredictable u16: DNS transaction ids, RPC call ids. */
  randomU16: () => number;
};
