/** What a watch is asked, and what it is given to work with. */
import type { AttemptEvidence, Evidence } from "../../model/evidence.ts";
import type { NetworkState } from "../../system/network-changes.ts";
import type { Clock } from "../../transport/clock.ts";
import type { WatchEvent } from "../../watch/event.ts";
import type { Place } from "../../watch/looks.ts";
import type { CheckRequest } from "../check.ts";
import type { PacerWorld } from "./pacer.ts";

export type WatchPlan = {
  intervalMs: number;
  dnsIntervalMs: number;
  /** Looks at each address; null: until it is stopped. */
  rounds: number | null;
  forMs: number | null;
  /** Probes begun at a time. */
  concurrency: number;
};

/** Everything a watch touches, so that a test can be the world. */
export type WatchWorld = PacerWorld & {
  clock: Clock;
  wall: () => { ms: number; iso: string };
  /** @returns ends it */
  every: (ms: number, job: () => void) => () => void;
  /** Asks DNS for all there is to watch; `onFound` is told of each target when there is enough to begin with. */
  discover: (
    request: CheckRequest,
    signal: AbortSignal,
    onFound: (evidence: Evidence) => void,
  ) => Promise<Evidence[]>;
  probe: (place: Place, request: CheckRequest, signal: AbortSignal) => Promise<AttemptEvidence>;
  /** What to check, with the resolvers and suffixes that this machine has by now. */
  request: () => Promise<CheckRequest>;
  readNetwork: () => Promise<NetworkState | null>;
  onEvent: (event: WatchEvent) => void;
};
