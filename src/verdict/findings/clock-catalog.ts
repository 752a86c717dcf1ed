/** The clocks' part of the catalogue of findings. */
import type { Finding, FindingCode } from "../../model/finding.ts";

export type ClockFindingCode = Extract<FindingCode, `clock-${string}`>;

/** Weight, meaning and advice of each. `{host}` is what a client calls the host. */
export const clockCatalog = {
  "clock-beyond-four-hours": {
    severity: "warning",
    means: "With --clock: a host's clock is more than four hours off, beyond what a KMS host tolerates",
    next: "On a client: w32tm /stripchart /computer:{host} /samples:3 /dataonly; then set the clock that is wrong. A host refuses clients more than four hours off: 0xC004F06C in their event 12288, 0xC004F074 on screen",
  },
  "clock-off": {
    severity: "warning",
    means: "With --clock: a host's clock is more than an hour off",
    next: "On a client: w32tm /stripchart /computer:{host} /samples:3 /dataonly; set the clock that is wrong before the difference reaches four hours, where the host refuses",
  },
  "clock-no-signal": {
    severity: "note",
    means: "With --clock: a host shows its time at none of the ports that were asked",
    next: "On a client: w32tm /stripchart /computer:{host} /samples:3 /dataonly; or run this where 445/tcp, 123/udp, 80/tcp or 5985/tcp of the host can be reached",
  },
  "clock-signals-differ": {
    severity: "note",
    means: "With --clock: services at one address show different times",
    next: "Something else answers on one of these ports (a device that redirects NTP, a proxy, a load balancer). On a client: w32tm /stripchart /computer:{host} /samples:3 /dataonly",
  },
  "clock-own-off": {
    severity: "warning",
    means:
      "With --clock: this machine's own clock is more than five minutes off those of the resolvers that agree",
    next: "Compare on this machine with a clock you trust (timedatectl; on Windows w32tm /stripchart /computer:{host} /samples:3 /dataonly) and set it: every difference to a host is measured with it",
  },
} as const satisfies Record<ClockFindingCode, { severity: Finding["severity"]; means: string; next: string }>;
