/**
 * What a sweep looks at: one row an interval, ascending by port, family and address, disjoint, and one where they
 * adjoin. Plain data: it can be posted to a worker thread.
 */
export type AddressColumns = {
  ports: Uint16Array;
  /** 4 or 6. */
  families: Uint8Array;
  /** The upper 64 bits of an interval's first address, 0 for IPv4. */
  high: BigUint64Array;
  low: BigUint64Array;
  /** `offsets[row]` is the index of the interval's first address; one more than there are rows, the last is the size. */
  offsets: Float64Array;
};
