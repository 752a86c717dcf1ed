/** Where nobody says otherwise: docs/sweep.md says why. */
export const SWEEP_DEFAULTS = {
  rate: 500,
  /** With it a /24 is looked at at once, six connects to each address: a firewall's table of 65,536 still holds all. */
  burst: 1_536,
  concurrency: 4_096,
  retries: 1,
  rpcTimeoutMs: 5_000,
  seed: 1,
} as const;

/** More than this many addresses are swept only where the user says so. */
export const MAX_UNASKED = 65_536;
