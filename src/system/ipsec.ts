import fs from "node:fs/promises";

/**
 * How many packets of this machine an IPsec policy has thrown away because there is no security association for them
 * (Linux, readable by all). Nothing else shows such a policy to an ordinary user. Null where the kernel has no count.
 */
export async function packetsWithoutState(): Promise<number | null> {
  const text = await fs.readFile("/proc/net/xfrm_stat", "latin1").catch(() => "");
  return countIn(text);
}

/** @param text of /proc/net/xfrm_stat */
export function countIn(text: string): number | null {
  const [, count] = /^XfrmOutNoStates\s+(\d+)$/m.exec(text) ?? [];
  return count === undefined ? null : Number(count);
}
