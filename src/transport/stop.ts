/**
 * What ends a wait. An AbortSignal is one; those that this program makes for itself are not, since a probe makes a dozen
 * and each AbortSignal costs ten times as much: an event target, an event, and a call into the runtime for each.
 */

/** The part of an AbortSignal that is used: it may be aborted, with a reason, and tells so once. */
export type StopSignal = {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
};

/** Listeners are called in the order in which they came, once each; what one of them throws is our bug and goes on up. */
export class Stop implements StopSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners = new Set<() => void>();

  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.aborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** @param reason what `reason` says from now on; only the first counts */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    // One that is taken away meanwhile is not called.
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

/** For what takes nothing else, such as a child process. `release` ends the link. */
export function abortSignalOf(stop: StopSignal): { signal: AbortSignal; release: () => void } {
  if (stop instanceof AbortSignal) return { signal: stop, release: () => {} };
  const controller = new AbortController();
  const onStop = (): void => controller.abort(stop.reason);
  stop.addEventListener("abort", onStop, { once: true });
  if (stop.aborted) onStop();
  return { signal: controller.signal, release: () => stop.removeEventListener("abort", onStop) };
}
