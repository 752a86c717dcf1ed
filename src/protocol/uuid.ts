import { concat, fromHex } from "./bytes.ts";

/**
 * A UUID as DCE/RPC puts it on the wire: the first three fields little-endian, the rest as written
 * (C706 appendix A, with the data representation we send).
 */
export function uuidBytes(uuid: string): Uint8Array {
  const [low, mid, high, clock, node] = uuid.split("-").map(fromHex);
  if (
    low?.length !== 4 ||
    mid?.length !== 2 ||
    high?.length !== 2 ||
    clock?.length !== 2 ||
    node?.length !== 6
  ) {
    throw new RangeError(`not a UUID: ${uuid}`);
  }
  return concat([low.toReversed(), mid.toReversed(), high.toReversed(), clock, node]);
}
