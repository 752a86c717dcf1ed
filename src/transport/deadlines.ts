import type { Clock } from "./clock.ts";

/** How often deadlines are looked at. */
const SCAN_MS = 10;

/** Whoever waits for an end; what is in it is `Deadlines`' own to write. */
export type Waiter = {
  startedMs: number;
  deadlineMs: number;
  /** Its place among those that wait; -1 while it does not. */
  place: number;
  overdue: boolean;
};

/** One that waits for nothing yet. */
export const IDLE: Waiter = { startedMs: 0, deadlineMs: 0, place: -1, overdue: false };

/** Those that wait, each until a deadline of its own: one timer and one list for all. */
export type Deadlines<W extends Waiter> = {
  /** It begins to wait now. */
  add: (waiter: W, timeoutMs: number) => void;
  /** It waits no more. @returns false where it has ended before */
  settle: (waiter: W) => boolean;
  at: (place: number) => W | undefined;
  readonly size: number;
  all: () => W[];
};

/**
 * @param onDue asked when a deadline has passed: how much longer to wait, in milliseconds; 0 ends it
 * @param onExpired told of one that has ended so
 */
export function createDeadlines<W extends Waiter>(
  clock: Clock,
  onDue: (waiter: W) => number,
  onExpired: (waiter: W) => void,
): Deadlines<W> {
  const waiting: W[] = [];
  let scan: NodeJS.Timeout | null = null;

  function settle(waiter: W): boolean {
    if (waiter.place < 0) return false;
    const last = waiting.pop();
    if (last !== undefined && last !== waiter) {
      waiting[waiter.place] = last;
      last.place = waiter.place;
    }
    waiter.place = -1;
    waiter.overdue = false;
    if (waiting.length === 0 && scan !== null) {
      clearInterval(scan);
      scan = null;
    }
    return true;
  }

  function look(): void {
    const nowMs = clock.nowMs();
    let some = false;
    for (const waiter of waiting) {
      if (waiter.deadlineMs > nowMs) continue;
      waiter.overdue = true;
      some = true;
    }
    // One more poll first: an answer that is already in the kernel must win over our own lateness.
    if (some) setImmediate(expire);
  }

  function expire(): void {
    for (const waiter of waiting.filter(({ overdue }) => overdue)) {
      // Whoever is told of one may end them all, and one that has ended may have begun again.
      if (!waiter.overdue) continue;
      waiter.overdue = false;
      const moreMs = onDue(waiter);
      if (moreMs > 0) waiter.deadlineMs = clock.nowMs() + moreMs;
      else if (settle(waiter)) onExpired(waiter);
    }
  }

  return {
    add(waiter, timeoutMs) {
      waiter.startedMs = clock.nowMs();
      waiter.deadlineMs = waiter.startedMs + timeoutMs;
      waiter.place = waiting.push(waiter) - 1;
      scan ??= setInterval(look, SCAN_MS);
    },
    settle,
    at: (place) => waiting[place],
    get size() {
      return waiting.length;
    },
    all: () => waiting.slice(),
  };
}
