import { createGapWatch } from "../../watch/gap.ts";
import type { WatchState } from "../../watch/state.ts";
import type { WatchWorld } from "./surroundings.ts";

/** How often the network and the wall clock are looked at, however long the interval is. */
export const BEAT_MS = 1_000;

/** What becomes of this machine itself while it watches others. */
export type Beat = {
  /** Both are looked at. */
  beat: () => Promise<void>;
  /** Before what was just measured is believed. */
  lookAtWall: () => void;
};

/** @param told of a sleep of this machine, and of a network that is another one now */
export function createBeat(
  world: Pick<WatchWorld, "wall" | "readNetwork">,
  state: Pick<WatchState, "gap" | "network">,
  told: { slept: () => void; moved: () => void },
): Beat {
  const gaps = createGapWatch(BEAT_MS);
  let looking = false;

  const lookAtWall = (): void => {
    const { ms, iso } = world.wall();
    const gap = gaps.observe(ms);
    if (gap === null) return;
    state.gap(gap, iso);
    if (gap.kind === "slept") told.slept();
  };

  return {
    lookAtWall,
    async beat() {
      lookAtWall();
      if (looking) return;
      looking = true;
      const network = await world.readNetwork();
      looking = false;
      // A VPN that comes up brings resolvers, suffixes and addresses of its own.
      if (network !== null && state.network(network, world.wall().iso)) told.moved();
    },
  };
}
