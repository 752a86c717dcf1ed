import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BATCH, batchesOf } from "../../../../src/run/sweep/board.ts";
import { recount } from "../../../../src/run/sweep/recount.ts";
import { createTally, numberOf } from "../../../../src/run/sweep/tally.ts";
import { createShardOrder } from "../../../../src/sweep/permutation.ts";
import { spaceOf } from "./builders.ts";

/** No whole number of batches, and subnets of which a part is planned. */
const SPACE = spaceOf(["10.1.0.7", "10.1.23.200"]);
const [REFUSED, SILENT, SERVES] = [
  numberOf("tcp-refused"),
  numberOf("tcp-no-answer"),
  numberOf("rpc-serves"),
];

/** Each address looked up, and counted. */
function counted(batches: { batch: number; outcomes: Uint8Array }[], visit: (place: number) => number) {
  const tally = createTally(SPACE);
  const found: { index: number; code: number }[] = [];
  for (const { batch, outcomes } of batches) {
    outcomes.forEach((code, position) => {
      const index = visit(batch * BATCH + position);
      tally.add(SPACE.subnet(index), code);
      if (code === SERVES) found.push({ index, code });
    });
  }
  return { subnets: tally.subnets(), covered: tally.covered, found };
}

const shards = fc.constantFrom({ index: 1, count: 1 }, { index: 2, count: 3 });
/** How many of eight refuse, and which batches are there. */
const world = fc.record({
  shard: shards,
  refusing: fc.integer({ min: 0, max: 8 }),
  there: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
});

test("what is counted by the usual outcome is what is counted address by address", () => {
  fc.assert(
    fc.property(world, ({ shard, refusing, there }) => {
      const visit = createShardOrder(SPACE.size, 7, shard);
      const size = Math.ceil((SPACE.size - (shard.index - 1)) / shard.count);
      const batches = Array.from({ length: batchesOf(size) }, (_, batch) => ({
        batch,
        outcomes: Uint8Array.from({ length: Math.min(BATCH, size - batch * BATCH) }, (__, place) =>
          place % 8 < refusing ? REFUSED : place % 100 === 99 ? SERVES : SILENT,
        ),
        unsent: 0,
      })).filter(({ batch }) => there[batch] === true);
      const tally = createTally(SPACE);
      const order = { space: SPACE, visit, whole: shard.count === 1 };
      const found = recount(batches, order, tally, (code) => code === SERVES);
      expect({ subnets: tally.subnets(), covered: tally.covered, found }).toEqual(counted(batches, visit));
    }),
  );
});

test("where nearly all are alike, few are looked up", () => {
  let looked = 0;
  const visit = createShardOrder(SPACE.size, 7, { index: 1, count: 1 });
  const counting = (place: number): number => {
    looked += 1;
    return visit(place);
  };
  const batches = Array.from({ length: batchesOf(SPACE.size) }, (_, batch) => ({
    batch,
    outcomes: new Uint8Array(Math.min(BATCH, SPACE.size - batch * BATCH)).fill(REFUSED),
    unsent: 0,
  }));
  batches[2]?.outcomes.fill(SERVES, 5, 8);
  const tally = createTally(SPACE);
  recount(batches, { space: SPACE, visit: counting, whole: true }, tally, () => false);
  expect([looked, tally.covered]).toEqual([3, SPACE.size]);
});
