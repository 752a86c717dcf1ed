import { describe, expect, it } from "vitest";
import { Slots } from "../../../../src/run/serve/slots.ts";

type Value = { readonly of: string };

/** What it holds, oldest first; it is empty afterwards. */
function drained(slots: Slots<Value>): string[] {
  const found: string[] = [];
  for (let old = slots.oldest(); old !== null; old = slots.oldest()) {
    found.push(`${old.name}=${old.value.of}`);
    slots.delete(old.name);
  }
  return found;
}

function filled(...names: string[]): Slots<Value> {
  const slots = new Slots<Value>();
  for (const name of names) slots.set(name, { of: name });
  return slots;
}

describe("slots", () => {
  it("hold a value for each name, in the order in which they were set last", () => {
    const slots = filled("a", "b", "c");
    slots.set("a", { of: "again" });
    expect([slots.size, slots.get("a"), slots.get("b")]).toEqual([3, { of: "again" }, { of: "b" }]);
    expect(drained(slots)).toEqual(["b=b", "c=c", "a=again"]);
    expect([slots.size, slots.get("a"), slots.oldest()]).toEqual([0, undefined, null]);
  });

  it.each([
    ["a", ["b=b", "c=c", "d=d"]],
    ["b", ["a=a", "c=c", "d=d"]],
    ["c", ["a=a", "b=b", "d=d"]],
    ["nobody", ["a=a", "b=b", "c=c", "d=d"]],
  ])("are emptied anywhere, and filled again: %s", (name, left) => {
    const slots = filled("a", "b", "c");
    slots.delete(name);
    slots.delete(name);
    slots.set("d", { of: "d" });
    expect(slots.size).toBe(left.length);
    expect(drained(slots)).toEqual(left);
    slots.set("e", { of: "e" });
    expect(drained(slots)).toEqual(["e=e"]);
  });

  it("keep what they hold, however many names come and go", () => {
    const slots = filled("stays");
    for (let index = 0; index < 10_000; index += 1) {
      slots.set(`name-${index}`, { of: "one of many" });
      if (index >= 10) slots.delete(`name-${index - 10}`);
    }
    expect([slots.size, slots.get("stays"), slots.get("name-0")]).toEqual([11, { of: "stays" }, undefined]);
    expect(drained(slots).slice(0, 2)).toEqual(["stays=stays", "name-9990=one of many"]);
  });
});
