import { addressesAtATime } from "../../system/limits.ts";

/** How the descriptors that this process has left are shared out: what is not opened for want of one says nothing. */
export type Descriptors = {
  /** Connections of those who ask. */
  clients: number;
  /** Addresses that are probed at a time, over all looks. */
  addresses: number;
  looks: number;
};

const MOST: Descriptors = { clients: 256, addresses: 2_048, looks: 64 };
const LEAST: Descriptors = { clients: 4, addresses: 1, looks: 1 };

/** @param room addresses that there are descriptors for, four each */
export function shareDescriptors(room = addressesAtATime()): Descriptors {
  const within = (share: keyof Descriptors, wanted: number): number =>
    Math.max(LEAST[share], Math.min(MOST[share], Math.floor(wanted)));
  const clients = within("clients", room);
  return { clients, addresses: within("addresses", room - clients / 4), looks: within("looks", room / 2) };
}
