import { describe, expect, it } from "vitest";
import { objRest, spreadProps, spreadValues } from "../../scripts/copies.mjs";

describe("copies of objects in the bundles", () => {
  const symbol = Symbol("a");
  const sources: (object | null | undefined)[] = [
    { b: 1, a: undefined, 2: "x", [symbol]: 3 },
    null,
    undefined,
    Object("ab"),
    [1, 2],
    Object.create({ inherited: 1 }, { hidden: { value: 1 }, own: { value: 2, enumerable: true } }),
    JSON.parse('{"a":1,"__proto__":{"polluted":true}}'),
  ];

  it.each(sources.map((source) => [source]))("are those of a spread: %j", (source) => {
    const copy = spreadValues({}, source);
    const spread = { ...source };
    expect(Reflect.ownKeys(copy)).toEqual(Reflect.ownKeys(spread));
    expect(Object.getOwnPropertyDescriptors(copy)).toEqual(Object.getOwnPropertyDescriptors(spread));
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it("have what is written behind a spread, in its order and in place of what was there", () => {
    const copy = spreadProps(spreadValues({ z: 0 }, { a: 1, b: 2 }), { c: 3, a: 4 });
    expect(JSON.stringify(copy)).toBe('{"z":0,"a":4,"b":2,"c":3}');
  });

  it("lack what was named, and nothing else", () => {
    const source = JSON.parse('{"a":1,"b":2,"c":3,"__proto__":{"polluted":true}}');
    const { a: _, c: __, ...rest } = source;
    const copy = objRest(source, ["a", "c"]);
    expect(Object.getOwnPropertyDescriptors(copy)).toEqual(Object.getOwnPropertyDescriptors(rest));
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});
