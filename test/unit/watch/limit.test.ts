import { describe, expect, test } from "vitest";
import type { AttemptEvidence } from "../../../src/model/evidence.ts";
import { createTurns } from "../../../src/watch/limit.ts";
import type { LimitPicture } from "../../../src/watch/limit.ts";
import { connected, isRefused, isServing, isSilent, serving } from "../verdict/builders.ts";

const PASSED = isServing({});
const SILENT = isSilent({ tcp: { outcome: "no-answer", cause: "deadline", elapsedMs: 4_000, tries: 2 } });
/** Its SYN was sent again before it was let through. */
const AGAIN = connected(serving(), { tcp: { outcome: "ok", facts: { tries: 1 }, elapsedMs: 1_020 } });

/** Looks, each ending so many milliseconds after the one before. */
function pictureOf(...looks: [attempt: AttemptEvidence | null, afterMs: number][]): LimitPicture | null {
  const turns = createTurns();
  let nowMs = 0;
  for (const [attempt, afterMs] of looks) turns.record(attempt, (nowMs += afterMs));
  return turns.picture();
}

const many = (count: number, attempt: AttemptEvidence, afterMs: number): [AttemptEvidence, number][] =>
  Array.from({ length: count }, () => [attempt, afterMs]);

describe("connects that pass and meet silence by turns", () => {
  test("look like a limit from the second time on, with what was passed and how long it was silent", () => {
    const once = [...many(5, PASSED, 1_000), ...many(1, SILENT, 9_000), ...many(2, PASSED, 1_000)];
    expect(pictureOf(...once)).toBeNull();
    const silentAgain: typeof once = [...once, [SILENT, 9_000]];
    expect(pictureOf(...silentAgain)).toBeNull();
    expect(pictureOf(...silentAgain, [PASSED, 1_000])).toEqual({
      turns: [
        { passed: true, connects: 5, ms: 4_000 },
        { passed: false, connects: 2, ms: 9_000 },
        { passed: true, connects: 2, ms: 2_000 },
        { passed: false, connects: 2, ms: 9_000 },
        { passed: true, connects: 1, ms: 1_000 },
      ],
      // 12 in 25 s
      connectsPerMinute: 28.8,
    });
  });

  test("are seen in a SYN that had to be sent again, too", () => {
    const picture = pictureOf(...many(5, PASSED, 1_000), [AGAIN, 2_000], [AGAIN, 2_000]);
    expect(picture?.turns.map(({ passed, connects }) => `${passed} ${connects}`)).toEqual([
      "true 5",
      "false 1",
      "true 1",
      "false 1",
      "true 1",
    ]);
  });

  test.each<[string, [AttemptEvidence | null, number][]]>([
    ["a host that serves", many(100, PASSED, 1_000)],
    ["a host that is silent", many(100, SILENT, 8_000)],
    [
      "outages that are not alike",
      [
        ...many(5, PASSED, 1_000),
        [SILENT, 8_000],
        ...many(3, PASSED, 1_000),
        ...many(40, SILENT, 8_000),
        [PASSED, 1_000],
      ],
    ],
    [
      "an outage a day",
      [
        ...many(9, PASSED, 1_000),
        [SILENT, 8_000],
        ...many(24, PASSED, 3_600_000),
        [SILENT, 8_000],
        [PASSED, 1_000],
      ],
    ],
    [
      "a service that is started and stopped",
      [
        [PASSED, 1_000],
        [SILENT, 8_000],
        [PASSED, 1_000],
        [isRefused({}), 1_000],
        [SILENT, 8_000],
        [PASSED, 1_000],
      ],
    ],
    [
      "what this machine did to itself",
      [
        [PASSED, 1_000],
        [SILENT, 8_000],
        [PASSED, 1_000],
        [null, 1_000],
      ],
    ],
  ])("are not %s", (_, looks) => {
    expect(pictureOf(...looks)).toBeNull();
  });

  test("are told by their latest turns, however long it goes on", () => {
    const looks = Array.from({ length: 1_000 }, (): [AttemptEvidence, number][] => [
      [SILENT, 8_000],
      [PASSED, 1_000],
    ]).flat();
    expect(pictureOf(...looks)?.turns).toHaveLength(7);
  });
});
