import { describe, expect, it } from "vitest";
import { createPatience } from "../../../../src/run/sweep/patience.ts";

describe("the patience of a sweep", () => {
  it("is always the same where the user says how long", () => {
    const patience = createPatience(700, 4);
    patience.sample(1, 5);
    expect([patience.timeoutMs(1, 1), patience.timeoutMs(2, 2)]).toEqual([700, 700]);
  });

  it("waits for two SYNs and a second where nothing is known of the subnet, then for four", () => {
    const patience = createPatience(null, 4);
    expect([patience.timeoutMs(0, 1), patience.timeoutMs(0, 2)]).toEqual([2_000, 8_000]);
  });

  it("follows RFC 6298: the first round trip and four times half of it", () => {
    const patience = createPatience(null, 4);
    patience.sample(0, 100);
    expect(patience.timeoutMs(0, 1)).toBe(1_000 + 100 + 4 * 50);
  });

  it("follows RFC 6298: smoothed mean and deviation from the second on", () => {
    const patience = createPatience(null, 4);
    patience.sample(0, 100);
    patience.sample(0, 200);
    const deviation = 0.75 * 50 + 0.25 * 100;
    expect(patience.timeoutMs(0, 1)).toBeCloseTo(1_000 + 112.5 + 4 * deviation, 3);
  });

  it("learns for each subnet on its own", () => {
    const patience = createPatience(null, 4);
    patience.sample(0, 300);
    expect(patience.timeoutMs(1, 1)).toBe(2_000);
  });

  it("never goes below its floor, however near the subnet is", () => {
    const patience = createPatience(null, 1);
    for (let count = 0; count < 50; count++) patience.sample(0, 0);
    expect([patience.timeoutMs(0, 1), patience.timeoutMs(0, 2)]).toEqual([1_200, 7_200]);
  });

  it("never goes above its ceiling, however far it is", () => {
    const patience = createPatience(null, 1);
    patience.sample(0, 60_000);
    expect(patience.timeoutMs(0, 1)).toBe(4_000);
  });
});
