/**
 * What earlier runs came to, counted by subnet again. Which subnet an address is in takes the permutation of the sweep;
 * most addresses of a large one have one outcome, so that all are taken to have it, and only those are looked up that
 * have another one, or have not been looked at.
 */
import type { AddressSpace } from "../../targets/address-set.ts";
import { BATCH } from "./board.ts";
import type { Past } from "./journal-past.ts";
import type { Tally } from "./tally.ts";

/** An address with the number of its outcome. */
export type Recounted = { index: number; code: number };

/**
 * @param visit the number of an address by its place; `whole`: that of all addresses, and not of a shard
 * @param wanted outcomes, by their numbers, whose addresses are asked for
 * @returns those addresses, in the order of the batches
 */
export function recount(
  batches: Past["batches"],
  { space, visit, whole }: { space: AddressSpace; visit: (place: number) => number; whole: boolean },
  tally: Tally,
  wanted: (code: number) => boolean,
): Recounted[] {
  const found: Recounted[] = [];
  const { usual, times, all } = countOutcomes(batches);
  const assumed = whole && space.size - times < all ? usual : null;
  if (assumed !== null) tally.assume(assumed);
  const isWanted = Uint8Array.from({ length: 256 }, (_, code) => Number(wanted(code)));
  for (const { batch, outcomes } of batches) {
    const first = batch * BATCH;
    for (let position = 0; position < outcomes.length; position++) {
      const code = outcomes[position] ?? 0;
      if (code === assumed && isWanted[code] === 0) continue;
      const index = visit(first + position);
      if (isWanted[code] === 1) found.push({ index, code });
      if (code === assumed) continue;
      const subnet = space.subnet(index);
      if (assumed !== null) tally.take(subnet, assumed);
      tally.add(subnet, code);
    }
  }
  if (assumed !== null) {
    const there = new Set(batches.map(({ batch }) => batch));
    for (let first = 0; first < space.size; first += BATCH) {
      if (there.has(first / BATCH)) continue;
      const end = Math.min(first + BATCH, space.size);
      for (let place = first; place < end; place++) tally.take(space.subnet(visit(place)), assumed);
    }
  }
  return found;
}

/** The outcome that most have, and how many; of how many. */
function countOutcomes(batches: Past["batches"]): { usual: number; times: number; all: number } {
  const counts = new Float64Array(256);
  let all = 0;
  for (const { outcomes } of batches) {
    all += outcomes.length;
    for (let position = 0; position < outcomes.length; position++) {
      const code = outcomes[position] ?? 0;
      counts[code] = (counts[code] ?? 0) + 1;
    }
  }
  const times = counts.reduce((most, count) => Math.max(most, count), 0);
  return { usual: counts.indexOf(times), times, all };
}
