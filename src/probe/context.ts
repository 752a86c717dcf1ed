import type { Settings } from "../model/settings.ts";
import type { Source } from "../model/source.ts";
import { ipFamily } from "../protocol/ip.ts";
import type { Clock } from "../transport/clock.ts";
import type { StopSignal } from "../transport/stop.ts";

/** What is waited for, and until when at the most, by the clock of the run. */
export type Wait = { what: string; untilMs: number };

/** What every prober is handed: nothing here is global. */
export type ProbeContext = {
  settings: Settings;
  /** Where to probe from; null leaves it to the system. */
  source: Source | null;
  signal: StopSignal;
  /** Told where something is waited for that takes long. */
  onWait?: (wait: Wait) => void;
  /** How long the peer's answer to a connect took, once that is known: nothing more is sent to it before that has passed. */
  roundTripMs?: number;
  clock: Clock;
  /** This machine's clock on the wall, milliseconds since 1970: compared with hosts' clocks, never used for durations. */
  wallNowMs: () => number;
  /** A fresh unpredictable u16: DNS transaction ids, and names that nobody has. */
  randomU16: () => number;
  /** A fresh u16 for an RPC call: the connection says whose answer comes, so that it may be guessed. */
  callId: () => number;
};

/** The errno of a source that has no address of the peer's family: as the system would say it. */
export const NO_SUCH_FAMILY = "EAFNOSUPPORT";

/** The local address to use towards a peer: undefined leaves it to the system, null says that the source has none. */
export function localAddressFor({ source }: ProbeContext, peer: string): string | undefined | null {
  if (source === null) return undefined;
  return ipFamily(peer) === 6 ? source.ipv6 : source.ipv4;
}
