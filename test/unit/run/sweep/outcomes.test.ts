import { describe, expect, it } from "vitest";
import { createUnpacking, packOutcomes, unpackOutcomes } from "../../../../src/run/sweep/outcomes.ts";

const filled = (length: number, code: number, ...but: [number, number][]): Uint8Array => {
  const outcomes = new Uint8Array(length).fill(code);
  for (const [at, other] of but) outcomes[at] = other;
  return outcomes;
};

describe("the outcomes of a batch, written", () => {
  it.each([
    ["all alike", filled(1_024, 12), "=12*1024"],
    ["one of them another", filled(1_024, 12, [1_020, 3]), "=12*1020,3,12*3"],
    ["a single one", filled(1, 7), "=7"],
    ["the last batch, which is shorter", filled(50, 200, [0, 1]), "=1,200*49"],
  ])("%s", (_, outcomes, text) => {
    expect(packOutcomes(outcomes)).toBe(text);
    expect(unpackOutcomes(text, outcomes.length, 200)).toEqual(outcomes);
  });

  it("as bytes where they change all the time", () => {
    const mixed = Uint8Array.from({ length: 1_024 }, (_, at) => 100 + (at % 9));
    const text = packOutcomes(mixed);
    expect(text).toBe(Buffer.from(mixed).toString("base64"));
    expect(Uint8Array.from(unpackOutcomes(text, 1_024, 120) ?? [])).toEqual(mixed);
  });

  it.each([
    ["too few", "=12*1023", 1_024],
    ["too many", "=12*1025", 1_024],
    ["far too many, for little text", "=12*9999999,12*9999999", 1_024],
    ["none", "=", 1],
    ["no times at all", "=12*0,12*4", 4],
    ["a number that is no byte", "=256*4", 4],
    ["no numbers", "=a,b", 2],
    ["a sign", "=-1*4", 4],
    ["too few bytes", "AAAA", 4],
    ["an outcome that is none", "=0*4", 4],
    ["one that is none, as bytes", "AQEBAA==", 4],
  ])("and read back: %s is nothing", (_, text, length) => {
    expect(unpackOutcomes(text, length, 255)).toBeNull();
  });

  it.each(["=13*4", "DQ0NDQ=="])("and read back: %s is nothing where there are twelve outcomes", (text) => {
    expect(unpackOutcomes(text, 4, 12)).toBeNull();
    expect(unpackOutcomes(text, 4, 13)).not.toBeNull();
  });

  it("of a whole sweep: batches that are alike share their outcomes, others don't", () => {
    const unpack = createUnpacking(20);
    expect(unpack("=12*1024", 1_024)).toBe(unpack("=12*1024", 1_024));
    expect(unpack("=12*1024", 50)).toBeNull();
    expect(unpack("=12*1023,3", 1_024)).not.toBe(unpack("=12*1023,3", 1_024));
    expect(unpack("=21*1024", 1_024)).toBeNull();
  });
});
