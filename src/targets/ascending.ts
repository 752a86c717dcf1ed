/** The last place that holds no more than `value`, among the first `length`. */
export function lastUpTo(ascending: Float64Array | Uint32Array, value: number, length: number): number {
  let from = 0;
  let to = length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] ?? 0) <= value) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}
