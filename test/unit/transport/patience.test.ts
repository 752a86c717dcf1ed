import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { patience, pause, skipReason, withDeadline } from "../../../src/transport/patience.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate"] });
});
afterEach(() => {
  // Before the timers, since a spy puts back what it found: files share their globals.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** What `expire` was called with, in order. */
function patient(timeoutMs: number, signal: AbortSignal): { said: string[]; cancel: () => void } {
  const said: string[] = [];
  return { said, ...patience(timeoutMs, signal, (why) => said.push(why)) };
}

test("no wait ends early for want of a fraction, which Node cuts off", () => {
  const set = vi.spyOn(globalThis, "setTimeout");
  const { signal } = new AbortController();
  patient(1.2, signal).cancel();
  withDeadline(signal, 1.2).cancel();
  void pause(1.2, signal);
  expect(set.mock.calls.map(([, ms]) => ms)).toEqual([2, 2, 2]);
});

describe("patience", () => {
  test("ends in silence after its time, and not before", () => {
    const { said } = patient(300, new AbortController().signal);
    vi.advanceTimersByTime(299);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1);
    vi.runAllTimers();
    expect(said).toEqual(["silent"]);
  });

  test("lets the event loop turn once more between the timer and the verdict", () => {
    const { said } = patient(300, new AbortController().signal);
    const order: string[] = [];
    setTimeout(() => order.push(`timer: ${said.length}`), 300);
    vi.advanceTimersToNextTimer();
    vi.advanceTimersToNextTimer();
    expect(order).toEqual(["timer: 0"]);
    vi.advanceTimersToNextTimer();
    expect(said).toEqual(["silent"]);
  });

  test("an answer in that last turn wins", () => {
    const { said, cancel } = patient(300, new AbortController().signal);
    setTimeout(cancel, 300);
    vi.runAllTimers();
    expect(said).toEqual([]);
  });

  test("a cancelled wait says nothing, neither for time nor for an abort", () => {
    const controller = new AbortController();
    const { said, cancel } = patient(300, controller.signal);
    cancel();
    controller.abort();
    vi.advanceTimersByTime(1_000);
    expect(said).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("an abort ends it at once, and only once", () => {
    const controller = new AbortController();
    const { said } = patient(300, controller.signal);
    vi.advanceTimersByTime(100);
    controller.abort("interrupted");
    expect(said).toEqual(["aborted"]);
    vi.advanceTimersByTime(1_000);
    expect(said).toEqual(["aborted"]);
  });

  test("an abort between the timer and the verdict is an abort", () => {
    const controller = new AbortController();
    const { said } = patient(300, controller.signal);
    vi.advanceTimersToNextTimer();
    controller.abort();
    vi.runAllTimers();
    expect(said).toEqual(["aborted"]);
  });

  test("a signal that was aborted before ends it on the next turn, not inside the call", () => {
    const { said } = patient(300, AbortSignal.abort());
    expect(said).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(said).toEqual(["aborted"]);
  });

  test("a wait cancelled right after an earlier abort says nothing", () => {
    const { said, cancel } = patient(300, AbortSignal.abort());
    cancel();
    vi.runAllTimers();
    expect(said).toEqual([]);
  });

  test("cancelling twice is cancelling", () => {
    const { said, cancel } = patient(300, new AbortController().signal);
    cancel();
    cancel();
    vi.runAllTimers();
    expect(said).toEqual([]);
  });

  test("leaves no listener on the signal, however it ends", () => {
    const controller = new AbortController();
    const added = vi.spyOn(controller.signal, "addEventListener");
    const removed = vi.spyOn(controller.signal, "removeEventListener");
    patient(300, controller.signal).cancel();
    patient(300, controller.signal);
    vi.runAllTimers();
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});

describe("withDeadline", () => {
  test("aborts with reason deadline when its time is over", () => {
    const { signal } = withDeadline(new AbortController().signal, 5_000);
    vi.advanceTimersByTime(4_999);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect([signal.aborted, signal.reason]).toEqual([true, "deadline"]);
  });

  test("aborts with its parent, for the parent's reason", () => {
    const parent = new AbortController();
    const { signal } = withDeadline(parent.signal, 5_000);
    parent.abort("interrupted");
    expect([signal.aborted, signal.reason]).toEqual([true, "interrupted"]);
    vi.runAllTimers();
    expect(signal.reason).toBe("interrupted");
  });

  test("is aborted from the start under an aborted parent", () => {
    const { signal } = withDeadline(AbortSignal.abort("deadline"), 5_000);
    expect([signal.aborted, signal.reason]).toEqual([true, "deadline"]);
  });

  test("leaves its parent alone", () => {
    const parent = new AbortController();
    withDeadline(parent.signal, 1);
    vi.runAllTimers();
    expect(parent.signal.aborted).toBe(false);
  });

  test("does nothing any more once cancelled", () => {
    const parent = new AbortController();
    const { signal, cancel } = withDeadline(parent.signal, 5_000);
    cancel();
    parent.abort("interrupted");
    vi.runAllTimers();
    expect(signal.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("nests: the shorter of two deadlines ends the inner one alone", () => {
    const outer = withDeadline(new AbortController().signal, 1_000);
    const inner = withDeadline(outer.signal, 100);
    vi.advanceTimersByTime(100);
    expect([outer.signal.aborted, inner.signal.aborted]).toEqual([false, true]);
  });
});

describe("skipReason", () => {
  test.each([
    ["deadline", "deadline"],
    ["interrupted", "interrupted"],
    [undefined, "interrupted"],
    [new Error("deadline"), "interrupted"],
  ])("of a signal aborted with %s is %s", (reason, expected) => {
    expect(skipReason(AbortSignal.abort(reason))).toBe(expected);
  });
});
