import { setMaxListeners } from "node:events";
import type { SkipReason } from "../model/outcome.ts";

/**
 * Calls `expire` after `timeoutMs`, or at once when the signal aborts; `cancel` makes sure that neither happens.
 *
 * On time-out it lets the event loop poll once more first: an answer that was already in the kernel when the timer
 * fired must win (unpaced, thousands of answered connects were called silent otherwise).
 */
export function patience(
  timeoutMs: number,
  signal: AbortSignal,
  expire: (why: "silent" | "aborted") => void,
): { cancel: () => void } {
  let done = false;
  const finish = (why: "silent" | "aborted"): void => {
    if (done) return;
    cancel();
    expire(why);
  };
  const onAbort = (): void => finish("aborted");
  const timer = setTimeout(() => setImmediate(() => finish("silent")), wholeMs(timeoutMs));
  const cancel = (): void => {
    done = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) setImmediate(onAbort);
  return { cancel };
}

/** Node cuts fractions off: several waits in a row would end a few milliseconds early. */
function wholeMs(ms: number): number {
  return Math.ceil(ms);
}

/** Why a signal aborted: its reason is "interrupted" or "deadline" wherever this program aborts one. */
export function skipReason(signal: AbortSignal): SkipReason {
  return signal.reason === "deadline" ? "deadline" : "interrupted";
}

/** A signal that aborts with `parent`, or by itself with reason "deadline" after `timeoutMs`. */
export function withDeadline(
  parent: AbortSignal,
  timeoutMs: number,
): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  // Hundreds of waits may hang on one signal: that is no leak.
  setMaxListeners(0, parent, controller.signal);
  const onParent = (): void => controller.abort(parent.reason);
  const timer = setTimeout(() => controller.abort("deadline"), wholeMs(timeoutMs));
  parent.addEventListener("abort", onParent, { once: true });
  if (parent.aborted) onParent();
  return {
    signal: controller.signal,
    cancel(): void {
      clearTimeout(timer);
      parent.removeEventListener("abort", onParent);
    },
  };
}

/** A signal that aborts with `parent`, or when it is called off; `cancel` ends the first. */
export function branchOf(parent: AbortSignal): {
  signal: AbortSignal;
  callOff: () => void;
  cancel: () => void;
} {
  const controller = new AbortController();
  setMaxListeners(0, parent, controller.signal);
  const onParent = (): void => controller.abort(parent.reason);
  parent.addEventListener("abort", onParent, { once: true });
  if (parent.aborted) onParent();
  const cancel = (): void => parent.removeEventListener("abort", onParent);
  return {
    signal: controller.signal,
    callOff(): void {
      cancel();
      controller.abort("interrupted");
    },
    cancel,
  };
}

/** The next turn of the event loop: what this one still has to do would be in the time of what begins now. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits so long, or until the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, wholeMs(ms));
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
