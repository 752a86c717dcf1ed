import type { Settings } from "../model/settings.ts";

/**
 * What holds where the user says nothing. A connect waits longer than the 3.06 s that an unanswered ARP query takes
 * to show; an RPC answer longer than the 3 s a service may need that is just starting.
 */
export const DEFAULT_SETTINGS: Settings = {
  timeoutMs: 4_000,
  retries: 1,
  rpcTimeoutMs: 5_000,
  dnsTimeoutMs: 5_000,
  deadlineMs: 40_000,
  clientTimeoutMs: 21_000,
  dnsTcp: false,
  count: 3,
  ladder: false,
  trace: false,
  clock: false,
  require: "any",
  requireAt: "each",
};

/** Addresses probed, and questions asked, at a time. */
export const DEFAULT_CONCURRENCY = 32;
