import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isoOf, isPlausible, toUnixMs } from "../../../src/protocol/calendar.ts";

/** Node's own calendar, which the program doesn't use here, as the other opinion. */
describe("against Node's calendar", () => {
  const moment = fc.oneof(
    fc.constantFrom(0, -1, 951_782_399_999, 951_782_400_000, 4_107_542_400_000, 253_402_300_799_999),
    fc.integer({ min: Date.UTC(0, 2, 1) - 5e13, max: 253_402_300_799_999 }),
  );

  test("any moment of the years 0 to 9999 is written the same", () => {
    fc.assert(
      fc.property(
        moment.filter((ms) => ms >= -62_167_219_200_000),
        (ms) => {
          expect(isoOf(ms)).toBe(new Date(ms).toISOString());
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("fractions of a millisecond are cut off, also before 1970", () => {
    expect(isoOf(1_500_000_000_000.999)).toBe("2017-07-14T02:40:00.000Z");
    expect(isoOf(-0.5)).toBe("1969-12-31T23:59:59.999Z");
  });

  test("any day of the years 1 to 9999 comes back as its milliseconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
        const date = new Date(seconds * 1000);
        const parts = {
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
          hour: date.getUTCHours(),
          minute: date.getUTCMinutes(),
          second: date.getUTCSeconds(),
        };
        expect(toUnixMs(parts)).toBe(seconds * 1000);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("what is no time", () => {
  const noon = { year: 2024, month: 2, day: 29, hour: 12, minute: 0, second: 0 };

  test.each([
    { month: 0 },
    { month: 13 },
    { day: 0 },
    { day: 30 },
    { year: 2023 },
    { year: 2100 },
    { month: 4, day: 31 },
    { hour: 24 },
    { minute: 60 },
    { second: 61 },
  ])("%o", (wrong) => {
    expect(toUnixMs({ ...noon, ...wrong })).toBeNull();
  });

  test("2000 has a 29th of February, and second 60 is a leap second", () => {
    expect(toUnixMs({ ...noon, year: 2000 })).toBe(Date.UTC(2000, 1, 29, 12));
    expect(toUnixMs({ year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60 })).toBe(
      Date.UTC(2017, 0, 1),
    );
  });

  test("clocks are believed from 1970 to 2200", () => {
    expect([-1, 0, Date.UTC(2200, 0, 1) - 1, Date.UTC(2200, 0, 1)].map(isPlausible)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
