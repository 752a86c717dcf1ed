import type { Evidence } from "../../model/evidence.ts";
import type { WatchState } from "../../watch/state.ts";
import type { CheckRequest } from "../check.ts";
import { BEAT_MS } from "./beat.ts";
import type { WatchWorld } from "./surroundings.ts";

/** A network that changes every second is no reason to ask DNS every second. */
const SHORTEST_DNS_MS = 5_000;

/** When DNS is asked for all there is to watch, and what is taken from its answers. */
export type DnsRounds = {
  /** How often `turn` is to come. */
  readonly tickMs: number;
  /** Asks where it is due, or sooner where it is wanted. */
  turn: () => Promise<boolean>;
  /** The network has changed. */
  want: () => void;
  /** What is being asked for now is not to be believed: this machine slept meanwhile. */
  setAside: () => void;
  /** Aborted when DNS was asked for the first time. */
  readonly asked: AbortSignal;
  /** What is checked, by what this machine had when DNS was last asked; null before that. */
  readonly checked: CheckRequest | null;
  /** All that DNS leads to was known once. */
  readonly listedOnce: boolean;
};

/** Who takes what was found: `found` a target at a time, as long as nothing is listed; `listed` all of them. */
export type DnsReaders = {
  lookAtWall: () => void;
  found: (evidence: Evidence) => void;
  listed: (found: readonly Evidence[], request: CheckRequest) => void;
};

/** @param signal ends the watch */
export function createDnsRounds(
  intervalMs: number,
  world: Pick<WatchWorld, "clock" | "wall" | "discover" | "request">,
  state: Pick<WatchState, "configuration">,
  { signal, readers }: { signal: AbortSignal; readers: DnsReaders },
): DnsRounds {
  const asked = new AbortController();
  const tickMs = Math.min(BEAT_MS, intervalMs);
  let checked: CheckRequest | null = null;
  let listedOnce = false;
  let aside = false;
  let wanted = false;
  let askedMs = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<void> => {
    const now = await world.request();
    checked = now;
    aside = false;
    const found = await world.discover(now, signal, (evidence) => {
      // The first time whoever is found is watched at once; later, what is missing is told when all is known.
      if (!listedOnce) readers.found(evidence);
    });
    readers.lookAtWall();
    if (signal.aborted ? listedOnce : aside) {
      wanted = true;
      return;
    }
    const { iso } = world.wall();
    const resolvers = now.resolvers.map(({ address, port }) => `${address} ${port}`);
    state.configuration("resolvers", resolvers, iso);
    const suffixes = now.domains.map(({ domain }) => domain);
    state.configuration("suffixes", suffixes, iso);
    readers.listed(found, now);
    listedOnce = true;
  };

  return {
    tickMs,
    async turn() {
      const nowMs = world.clock.nowMs();
      const sinceMs = nowMs - askedMs;
      const isDue = sinceMs >= intervalMs - tickMs / 2;
      if (isDue || (wanted && sinceMs >= SHORTEST_DNS_MS)) {
        wanted = false;
        askedMs = nowMs;
        await ask();
        asked.abort();
      }
      return true;
    },
    want() {
      wanted = true;
    },
    setAside() {
      aside = true;
    },
    asked: asked.signal,
    get checked() {
      return checked;
    },
    get listedOnce() {
      return listedOnce;
    },
  };
}
