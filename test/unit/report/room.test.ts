import { describe, expect, it } from "vitest";
import { cutTo, fitting, utf8Length } from "../../../src/report/room.ts";

describe("what fits", () => {
  it("is counted in bytes, with what stands between", () => {
    expect(utf8Length("aé🐟")).toBe(7);
    expect(fitting(["aa", "é", "b"], 6, 1)).toEqual(["aa", "é"]);
    expect(fitting(["aa", "é", "b"], 5, 1)).toEqual(["aa"]);
    expect(fitting(["aa", "é", "b"], 8, 1)).toEqual(["aa", "é", "b"]);
    expect(fitting(["aaaa", "b"], 3, 1)).toEqual([]);
    expect(fitting(["a"], -1, 1)).toEqual([]);
  });

  it.each([
    [3, "abc", "abc"],
    [3, "abcd", "…"],
    [5, "abcdef", "ab…"],
    [7, "🐟🐟", "🐟…"],
    [6, "🐟🐟", "…"],
  ])("in %i bytes of %j is %j", (room, text, cut) => {
    expect(cutTo(room, text)).toBe(cut);
  });
});
