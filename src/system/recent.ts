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

/** The same for each of several names. Those that are older are forgotten when another is read. */
export function recentEach<Value>(
  forMs: number,
  read: (name: string) => Value,
  nowMs: () => number = () => performance.now(),
): (name: string) => Value {
  const known = new Map<string, { readMs: number; value: Value }>();
  return (name) => {
    const askedMs = nowMs();
    const last = known.get(name);
    if (last !== undefined && askedMs - last.readMs < forMs) return last.value;
    for (const [each, { readMs }] of known) if (askedMs - readMs >= forMs) known.delete(each);
    const value = read(name);
    known.set(name, { readMs: askedMs, value });
    return value;
  };
}
