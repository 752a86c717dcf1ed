/** RFC 6298: the time-out before anything is known of a path, and the least it is cut to. */
const INITIAL_MS = 1_000;
const FLOOR_MS = 200;
const CEILING_MS = 3_000;

/**
 * When Linux sends the SYN again (RFC 6298 2.1 and 5.5): 1, 3 and 7 s after the first. A try lasts until one of these
 * and the answer's way back, so that one lost packet is not silence: the first try sends two SYNs, a later one four.
 * At a tenth of all packets lost in each direction, six lost SYNs are one host in 20,000.
 */
const FIRST_TRY_MS = 1_000;
const LATER_TRY_MS = 7_000;

export type Patience = {
  /** A round trip to an address of this subnet was seen. */
  sample: (subnet: number, elapsedMs: number) => void;
  /** How long to wait for an address of it. @param tries 1 for the first */
  timeoutMs: (subnet: number, tries: number) => number;
};

/**
 * How long a connect is waited for: always the same where `fixedMs` says so; else by the round trips that were seen in
 * the subnet, with the estimator of RFC 6298 (smoothed mean and four times the smoothed deviation).
 *
 * @param subnets how many subnets there are: 8 bytes for each
 */
export function createPatience(fixedMs: number | null, subnets: number): Patience {
  if (fixedMs !== null) return { sample: () => {}, timeoutMs: () => fixedMs };
  const mean = new Float32Array(subnets);
  const deviation = new Float32Array(subnets);
  return {
    sample(subnet, elapsedMs) {
      const known = mean[subnet] ?? 0;
      if (known === 0) {
        mean[subnet] = Math.max(elapsedMs, 0.001);
        deviation[subnet] = elapsedMs / 2;
        return;
      }
      deviation[subnet] = 0.75 * (deviation[subnet] ?? 0) + 0.25 * Math.abs(known - elapsedMs);
      mean[subnet] = 0.875 * known + 0.125 * elapsedMs;
    },
    timeoutMs(subnet, tries) {
      const known = mean[subnet] ?? 0;
      const roundTripMs =
        known === 0
          ? INITIAL_MS
          : Math.min(CEILING_MS, Math.max(FLOOR_MS, known + 4 * (deviation[subnet] ?? 0)));
      return roundTripMs + (tries === 1 ? FIRST_TRY_MS : LATER_TRY_MS);
    },
  };
}
