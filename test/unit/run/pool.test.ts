import { EventEmitter, once } from "node:events";
import { describe, expect, it } from "vitest";
import { createPool } from "../../../src/run/pool.ts";
import { Stop } from "../../../src/transport/stop.ts";

/** Enough turns of the event loop for a pool to start whatever it may. */
async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("the pool", () => {
  it.each([1, 2, 5])("never runs more than its limit of %d, and comes to it", async (limit) => {
    const pool = createPool(limit);
    let running = 0;
    let most = 0;
    const job = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await turns(3 * limit);
      running -= 1;
    };
    await Promise.all(Array.from({ length: 4 * limit }, () => pool(job)));
    expect(most).toBe(limit);
    expect(running).toBe(0);
  });

  it("starts jobs in the order they come", async () => {
    const pool = createPool(3);
    const started: number[] = [];
    const jobs = Array.from({ length: 10 }, (_, index) => index);
    await Promise.all(
      jobs.map((index) =>
        pool(async () => {
          started.push(index);
          await turns(index % 3);
        }),
      ),
    );
    expect(started).toEqual(jobs);
  });

  it("hands back each job's own value", async () => {
    const pool = createPool(2);
    const values = await Promise.all([1, 2, 3, 4].map((value) => pool(() => Promise.resolve(value * value))));
    expect(values).toEqual([1, 4, 9, 16]);
  });

  it("gives the place of a job that fails to the next, and the failure to its caller", async () => {
    const pool = createPool(1);
    const failing = pool(async () => {
      await turns(3);
      throw new Error("no good");
    });
    const next = pool(() => Promise.resolve("next"));
    await expect(failing).rejects.toThrow("no good");
    expect(await next).toBe("next");
  });

  it("gives on the place of a job that throws before it has a promise", async () => {
    const pool = createPool(1);
    const throwing = pool(() => {
      throw new Error("at once");
    });
    await expect(throwing).rejects.toThrow("at once");
    expect(await pool(() => Promise.resolve("next"))).toBe("next");
  });

  it("lets nobody slip in before those that wait", async () => {
    const pool = createPool(1);
    const order: string[] = [];
    const ended = new EventEmitter();
    const held = once(ended, "end");
    const first = pool(() => held);
    const waiting = pool(() => Promise.resolve(order.push("waiting")));
    await turns();
    ended.emit("end");
    const late = pool(() => Promise.resolve(order.push("late")));
    await Promise.all([first, waiting, late]);
    expect(order).toEqual(["waiting", "late"]);
  });

  it("runs a job that is called off while it waits, at once, and gives its place to the next in line", async () => {
    const pool = createPool(1);
    const order: string[] = [];
    const ended = new EventEmitter();
    const held = once(ended, "end");
    const first = pool(() => held);
    const [hasty, patient] = [new Stop(), new Stop()];
    const waiting = [
      pool(() => Promise.resolve(order.push("called off")), hasty),
      pool(() => Promise.resolve(order.push("patient")), patient),
    ];
    await turns();
    expect(order).toEqual([]);
    hasty.abort("deadline");
    await waiting[0];
    expect(order).toEqual(["called off"]);
    const second = once(ended, "second");
    const next = pool(() => second);
    ended.emit("end");
    await Promise.all([first, waiting[1]]);
    // It took no place, and so gave none back: one at a time still.
    const last = pool(() => Promise.resolve(order.push("last")));
    await turns();
    expect(order).toEqual(["called off", "patient"]);
    ended.emit("second");
    await Promise.all([next, last]);
    expect(order).toEqual(["called off", "patient", "last"]);
    patient.abort("deadline");
  });

  it("runs at once what was called off before it came, where there is no place", async () => {
    const pool = createPool(1);
    const ended = new EventEmitter();
    const held = once(ended, "end");
    const first = pool(() => held);
    const stop = new Stop();
    stop.abort("deadline");
    expect(await pool(() => Promise.resolve("called off"), stop)).toBe("called off");
    ended.emit("end");
    await first;
  });

  it("starts at most one job a turn of the event loop", async () => {
    const pool = createPool(10);
    let turn = 0;
    let counting = true;
    const count = (): void => {
      turn += 1;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const starts: number[] = [];
    await Promise.all(Array.from({ length: 5 }, () => pool(() => Promise.resolve(starts.push(turn)))));
    counting = false;
    expect(new Set(starts).size).toBe(5);
  });
});
