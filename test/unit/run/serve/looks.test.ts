import { describe, expect, it } from "vitest";
import type { Report } from "../../../../src/model/report.ts";
import { createLooks } from "../../../../src/run/serve/looks.ts";
import type { Asker } from "../../../../src/run/serve/looks.ts";
import { scenes } from "../../report/check/scenes.ts";

const whole = scenes["all-serving"];
const partial: Report = { ...whole, interrupted: true };

/** A world in which a look ends when the test says so, or, cut short, as soon as it is stopped. */
function world(minIntervalMs = 1_000) {
  let nowMs = 0;
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const looks = createLooks<string, Report>({
    clock: { nowMs: () => nowMs },
    nameOf: (name) => name,
    minIntervalMs: () => minIntervalMs,
    most: 2,
    check: (name, signal) => {
      begun.push(name);
      return new Promise((resolve) => {
        ends.push(() => resolve(whole));
        signal.addEventListener("abort", () => resolve(partial));
      });
    },
  });
  return {
    looks,
    begun,
    end: (index: number) => ends[index]?.(),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

function asker(limitMs = 60_000): Asker & { leave: () => void } {
  let leaves: (() => void)[] = [];
  return {
    limitMs,
    onLeave(leave) {
      leaves.push(leave);
      return () => (leaves = leaves.filter((each) => each !== leave));
    },
    leave: () => leaves.forEach((leave) => leave()),
  };
}

describe("looks that many ask for", () => {
  it("are one for all who ask meanwhile", async () => {
    const { looks, begun, end } = world();
    const asked = [looks.ask("a", asker()), looks.ask("a", asker()), looks.ask("b", asker())];
    end(0);
    end(1);
    const answers = await Promise.all(asked);
    expect(begun).toEqual(["a", "b"]);
    expect(answers.map(({ look, shared }) => [look, shared])).toEqual([
      [whole, false],
      [whole, true],
      [whole, false],
    ]);
  });

  it("begin no sooner than the minimum interval after the one before, and are told again in between", async () => {
    const { looks, begun, end, pass } = world(1_000);
    const first = looks.ask("a", asker());
    end(0);
    await first;
    pass(999);
    expect(await looks.ask("a", asker())).toEqual({ look: whole, ageMs: 999, shared: true });
    expect(begun).toHaveLength(1);
    pass(1);
    const again = looks.ask("a", asker());
    end(1);
    expect((await again).ageMs).toBe(0);
    expect(begun).toHaveLength(2);
  });

  it("are cut short for one who has no more time, and told as far as they went", async () => {
    const { looks } = world();
    expect(await looks.ask("a", asker(5))).toEqual({ look: partial, ageMs: 0, shared: false });
  });

  it("are not cut short while somebody else waits for the whole", async () => {
    const { looks, end } = world();
    const patient = looks.ask("a", asker());
    expect((await looks.ask("a", asker(5))).look).toBeNull();
    end(0);
    expect((await patient).look).toBe(whole);
  });

  it("end when everybody has left", async () => {
    const { looks } = world();
    const [one, two] = [asker(), asker()];
    const asked = [looks.ask("a", one), looks.ask("a", two)];
    one.leave();
    expect((await asked[0])?.look).toBeNull();
    two.leave();
    await asked[1];
    expect(looks.newest("a")).toBe(partial);
  });

  it("that fail are told to all who wait, and tried again by the next", async () => {
    let tries = 0;
    const looks = createLooks<string, Report>({
      clock: { nowMs: () => 0 },
      nameOf: (name) => name,
      minIntervalMs: () => 1_000,
      most: 2,
      check: async () => {
        tries += 1;
        if (tries === 1) throw new Error("no interface eth9");
        return whole;
      },
    });
    await expect(looks.ask("a", asker())).rejects.toThrow("no interface eth9");
    expect((await looks.ask("a", asker())).look).toBe(whole);
  });

  it("are kept up to a number, the newest", async () => {
    const { looks, end } = world();
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const asked = looks.ask(name, asker());
      end(index);
      await asked;
    }
    expect(["a", "b", "c"].map((name) => looks.newest(name) !== null)).toEqual([false, true, true]);
  });

  it("are forgotten after the interval, unless they are to be kept, however many others there are", async () => {
    const { looks, end, pass } = world(1_000);
    looks.keep(["a"]);
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const asked = looks.ask(name, asker());
      end(index);
      await asked;
      pass(700);
      if (name === "b") looks.keep(["a"]);
    }
    expect(["a", "b", "c"].map((name) => looks.newest(name) !== null)).toEqual([true, true, true]);
    pass(1_000);
    const asked = looks.ask("c", asker());
    end(3);
    await asked;
    expect(["a", "b", "c"].map((name) => looks.newest(name) !== null)).toEqual([true, false, true]);
    looks.keep([]);
    pass(1_000);
    const last = looks.ask("b", asker());
    end(4);
    await last;
    expect(["a", "b", "c"].map((name) => looks.newest(name) !== null)).toEqual([false, true, false]);
  });

  it("are forgotten as soon as the interval is over, with the next that ends", async () => {
    const { looks, end, pass } = world(10);
    for (const [index, name] of ["a", "b"].entries()) {
      const asked = looks.ask(name, asker());
      end(index);
      await asked;
      pass(10);
    }
    expect(["a", "b"].map((name) => looks.newest(name) !== null)).toEqual([false, true]);
  });

  it("that were cut short for one in a hurry are no answer for one who has time", async () => {
    const { looks, begun, end } = world(60_000);
    expect((await looks.ask("a", asker(5))).look).toBe(partial);
    expect((await looks.ask("a", asker(0))).look).toBe(partial);
    expect(begun).toHaveLength(1);
    const patient = looks.ask("a", asker(10_000));
    end(1);
    expect((await patient).look).toBe(whole);
    expect(begun).toHaveLength(2);
  });
});
