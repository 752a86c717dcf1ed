/**
 * What `read` said, again for so long: an exporter asks the same of this machine hundreds of times a second. For what
 * may be that old without saying anything else.
 */
export function recent<Value>(
  forMs: number,
  read: () => Value,
  nowMs: () => number = () => performance.now(),
): () => Value {
  let last: { readMs: number; value: Value } | null = null;
  return () => {
    const askedMs = nowMs();
    if (last === null || askedMs - last.readMs >= forMs) last = { readMs: askedMs, value: read() };
    return last.value;
  };
}
