/**
 * Whether a connect is seen to succeed before the peer's reset is seen is chance: it is one connection either way. Here
 * the reset is always there first, since nothing is seen before it.
 */
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { SocketAddress } from "../../src/model/dns.ts";
import { createBurst } from "../../src/transport/burst.ts";
import { monotonicClock } from "../../src/transport/clock.ts";
import { Stop } from "../../src/transport/stop.ts";
import { connect } from "../../src/transport/tcp.ts";
import type { Connection } from "../../src/transport/tcp.ts";
import { SYSTEM_PYTHON } from "./servers/available.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { makeServerDir, startProcess } from "./servers/process.ts";

const ends: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function startHost(script: string): Promise<SocketAddress> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const file = fileURLToPath(new URL("../e2e/peers/rpc-host.py", import.meta.url));
  const { stop } = await startProcess({
    command: SYSTEM_PYTHON,
    args: ["-I", file, address, String(port), script],
    dir: await makeServerDir("reset-behind-handshake"),
    ready: (said) => said.includes("ready"),
  });
  ends.push(stop);
  return { address, port };
}

const timeoutMs = 5_000;

/** The one connect of a check, and one of a sweep. @returns the connection, or how it came to none */
const CONNECTS: [string, (to: SocketAddress) => Promise<Connection | string>][] = [
  [
    "a check",
    async (to) => {
      const result = await connect(to, { timeoutMs, signal: new Stop(), clock: monotonicClock });
      return result.end === "connected" ? result.connection : JSON.stringify(result);
    },
  ],
  [
    "a sweep",
    (to) =>
      new Promise((resolve) => {
        const burst = createBurst<null>(monotonicClock, (_, end) =>
          resolve(end.end === "connected" ? end.connection : JSON.stringify(end)),
        );
        ends.push(burst.close);
        burst.start(null, to.address, to.port, timeoutMs);
      }),
  ],
];

/** Long enough for the peer to accept and to end it, on a busy machine as well. */
const BLIND_MS = 300;

/** What a connect comes to while this process looks at nothing between its system call and the peer's end of it. */
async function connectBlindly(
  to: SocketAddress,
  how: (to: SocketAddress) => Promise<Connection | string>,
): Promise<Connection> {
  const connecting = how(to);
  // connect() only queues its system call.
  await new Promise((resolve) => process.nextTick(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLIND_MS);
  const connection = await connecting;
  if (typeof connection === "string") throw new Error(connection);
  return connection;
}

describe.each(CONNECTS)("a connect of %s", (_, how) => {
  test.each<[string, string, object | string]>([
    ["a reset", "resets-at-once", { errno: "ECONNRESET" }],
    // What is seen first where it is looked at in time.
    ["a FIN and a reset", "closes-and-resets-at-once", "closed"],
    ["a FIN", "closes-at-once", "closed"],
  ])("that %s ends before it is seen was a connection", async (_end, script, end) => {
    const connection = await connectBlindly(await startHost(script), how);
    const exchange = await connection.linger(timeoutMs, 1, new Stop());
    connection.close();
    expect(exchange).toMatchObject({ end, received: new Uint8Array(0) });
    expect(connection.ended).toEqual(end);
    expect(exchange.elapsedMs).toBeLessThan(timeoutMs);
  });
});
