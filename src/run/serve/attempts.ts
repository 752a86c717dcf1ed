/** Attempts at addresses, shared by all looks: none begins sooner after the one before than is stated. */
import type { AttemptEvidence } from "../../model/evidence.ts";
import type { ShareAttempt } from "../addresses.ts";
import type { Clock } from "../../transport/clock.ts";
import { pause } from "../../transport/patience.ts";
import { Stop } from "../../transport/stop.ts";
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

/** The last who waits for it ends it. */
type Begun = { startedMs: number; waiting: number; stop: Stop; found: Promise<AttemptEvidence> };

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
  const begin = (name: string, attempt: Parameters<ShareAttempt>[2]): Begun => {
    const stop = new Stop();
    const startedMs = clock.nowMs();
    const one = { startedMs, waiting: 0, stop, found: attempt(stop) };
    begun.set(name, one);
    forget(startedMs);
    return one;
  };

  /** Ways of looking by number, so that a name is short. */
  const ways = new Map<string, number>();
  const wayOf = (look: string): number => {
    const way = ways.get(look) ?? ways.size;
    ways.set(look, way);
    return way;
  };

  const shareOf =
    (way: number): ShareAttempt =>
    async (key, signal, attempt) => {
      const name = `${way} ${key}`;
      for (;;) {
        // With a signal that is aborted nothing is sent: the evidence says so, and nobody needs to wait for it.
        if (signal.aborted) return await attempt(signal);
        const known = begun.get(name);
        const restMs = (): number =>
          known === undefined ? 0 : known.startedMs + minIntervalMs() - clock.nowMs();
        if (known === undefined || restMs() <= 0) {
          const seen = await seenOf(begin(name, attempt), signal);
          if (seen !== null) return seen;
        } else {
          const seen = await seenOf(known, signal).catch(() => null);
          // Cut short, or spoilt: what it saw says nothing to one who has time.
          const isWhole = !known.stop.aborted || signal.aborted;
          if (seen !== null && isWhole && !isSpoilt(known.startedMs)) return seen;
          await pause(Math.max(0, restMs()), signal);
        }
      }
    };

  return { of: (look) => shareOf(wayOf(look)) };
}

/** @returns null for one whose signal aborted while others went on waiting */
function seenOf(one: Begun, signal: StopSignal): Promise<AttemptEvidence | null> {
  return new Promise((resolve, reject) => {
    one.waiting += 1;
    const leave = (): void => {
      one.waiting -= 1;
      if (one.waiting > 0) resolve(null);
      // What it saw by then comes at once.
      else one.stop.abort(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    one.found.finally(() => signal.removeEventListener("abort", leave)).then(resolve, reject);
  });
}
