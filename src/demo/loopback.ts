import type net from "node:net";

/** Everything in the lab stands here, told apart by port: macOS gives loopback no other IPv4 address. */
export const LOOPBACK = "127.0.0.1";

/** Ends what was started and resolves when it is gone; never rejects. */
export type Stop = () => Promise<void>;

export type Service = { port: number; stop: Stop };

/** Connections that one service holds at a time; more are closed at once. */
const MAX_CONNECTIONS = 128;

/** How long a connection may be idle between two messages. */
const IDLE_MS = 60_000;

/**
 * Puts a server of any kind on loopback and keeps count of its connections, so that stopping it ends them as well.
 *
 * @param at port 0 takes a free one
 * @returns rejects where the address can't be had
 */
export function listen(server: net.Server, at = { address: LOOPBACK, port: 0 }): Promise<Service> {
  const open = new Set<net.Socket>();
  server.maxConnections = MAX_CONNECTIONS;
  server.on("connection", (socket: net.Socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
  });
  return new Promise((resolve, reject) => {
    // Stays for good: once the promise is settled it keeps a late error from becoming an exception.
    server.on("error", reject);
    server.listen({ host: at.address, port: at.port, exclusive: true }, () => {
      const address = server.address();
      const stop = (): Promise<void> =>
        new Promise((stopped) => {
          server.close(() => stopped());
          for (const socket of open) socket.destroy();
        });
      resolve({ port: typeof address === "object" && address !== null ? address.port : 0, stop });
    });
  });
}

/** Where the first message in a stream ends, as far as can be told. */
export type Framed = { state: "whole"; length: number } | { state: "incomplete" | "not-dcerpc" };

/**
 * Answers the messages that come on a connection, one by one; closes it where there is nothing to say.
 *
 * What is buffered stays bounded: `frame` must cap the length it waits for, and a peer that does not read its
 * answers is not read from either.
 * @param answer null closes the connection with a FIN
 */
export function answerMessages(
  socket: net.Socket,
  frame: (bytes: Uint8Array) => Framed,
  answer: (message: Uint8Array) => Uint8Array | null,
): void {
  let pending: Uint8Array = new Uint8Array(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on("data", (chunk: Uint8Array) => {
    if (socket.writableEnded) return;
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const framed = frame(pending);
      if (framed.state === "incomplete") break;
      const reply = framed.state === "whole" ? answer(pending.subarray(0, framed.length)) : null;
      if (framed.state !== "whole" || reply === null) {
        pending = new Uint8Array(0);
        socket.end();
        return;
      }
      pending = pending.subarray(framed.length);
      socket.write(reply);
    }
    if (socket.writableNeedDrain) {
      socket.pause();
      socket.once("drain", () => socket.resume());
    }
  });
}
