/** Targets that are looked at on their own, each at its interval, spread so that they don't come all at once. */
import type { Clock } from "../../transport/clock.ts";

export type Scheduled<Target> = { target: Target; intervalMs: number };

export type ScheduleWorld<Target> = {
  clock: Clock;
  /** 0 to below 1. */
  random: () => number;
  /** Never rejects. @param onBegin to be called when it begins, which may be later than it was asked for */
  look: (target: Target, onBegin: () => void) => Promise<void>;
  /** @returns ends it */
  after: (ms: number, job: () => void) => () => void;
  onLate: (lateMs: number) => void;
};

/** A tenth of the interval, either way: targets that once came together drift apart. */
export const JITTER = 0.1;
/** The first looks are spread over the interval, but nobody waits longer than this for a first answer. */
const FIRST_WITHIN_MS = 10_000;

/**
 * Begins at once. A look that takes longer than its interval delays its own target only, and is never doubled.
 * @returns ends it; looks that are under way end by themselves
 */
export function runSchedule<Target>(
  targets: readonly Scheduled<Target>[],
  world: ScheduleWorld<Target>,
): () => void {
  const { clock, random, look, after, onLate } = world;
  let over = false;
  const pending = new Set<() => void>();
  const plan = (each: Scheduled<Target>, dueMs: number): void => {
    const end = after(Math.max(0, dueMs - clock.nowMs()), () => {
      pending.delete(end);
      void begin(each, dueMs);
    });
    pending.add(end);
  };
  const begin = async (each: Scheduled<Target>, dueMs: number): Promise<void> => {
    if (over) return;
    await look(each.target, () => onLate(clock.nowMs() - dueMs));
    if (over) return;
    const { intervalMs } = each;
    // From when it was due, so that the pace holds; what was missed (a machine that slept) isn't made up for.
    const next = dueMs + intervalMs * (1 + JITTER * (2 * random() - 1));
    plan(each, Math.max(next, clock.nowMs()));
  };
  for (const each of targets)
    plan(each, clock.nowMs() + random() * Math.min(each.intervalMs, FIRST_WITHIN_MS));
  return () => {
    over = true;
    for (const end of pending) end();
    pending.clear();
  };
}
