/**
 * How long known forwarders wait before they give up on what is behind them. A connection that ends after such a time
 * ranks the causes; it proves none. Measured on Debian 12 (kernel 6.18), 2026-11-27.
 */
const LIMITS: readonly { fromMs: number; toMs: number; whose: string }[] = [
  {
    fromMs: 2_900,
    toMs: 3_600,
    whose:
      "a forwarder's unanswered ARP query takes (the host beyond is off), or haproxy's four tries at a host that refuses",
  },
  { fromMs: 9_800, toMs: 10_600, whose: "stunnel waits for a connect (TIMEOUTconnect)" },
  { fromMs: 12_000, toMs: 14_000, whose: "haproxy's four tries at a host whose ARP query goes unanswered" },
  { fromMs: 19_800, toMs: 20_800, whose: "haproxy's four connects of 5 s at a host that is silent" },
  { fromMs: 29_800, toMs: 31_500, whose: "redsocks over dante waits for a host that is silent" },
  { fromMs: 49_800, toMs: 51_000, whose: "haproxy's idle limit, which a host that never answers runs into" },
  { fromMs: 59_800, toMs: 61_000, whose: "nginx waits for a connect (proxy_connect_timeout)" },
  {
    fromMs: 130_000,
    toMs: 137_000,
    whose: "Linux tries to connect: sshd, socat, rinetd and xinetd wait that long for a host that is silent",
  },
];

/** @returns whose known limit ended it, or null */
export function knownLimit(elapsedMs: number): string | null {
  return LIMITS.find(({ fromMs, toMs }) => elapsedMs >= fromMs && elapsedMs <= toMs)?.whose ?? null;
}
