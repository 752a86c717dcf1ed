import type { Settings } from "../model/settings.ts";

/** Settings as a policy and serve.yaml write them; times in milliseconds. */
type Written = {
  timeout?: number | undefined;
  retries?: number | undefined;
  "rpc-timeout"?: number | undefined;
  "dns-timeout"?: number | undefined;
  deadline?: number | undefined;
  "client-timeout"?: number | undefined;
  "dns-tcp"?: boolean | undefined;
  clock?: boolean | undefined;
  count?: number | undefined;
};

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

/** Those that are written, and no others: what is not there is left to the defaults of whoever asks. */
export function writtenSettings(written: Written): Partial<Settings> {
  return known({
    timeoutMs: written.timeout,
    retries: written.retries,
    rpcTimeoutMs: written["rpc-timeout"],
    dnsTimeoutMs: written["dns-timeout"],
    deadlineMs: written.deadline,
    clientTimeoutMs: written["client-timeout"],
    dnsTcp: written["dns-tcp"],
    clock: written.clock,
    count: written.count,
  });
}

/** Without what was left out: an explicit undefined would stand over a default. */
function known<Value extends object>(values: Value): { [Key in keyof Value]?: NonNullable<Value[Key]> } {
  const found: { [Key in keyof Value]?: NonNullable<Value[Key]> } = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined && value !== null) found[key] = value;
  }
  return found;
}
