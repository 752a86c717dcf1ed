import { describe, expect, it } from "vitest";
import { createListings } from "../../../../src/run/serve/listings.ts";
import type { ListKey } from "../../../../src/run/serve/listings.ts";

const key: ListKey = { name: "corp.test", options: { domains: ["corp.test"] } };

describe("lists that many ask for", () => {
  it("are asked for once in the interval, and again where that failed", async () => {
    let nowMs = 0;
    let asked = 0;
    const list = createListings(
      { nowMs: () => nowMs },
      () => 1_000,
      async () => {
        asked += 1;
        if (asked === 2) throw new Error("no interface eth9");
        return { hosts: [], answers: [] };
      },
    );
    const [one, other] = await Promise.all([list(key), list(key)]);
    expect([asked, one === other]).toEqual([1, true]);
    nowMs = 1_000;
    await expect(list(key)).rejects.toThrow("no interface eth9");
    expect(await list(key)).toEqual({ hosts: [], answers: [] });
    expect(asked).toBe(3);
  });
});
