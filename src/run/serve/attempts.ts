/** Attempts at addresses, shared by all looks: none begins sooner after the one before than is stated. */
import type { AttemptEvidence } from "../../model/evidence.ts";
import type { ShareAttempt } from "../addresses.ts";
import type { Clock } from "../../transport/clock.ts";
import { branchOf, pause } from "../../transport/patience.ts";
import type { StopSignal } from "../../transport/stop.ts";
import { Slots } from "./slots.ts";

export type AttemptsWorld = {
  clock: Clock;
  minIntervalMs: () => number;
  /** Whether what began then can't be believed. */
  isSpoilt: (startedMs: number) => boolean;
  /** Addresses that are remembered; the oldest are forgotten first. */
  most: number;
};

/** `found` is null where the attempt was cut short: what it saw says nothing to anybody else. */
type Begun = { startedMs: number; found: Promise<AttemptEvidence | null> };

export type Attempts = {
  /** @param look names how and from where it is looked: what was seen in one way is no answer in another */
  of: (look: string) => ShareAttempt;
};

export function createAttempts({ clock, minIntervalMs, isSpoilt, most }: AttemptsWorld): Attempts {
  /** In the order in which they began. */
  const begun = new Slots<Begun>();

  const forget = (nowMs: number): void => {
    for (let old = begun.oldest(); old !== null; old = begun.oldest()) {
      if (begun.size <= most && nowMs - old.value.startedMs < minIntervalMs()) return;
      begun.delete(old.name);
    }
  };

  return {
    of: (look) => async (key, signal, attempt) => {
      const name = `${look} ${key}`;
      for (;;) {
        // With a signal that is aborted nothing is sent: the evidence says so, and nobody needs to wait for it.
        if (signal.aborted) return await attempt();
        const nowMs = clock.nowMs();
        const known = begun.get(name);
        const waitMs = known === undefined ? 0 : known.startedMs + minIntervalMs() - nowMs;
        if (known === undefined || waitMs <= 0) {
          const found = attempt();
          begun.set(name, {
            startedMs: nowMs,
            found: found.then(
              (seen) => (signal.aborted || isSpoilt(nowMs) ? null : seen),
              () => null,
            ),
          });
          forget(nowMs);
          return await found;
        }
        const waiting = branchOf(signal);
        const seen = await Promise.race([known.found, aborted(waiting.signal)]);
        if (seen === null)
          await pause(Math.max(0, known.startedMs + minIntervalMs() - clock.nowMs()), waiting.signal);
        waiting.cancel();
        if (seen !== null) return seen;
      }
    },
  };
}

function aborted(signal: StopSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
