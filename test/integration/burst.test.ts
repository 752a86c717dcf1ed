/** The connector of a sweep, against this machine's own TCP. */
import net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createBurst } from "../../src/transport/burst.ts";
import type { Burst, BurstEnd } from "../../src/transport/burst.ts";
import { monotonicClock } from "../../src/transport/clock.ts";
import { loopbackAddress } from "./servers/free-port.ts";

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const clean of cleanUps.splice(0)) clean();
});

async function listen(address: string): Promise<{ port: number; accepted: () => number }> {
  let accepted = 0;
  const server = net.createServer((peer) => {
    accepted += 1;
    peer.on("error", () => {}).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  cleanUps.push(() => server.close());
  const bound = server.address();
  if (typeof bound !== "object" || bound === null) throw new TypeError("no port");
  return { port: bound.port, accepted: () => accepted };
}

/** Starts all of them in turns of 32, and waits for their ends, in the order of their tags. */
async function connectAll(
  targets: { address: string; port: number; timeoutMs?: number }[],
): Promise<{ ends: BurstEnd[]; burst: Burst<number> }> {
  const ends: (BurstEnd | undefined)[] = targets.map(() => undefined);
  let left = targets.length;
  const burst = await new Promise<Burst<number>>((resolve, reject) => {
    const made: Burst<number> = createBurst<number>(monotonicClock, (tag, end) => {
      if (ends[tag] !== undefined) reject(new Error(`${tag} ended twice`));
      ends[tag] = end;
      if (end.end === "connected") end.connection.close();
      left -= 1;
      if (left === 0) resolve(made);
    });
    cleanUps.push(made.close);
    let next = 0;
    const turn = (): void => {
      for (let started = 0; started < 32 && next < targets.length; started++) {
        const { address, port, timeoutMs = 2_000 } = targets[next] ?? { address: "", port: 0 };
        made.start(next, address, port, timeoutMs);
        next += 1;
      }
      if (next < targets.length) setImmediate(turn);
    };
    turn();
  });
  return { ends: ends.filter((end) => end !== undefined), burst };
}

describe("a burst of connects", () => {
  test("tells those that listen from those that refuse, thousands with few sockets", async () => {
    const address = loopbackAddress();
    const open = await listen(address);
    const targets = Array.from({ length: 4_000 }, (_, index) => ({
      address,
      // Port 1 is refused unless somebody runs tcpmux.
      port: index % 100 === 7 ? open.port : 1,
    }));
    const { ends, burst } = await connectAll(targets);
    expect(ends.map((end) => (end.end === "failed" ? end.errno : end.end))).toEqual(
      targets.map(({ port }) => (port === 1 ? "ECONNREFUSED" : "connected")),
    );
    expect(burst.pending).toBe(0);
    await expect.poll(open.accepted).toBe(40);
  });

  test("hands a connection over that works, with its ends named", async () => {
    const address = loopbackAddress();
    const echo = net.createServer((peer) => peer.pipe(peer).on("error", () => {}));
    await new Promise<void>((resolve) => echo.listen(0, address, resolve));
    cleanUps.push(() => echo.close());
    const bound = echo.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const connection = await new Promise<Extract<BurstEnd, { end: "connected" }>["connection"]>((resolve) => {
      const burst = createBurst<null>(monotonicClock, (_, end) => {
        if (end.end === "connected") resolve(end.connection);
      });
      cleanUps.push(burst.close);
      burst.start(null, address, port, 1_000);
    });
    const exchange = await connection.exchange(new Uint8Array([1, 2, 3]), {
      enough: (received) => (received.length >= 3 ? 3 : null),
      limit: 16,
      timeoutMs: 1_000,
      signal: new AbortController().signal,
    });
    expect([...exchange.received]).toEqual([1, 2, 3]);
    expect(connection.remote).toEqual({ address, port });
    connection.close();
  });

  test("calls silent what does not answer in its time, and goes on with the rest", async () => {
    // A listener that never accepts: its queue of one is full after the first two.
    const { startFullQueue } = await import("../../src/demo/full-queue.ts");
    const full = await startFullQueue();
    cleanUps.push(() => void full.stop());
    const { ends } = await connectAll([
      { address: "127.0.0.1", port: full.port, timeoutMs: 300 },
      { address: "127.0.0.1", port: 1 },
      { address: "127.0.0.1", port: full.port, timeoutMs: 100 },
    ]);
    expect(ends.map(({ end }) => end)).toEqual(["silent", "failed", "silent"]);
    expect(ends[0]?.elapsedMs).toBeGreaterThanOrEqual(300);
    expect(ends[0]?.elapsedMs).toBeLessThan(600);
    expect(ends[2]?.elapsedMs).toBeLessThan(ends[0]?.elapsedMs ?? 0);
  });

  test("asks before it calls one silent, waits on where it is to, and forgets what is called off", async () => {
    const { startFullQueue } = await import("../../src/demo/full-queue.ts");
    const full = await startFullQueue();
    cleanUps.push(() => void full.stop());
    const asked: string[] = [];
    const ends: string[] = [];
    const startedMs = monotonicClock.nowMs();
    await new Promise<void>((resolve) => {
      const burst = createBurst<string>(
        monotonicClock,
        (tag, { end }) => {
          ends.push(`${tag} ${end}`);
          resolve();
        },
        (tag) => {
          asked.push(tag);
          if (tag === "waits") return asked.filter((each) => each === "waits").length < 3 ? 100 : 0;
          burst.callOff(tag, started);
          return 0;
        },
      );
      cleanUps.push(burst.close);
      burst.start("waits", "127.0.0.1", full.port, 100);
      const started = burst.start("is called off", "127.0.0.1", full.port, 50);
      // Of another tag it is not.
      burst.callOff("waits", started);
      expect(burst.pending).toBe(2);
    });
    expect(asked).toEqual(["is called off", "waits", "waits", "waits"]);
    expect(ends).toEqual(["waits silent"]);
    expect(monotonicClock.nowMs() - startedMs).toBeGreaterThanOrEqual(299);
  });

  test("says nothing more once it is closed", async () => {
    const ends: BurstEnd[] = [];
    const burst = createBurst<number>(monotonicClock, (_, end) => ends.push(end));
    for (let tag = 0; tag < 50; tag++) burst.start(tag, "127.0.0.1", 1, 1_000);
    expect(burst.pending).toBe(50);
    burst.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([ends, burst.pending]).toEqual([[], 0]);
  });

  test("names what the system says of an address that can't be reached", async () => {
    const { ends } = await connectAll([{ address: "255.255.255.255", port: 1688, timeoutMs: 500 }]);
    expect(ends[0]?.end).toBe("failed");
    expect(ends[0]?.end === "failed" ? ends[0].errno : "").toMatch(
      /^E(NETUNREACH|ACCES|INVAL|ADDRNOTAVAIL)$/,
    );
  });
});
