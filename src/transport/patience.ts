import { setMaxListeners } from "node:events";
import type { SkipReason } from "../model/outcome.ts";
import { Stop } from "./stop.ts";
import type { StopSignal } from "./stop.ts";

/**
 * Calls `expire` after `timeoutMs`, or at once when the signal aborts; `cancel` makes sure that neither happens.
 *
 * On time-out it lets the event loop poll once more first: an answer that was already in the kernel when the timer
 * fired must win (unpaced, thousands of answered connects were called silent otherwise).
 */
export function patience(
  timeoutMs: number,
  signal: StopSignal,
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
export function skipReason(signal: StopSignal): SkipReason {
  return signal.reason === "deadline" ? "deadline" : "interrupted";
}

/** A signal that aborts with `parent`, or by itself with reason "deadline" after `timeoutMs`. */
export function withDeadline(
  parent: StopSignal,
  timeoutMs: number,
): { signal: StopSignal; cancel: () => void } {
  const { stop, cancel } = childOf(parent);
  const timer = setTimeout(() => stop.abort("deadline"), wholeMs(timeoutMs));
  return {
    signal: stop,
    cancel(): void {
      clearTimeout(timer);
      cancel();
    },
  };
}

/** A signal that aborts with `parent`, or when it is called off; `cancel` ends the first. */
export function branchOf(parent: StopSignal): {
  signal: StopSignal;
  callOff: () => void;
  cancel: () => void;
} {
  const { stop, cancel } = childOf(parent);
  return {
    signal: stop,
    callOff(): void {
      cancel();
      stop.abort("interrupted");
    },
    cancel,
  };
}

function childOf(parent: StopSignal): { stop: Stop; cancel: () => void } {
  const stop = new Stop();
  if (parent.aborted) {
    stop.abort(parent.reason);
    return { stop, cancel: () => {} };
  }
  // Hundreds of waits may hang on one signal: that is no leak.
  if (parent instanceof AbortSignal) setMaxListeners(0, parent);
  const onParent = (): void => stop.abort(parent.reason);
  parent.addEventListener("abort", onParent, { once: true });
  return { stop, cancel: () => parent.removeEventListener("abort", onParent) };
}

/** The next turn of the event loop: what this one still has to do would be in the time of what begins now. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits so long, or until the signal aborts. */
export function pause(ms: number, signal: StopSignal): Promise<void> {
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
