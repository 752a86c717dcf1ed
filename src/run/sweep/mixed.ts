import type { AddressSpace } from "../../targets/address-set.ts";

/** A device that accepts for a whole subnet may lose a packet now and then. */
const SILENT_SHARE = 0.1;

export type Mixed = {
  /** With a no of any kind. */
  answered: (subnet: number) => void;
  silent: (subnet: number) => void;
};

/**
 * Tells, once for each subnet and as early as it shows, that not all of its addresses accept connections: whoever holds
 * its hosts back as a middlebox may let them go.
 */
export function createMixed(space: AddressSpace, tell: (subnet: number) => void): Mixed {
  const told = new Uint8Array(space.subnets);
  const silent = new Uint32Array(space.subnets);
  const tellOnce = (subnet: number): void => {
    if (told[subnet] === 1) return;
    told[subnet] = 1;
    tell(subnet);
  };
  return {
    answered: tellOnce,
    silent(subnet) {
      if (told[subnet] === 1) return;
      const count = (silent[subnet] ?? 0) + 1;
      silent[subnet] = count;
      if (count > space.plannedOf(subnet) * SILENT_SHARE) tellOnce(subnet);
    },
  };
}
