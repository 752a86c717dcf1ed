/** This machine's clock on the wall. */
export function wallClock(): { ms: number; iso: string } {
  const now = new Date();
  return { ms: now.getTime(), iso: now.toISOString() };
}
