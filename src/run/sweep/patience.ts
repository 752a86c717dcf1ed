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

/**
 * Where a round trip is known and short, six connects beside each other send as many SYNs in a tenth of the time: each
 * begins this much after the one before, or a round trip; all are waited for until so long after the last.
 */
const SHORT_TRIES = 6;
const SHORT_GAP_MS = 100;
const SHORT_LAST_MS = 300;
/** A round trip with its deviation that is not short any more. */
const SHORT_CEILING_MS = 400;

/** How often it is looked whether a round trip is known by now. */
const LOOK_MS = 100;

/** Six connects are not enough where more of those that were answered than this were lost, and not just one. */
const LOSSY_SHARE = 0.35;

/** How far an address without an answer has come: milliseconds since its first connect, and since its latest. */
export type SoFar = { tries: number; sinceFirstMs: number; sinceLatestMs: number };

/**
 * What to do for it: wait on (milliseconds), connect once more beside what is under way, connect again in its stead, or
 * call it silent.
 */
export type Next = number | "beside" | "again" | "silent";

export type Patience = {
  /** A round trip to an address of this subnet was seen, on the so-manieth connect. */
  sample: (subnet: number, elapsedMs: number, tries: number) => void;
  /** How long the first connect to an address of it is waited for, before `next` is asked. */
  firstMs: number;
  next: (subnet: number, so: SoFar) => Next;
  /** The same without haste, whatever is known. */
  nextWithoutHaste: (subnet: number, so: SoFar) => Next;
  /** Whether short connects decide there. */
  isShort: (subnet: number) => boolean;
  /** Whether an answer came only to a later connect there. */
  sawLoss: (subnet: number) => boolean;
};

/** What a user's `--timeout`, `--retries` and rate come to. */
export type Terms = {
  /** The timeout of each connect; null goes by the round trips. */
  fixedMs: number | null;
  /** Further connects after silence. */
  retries: number;
  /** Whether there is room for more connects than that: see `shortPays`. */
  short: boolean;
};

/**
 * How long a connect is waited for: always the same where `fixedMs` says so; else by the round trips that were seen in
 * the subnet, with the estimator of RFC 6298 (smoothed mean and four times the smoothed deviation).
 *
 * @param subnets how many subnets there are: 16 bytes for each
 */
export function createPatience({ fixedMs, retries, short }: Terms, subnets: number): Patience {
  if (fixedMs !== null) return fixedPatience(fixedMs, retries);
  const mean = new Float32Array(subnets);
  const deviation = new Float32Array(subnets);
  const asked = new Uint32Array(subnets);
  const lost = new Uint32Array(subnets);

  /** Null where nothing is known. */
  const roundTripMs = (subnet: number): number | null => {
    const known = mean[subnet] ?? 0;
    return known === 0 ? null : known + 4 * (deviation[subnet] ?? 0);
  };

  const isLossy = (subnet: number): boolean => {
    const count = lost[subnet] ?? 0;
    return count > 1 && count > LOSSY_SHARE * (asked[subnet] ?? 0);
  };

  const isShort = (subnet: number): boolean => {
    const known = roundTripMs(subnet);
    return short && retries > 0 && known !== null && known <= SHORT_CEILING_MS && !isLossy(subnet);
  };

  const nextWithoutHaste = (subnet: number, { tries, sinceLatestMs }: SoFar): Next => {
    const known = roundTripMs(subnet);
    const wayMs = known === null ? INITIAL_MS : Math.min(CEILING_MS, Math.max(FLOOR_MS, known));
    const leftMs = wayMs + (tries === 1 ? FIRST_TRY_MS : LATER_TRY_MS) - sinceLatestMs;
    if (leftMs > 0) return Math.min(leftMs, LOOK_MS);
    return tries <= retries ? "again" : "silent";
  };

  return {
    sample(subnet, elapsedMs, tries) {
      asked[subnet] = (asked[subnet] ?? 0) + tries;
      lost[subnet] = (lost[subnet] ?? 0) + tries - 1;
      const known = mean[subnet] ?? 0;
      if (known === 0) {
        mean[subnet] = Math.max(elapsedMs, 0.001);
        deviation[subnet] = elapsedMs / 2;
        return;
      }
      deviation[subnet] = 0.75 * (deviation[subnet] ?? 0) + 0.25 * Math.abs(known - elapsedMs);
      mean[subnet] = 0.875 * known + 0.125 * elapsedMs;
    },
    firstMs: LOOK_MS,
    next(subnet, so) {
      if (!isShort(subnet)) return nextWithoutHaste(subnet, so);
      const knownMs = roundTripMs(subnet) ?? 0;
      const isLast = so.tries >= Math.max(SHORT_TRIES, retries + 1);
      const leftMs = Math.max(isLast ? SHORT_LAST_MS : SHORT_GAP_MS, knownMs) - so.sinceLatestMs;
      if (leftMs > 0) return leftMs;
      return isLast ? "silent" : "beside";
    },
    nextWithoutHaste,
    isShort,
    sawLoss: (subnet) => (lost[subnet] ?? 0) > 0,
  };
}

function fixedPatience(fixedMs: number, retries: number): Patience {
  const next = (_: number, { tries, sinceLatestMs }: SoFar): Next => {
    if (sinceLatestMs < fixedMs) return fixedMs - sinceLatestMs;
    return tries <= retries ? "again" : "silent";
  };
  return {
    sample: () => {},
    firstMs: fixedMs,
    next,
    nextWithoutHaste: next,
    isShort: () => false,
    sawLoss: () => false,
  };
}

/** How long silence takes without haste, and short, where nothing else holds it up. */
const LONG_SECONDS = 10;
const SHORT_SECONDS = 1;

/**
 * Whether six short connects to each of so many silent addresses end sooner than two long ones, by what may be in
 * flight and begin: where the rate is what holds a sweep up, more connects would only make it longer.
 */
export function shortPays(
  addresses: number,
  { concurrency, rate, burst }: { concurrency: number; rate: number; burst: number },
): boolean {
  const paced = (connects: number): number => (rate === 0 ? 0 : Math.max(0, connects - burst) / rate);
  const full = Math.max(1, addresses / concurrency);
  return (
    Math.max(SHORT_SECONDS * full, paced(SHORT_TRIES * addresses)) <
    Math.max(LONG_SECONDS * full, paced(2 * addresses))
  );
}
