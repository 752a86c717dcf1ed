/**
 * Whether the user has interrupted the program: then nobody is waited for any more who might come and read. A program that
 * uses the library has none.
 */

let interruption: AbortSignal | null = null;

/** From now on this signal says that the user wants to end: writing then waits for nobody. */
export function heedInterruption(signal: AbortSignal): void {
  interruption = signal;
}

export function isInterrupted(): boolean {
  return interruption?.aborted === true;
}
