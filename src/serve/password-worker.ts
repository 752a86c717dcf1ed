/** The thread that computes bcrypt: 80 ms at cost 10, in which nothing else of it runs. */
import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";

parentPort?.on("message", ({ id, password, hash }: { id: number; password: string; hash: string }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port to a thread has no origin
  parentPort?.postMessage({ id, permitted: compareSync(password, hash) });
});
