import { expect, test } from "vitest";
import { recent, recentEach } from "../../../src/system/recent.ts";

test("what was read is told again for so long, and no longer", () => {
  let nowMs = 5;
  let value = 1;
  const ask = recent(
    100,
    () => value,
    () => nowMs,
  );
  expect(ask()).toBe(1);
  value = 2;
  nowMs = 104;
  expect(ask()).toBe(1);
  nowMs = 105;
  expect(ask()).toBe(2);
});

test("asking does not make it last", () => {
  let nowMs = 0;
  let reads = 0;
  const ask = recent(
    100,
    () => (reads += 1),
    () => nowMs,
  );
  for (; nowMs < 1_000; nowMs += 10) ask();
  expect(reads).toBe(10);
});

test("nothing that was read is told again, too", () => {
  let reads = 0;
  const ask = recent(
    100,
    () => {
      reads += 1;
      return null;
    },
    () => 0,
  );
  expect([ask(), ask(), reads]).toEqual([null, null, 1]);
});

test("of several names each is told again for so long, and what is older is forgotten", () => {
  let nowMs = 0;
  const read: string[] = [];
  const ask = recentEach(
    100,
    (name) => read.push(name),
    () => nowMs,
  );
  expect([ask("a"), ask("b"), ask("a")]).toEqual([1, 2, 1]);
  nowMs = 99;
  expect(ask("b")).toBe(2);
  nowMs = 100;
  expect([ask("a"), ask("b")]).toEqual([3, 4]);
  expect(read).toEqual(["a", "b", "a", "b"]);
});
