/** Spreads 32 bits over 32 bits (the finalizer of MurmurHash3). */
export function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

const LANES = 4;

/**
 * 128 bits that tell inputs apart, as 32 hex digits: the same on every machine. It keeps nothing secret and stops nobody
 * who means to deceive; two sweeps by chance alike it does.
 *
 * @param columns their bytes count, and where one ends
 */
export function digestOf(seed: number, columns: readonly ArrayBufferView[]): string {
  const lanes = Array.from({ length: LANES }, (_, lane) => mix(seed ^ mix(lane + 1)));
  const enter = (word: number): void => {
    for (let lane = 0; lane < LANES; lane++) {
      // Each lane goes its own way, and takes its neighbour along.
      lanes[lane] = mix((lanes[lane] ?? 0) ^ word ^ mix((lanes[(lane + 1) % LANES] ?? 0) + lane));
    }
  };
  for (const { buffer, byteOffset, byteLength } of columns) {
    enter(byteLength);
    const bytes = new DataView(buffer, byteOffset, byteLength);
    for (let at = 0; at < byteLength; at += 4) {
      if (at + 4 <= byteLength) enter(bytes.getInt32(at, true));
      else for (let rest = at; rest < byteLength; rest++) enter(bytes.getUint8(rest));
    }
  }
  return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
}
