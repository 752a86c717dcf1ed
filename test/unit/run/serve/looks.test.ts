import { describe, expect, it } from "vitest";
import type { Report } from "../../../../src/model/report.ts";
import { createLooks } from "../../../../src/run/serve/looks.ts";
import type { Asker } from "../../../../src/run/serve/looks.ts";
import { scenes } from "../../report/check/scenes.ts";

const whole = scenes["all-serving"];
const partial: Report = { ...whole, interrupted: true };

/**
 * A world in which a look ends when the test says so, or, cut short, as soon as it is stopped; `isDeaf`: then not either.
 */
function world(minIntervalMs = 1_000, { isDeaf = false } = {}) {
  let nowMs = 0;
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const begins: (() => void)[] = [];
  const looks = createLooks<string, Report>({
    clock: { nowMs: () => nowMs },
    nameOf: (name) => name,
    minIntervalMs: () => minIntervalMs,
    most: 2,
    check: (name, signal, begin) => {
      begun.push(name);
      begins.push(begin);
      return new Promise((resolve) => {
        ends.push(() => resolve(signal.aborted ? partial : whole));
        if (!isDeaf) signal.addEventListener("abort", () => resolve(partial));
      });
    },
  });
  return {
    looks,
    begun,
    begin: (index: number) => begins[index]?.(),
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

  it("that were stopped and have yet to end are waited for by one who has time, who then has one of his own", async () => {
    const { looks, begun, end } = world(60_000, { isDeaf: true });
    expect((await looks.ask("a", asker(5))).look).toBeNull();
    const patient = looks.ask("a", asker(10_000));
    const scheduled = looks.ask("a", asker(Infinity));
    const hasty = looks.ask("a", asker(0));
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toHaveLength(1);
    end(0);
    expect((await hasty).look).toBe(partial);
    await new Promise((resolve) => setImmediate(resolve));
    end(1);
    expect([(await patient).look, (await scheduled).look]).toEqual([whole, whole]);
    expect(begun).toHaveLength(2);
  });

  it("that were stopped and do not end keep nobody longer than his time", async () => {
    const { looks, begun } = world(60_000, { isDeaf: true });
    await looks.ask("a", asker(0));
    expect((await looks.ask("a", asker(30))).look).toBeNull();
    expect(begun).toHaveLength(1);
  });

  it("are waited for without end by one who has no limit, until he leaves", async () => {
    const { looks, end } = world();
    const scheduled = asker(Infinity);
    const asked = looks.ask("a", scheduled);
    expect((await looks.ask("a", asker(20))).look).toBeNull();
    end(0);
    expect((await asked).look).toBe(whole);
    const other = looks.ask("b", scheduled);
    scheduled.leave();
    expect((await other).look).toBe(partial);
  });

  it("tell all who wait that they begin, and at once those who come later", async () => {
    const { looks, begin, end } = world();
    const told: string[] = [];
    const ask = (who: string) => looks.ask("a", { ...asker(), onBegin: () => void told.push(who) });
    const asked = [ask("first"), ask("joined")];
    expect(told).toEqual([]);
    begin(0);
    expect(told).toEqual(["first", "joined"]);
    asked.push(ask("later"));
    expect(told).toEqual(["first", "joined", "later"]);
    end(0);
    await Promise.all(asked);
    await ask("again");
    expect(told).toEqual(["first", "joined", "later", "again"]);
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
