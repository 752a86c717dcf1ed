/**
 * A port that swallows connection attempts, made without privileges: what a firewall that drops looks like.
 *
 * A listener that never accepts fills up with the first few connections, which are our own; the kernel then drops
 * what comes (Linux, BSD) or resets it (Windows). Node always accepts, so the listener lives in a thread that blocks
 * right after it began to listen.
 */
import { Worker } from "node:worker_threads";
import { monotonicClock } from "../transport/clock.ts";
import { connect } from "../transport/tcp.ts";
import type { Connection, ConnectResult } from "../transport/tcp.ts";
import { LOOPBACK } from "./loopback.ts";
import type { Service } from "./loopback.ts";

/** As text, so that a bundle of one file needs no second one. */
const BLOCKED_LISTENER = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ host: "${LOOPBACK}", port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** More than any kernel makes of a backlog of one. */
const MAX_FILLERS = 64;

/** Loopback connects in less than a millisecond; Windows takes two seconds to believe a reset. */
const PATIENCE_MS = process.platform === "win32" ? 4000 : 250;

/** What a further connect meets, as this machine showed it: silence on Linux and BSD, an errno, or no end of it. */
export type FullQueue = Service & { meets: "silent" | "connected" | { errno: string } };

/** @returns rejects where no thread can be started */
export async function startFullQueue(): Promise<FullQueue> {
  const worker = new Worker(BLOCKED_LISTENER, { eval: true });
  const fillers: Connection[] = [];
  const stop = async (): Promise<void> => {
    for (const filler of fillers.splice(0)) filler.close();
    await worker.terminate();
  };
  try {
    const port = await firstMessage(worker);
    return { port, stop, meets: await fill(port, fillers) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Connects until it is no longer let in; the connections must stay open, or the queue has room again. */
async function fill(port: number, fillers: Connection[]): Promise<FullQueue["meets"]> {
  const { signal } = new AbortController();
  const next = (): Promise<ConnectResult> =>
    connect({ address: LOOPBACK, port }, { timeoutMs: PATIENCE_MS, signal, clock: monotonicClock });
  for (;;) {
    const result = await next();
    if (result.end === "failed") return { errno: result.errno };
    if (result.end !== "connected") return "silent";
    fillers.push(result.connection);
    const { ended } = result.connection;
    // A queue that resets instead of dropping (tcp_abort_on_overflow) does so behind the handshake.
    if (ended !== null) return { errno: ended === "closed" ? "ECONNRESET" : ended.errno };
    if (fillers.length >= MAX_FILLERS) return "connected";
  }
}

function firstMessage(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    // Stays for good: a thread that dies later must not become an exception.
    worker.on("error", reject);
    worker.once("exit", () => reject(new Error("the thread ended before it listened")));
    worker.once("message", (port: unknown) => {
      if (typeof port === "number") resolve(port);
      else reject(new TypeError("the thread told no port"));
    });
  });
}
