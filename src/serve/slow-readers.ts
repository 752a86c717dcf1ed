/** Clients that ask and don't read: what waits for them is bounded, in time, in number and in bytes. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Whoever has not read an answer by then has given up: Prometheus waits ten seconds for all of a scrape by default. */
const READ_WITHIN_MS = 10_000;
/** Requests of one connection that wait for their answers: no scraper sends a second before the first is answered. */
const MOST_AT_A_TIME = 8;
/** Bytes of answers that wait for their readers, all together: a dozen of the largest. */
const MOST_UNREAD = 64 << 20;

const LIMITS = { readWithinMs: READ_WITHIN_MS, mostAtATime: MOST_AT_A_TIME, mostUnread: MOST_UNREAD };

type Asked = Pick<IncomingMessage, "socket">;
type Answered = Pick<ServerResponse, "writableLength"> & {
  once: (event: "prefinish" | "close", listener: () => void) => unknown;
  destroy: () => unknown;
};

export type SlowReaders = {
  /**
   * Ends the connection where it asks for too much at a time, or its answer is not taken.
   * @returns whether the request may be answered
   */
  watch: (request: Asked, response: Answered) => boolean;
};

/** @param onEnded for each connection that was ended */
export function createSlowReaders(onEnded: () => void, limits = LIMITS): SlowReaders {
  const { readWithinMs, mostAtATime, mostUnread } = limits;
  const asking = new WeakMap<Socket, number>();
  /** In the order in which they began to wait. */
  const waiting = new Map<Answered, number>();
  let unread = 0;

  const forget = (response: Answered): void => {
    unread -= waiting.get(response) ?? 0;
    waiting.delete(response);
  };
  const end = (response: Answered): void => {
    forget(response);
    onEnded();
    response.destroy();
  };
  return {
    watch({ socket }, response) {
      if (socket.destroyed) return false;
      const before = asking.get(socket) ?? 0;
      if (before >= mostAtATime) {
        onEnded();
        socket.destroy();
        return false;
      }
      asking.set(socket, before + 1);
      let timer: NodeJS.Timeout | undefined;
      let closed = false;
      // All of it is written; what the kernel did not take waits here. Whoever has left waits for nothing.
      response.once("prefinish", () => {
        // As a rule the kernel takes it all.
        if (closed || response.writableLength === 0) return;
        timer = setTimeout(() => end(response), readWithinMs);
        waiting.set(response, response.writableLength);
        unread += response.writableLength;
        for (const [oldest] of waiting) {
          if (unread <= mostUnread) break;
          end(oldest);
        }
      });
      response.once("close", () => {
        closed = true;
        clearTimeout(timer);
        forget(response);
        asking.set(socket, (asking.get(socket) ?? 1) - 1);
      });
      return true;
    },
  };
}
