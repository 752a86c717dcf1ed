/** What share of a property's cases is tried. KMSPROBE_PROPERTY_RUNS=1 tries all of them, 10 ten times as many. */
const SHARE = Number(process.env["KMSPROBE_PROPERTY_RUNS"] ?? 0.05);

/** The least that tells anything. */
const LEAST = 20;

/** @param full cases of the long run (npm run test:properties); every run of the tests tries a twentieth, by the same seed */
export function runs(full: number): number {
  return Math.max(LEAST, Math.ceil(full * SHARE));
}
