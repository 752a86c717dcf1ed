import { describe, expect, it } from "vitest";
import { abortSignalOf, Stop } from "../../../src/transport/stop.ts";

describe("what ends a wait", () => {
  it("tells each listener once, in their order, with the first reason", () => {
    const stop = new Stop();
    const told: string[] = [];
    const listen = (name: string) => (): void => void told.push(`${name}: ${String(stop.reason)}`);
    const second = listen("b");
    stop.addEventListener("abort", listen("a"));
    stop.addEventListener("abort", second);
    stop.addEventListener("abort", second);
    stop.abort("deadline");
    stop.abort("interrupted");
    expect(told).toEqual(["a: deadline", "b: deadline"]);
    expect(stop.aborted).toBe(true);
  });

  it("tells nobody who has left, also while it tells the others, and nobody who comes late", () => {
    const stop = new Stop();
    const told: string[] = [];
    const late = (): void => void told.push("late");
    const gone = (): void => void told.push("gone");
    stop.addEventListener("abort", gone);
    stop.removeEventListener("abort", gone);
    stop.addEventListener("abort", () => {
      told.push("first");
      stop.removeEventListener("abort", late);
      stop.addEventListener("abort", () => told.push("added"));
    });
    stop.addEventListener("abort", late);
    stop.abort("interrupted");
    expect(told).toEqual(["first"]);
  });

  it("makes an AbortSignal for what takes nothing else, and is one where it is one", () => {
    const stop = new Stop();
    const linked = abortSignalOf(stop);
    const released = abortSignalOf(stop);
    released.release();
    stop.abort("deadline");
    expect([linked.signal.aborted, linked.signal.reason, released.signal.aborted]).toEqual([
      true,
      "deadline",
      false,
    ]);
    expect(abortSignalOf(stop).signal.reason).toBe("deadline");
    const { signal } = new AbortController();
    expect(abortSignalOf(signal).signal).toBe(signal);
  });
});
