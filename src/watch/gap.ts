/** Time that went by on the wall while nothing ran here. */
export type Gap =
  | { kind: "slept"; ms: number }
  /** The wall clock went backwards. */
  | { kind: "clock-set-back"; ms: number };

export type GapWatch = { observe: (wallMs: number) => Gap | null };

/** Beats that come this late are no busy machine any more. */
export const GAP_MS = 10_000;

/** A step back that NTP makes by slewing is smaller. */
const STEP_BACK_MS = 2_000;

/**
 * Looks at the wall clock once a beat: a machine that sleeps skips beats. The monotonic clock is no help, since on
 * Linux it stands still meanwhile and on others it does not. A clock that was set forward looks the same.
 * @param beatMs how far apart observations are, at the most, while the machine is awake
 */
export function createGapWatch(beatMs: number): GapWatch {
  let lastMs: number | null = null;
  return {
    observe(wallMs) {
      const passedMs = lastMs === null ? 0 : wallMs - lastMs;
      lastMs = wallMs;
      if (passedMs > beatMs + GAP_MS) return { kind: "slept", ms: passedMs };
      return passedMs < -STEP_BACK_MS ? { kind: "clock-set-back", ms: -passedMs } : null;
    },
  };
}
