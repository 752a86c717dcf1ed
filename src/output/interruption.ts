/**
 * Whether the user has interrupted the program: then nobody is waited for any more who might come and read. One for the
 * process, though each file of the bundle has its own copy of this one; a program that uses the library has none.
 */

declare global {
  var kmsprobeInterruption: AbortSignal | undefined;
}

export function heedInterruption(signal: AbortSignal): void {
  globalThis.kmsprobeInterruption = signal;
}

export function isInterrupted(): boolean {
  return globalThis.kmsprobeInterruption?.aborted === true;
}
