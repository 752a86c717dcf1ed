import { describe, expect, it } from "vitest";
import { addressesOfShards } from "../../../../src/sweep/coverage.ts";
import { BATCH, batchesOf, createBoard, openBoard } from "../../../../src/run/sweep/board.ts";

describe("the board of a sweep", () => {
  it("gives every batch to one thread only, and none that an earlier run has done", () => {
    const board = createBoard(20);
    const other = openBoard(board.memory, 20);
    for (const done of [0, 7, 8, 19]) board.skip(done);
    const claimed: number[] = [];
    for (;;) {
      const batch = (claimed.length % 2 === 0 ? board : other).claim();
      if (batch === null) break;
      claimed.push(batch);
    }
    expect(claimed).toEqual([1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
    expect(other.claim()).toBeNull();
  });

  it("shows all threads how far they are, and when to stop or pause", () => {
    const board = createBoard(1);
    const other = openBoard(board.memory, 1);
    board.settle(3);
    other.settle(4);
    other.stopped = true;
    board.paused = true;
    expect([board.settled, board.stopped, other.paused]).toEqual([7, true, true]);
    board.paused = false;
    expect(other.paused).toBe(false);
  });

  it("counts beyond 31 bits", () => {
    const board = createBoard(1);
    board.settle(2 ** 31 - 1);
    board.settle(10);
    expect(board.settled).toBe(2 ** 31 + 9);
  });

  it("splits any range into shards without rest or overlap", () => {
    for (const total of [0, 1, 5, 254, 65_536]) {
      for (const count of [1, 2, 3, 7]) {
        const sizes = Array.from({ length: count }, (_, at) =>
          addressesOfShards({ addresses: total }, { index: at + 1, count }),
        );
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    }
  });

  it("makes a batch of the rest", () => {
    expect([0, 1, BATCH, BATCH + 1].map(batchesOf)).toEqual([0, 1, 1, 2]);
  });
});
