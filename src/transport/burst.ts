import { createPollClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { createDeadlines, IDLE } from "./deadlines.ts";
import type { Waiter } from "./deadlines.ts";
import { errnoOf } from "../errno.ts";
import { endBehindHandshake } from "./errno.ts";
import { Connection, createReading } from "./tcp.ts";
import type { Reading } from "./tcp.ts";

/** How one connect of a burst ended. `elapsedMs` holds our own queue as well: no figure for a report. */
export type BurstEnd =
  | { end: "connected"; connection: Connection; elapsedMs: number }
  | { end: "failed"; errno: string; elapsedMs: number }
  | { end: "silent"; elapsedMs: number };

/** One connect that was started: good for calling it off, and for nothing else. */
export type Started = { readonly place: number };

export type Burst<Tag> = {
  /** Starts one connect to a literal address. What comes of it is told to `onEnd` with the same `tag`. */
  start: (tag: Tag, address: string, port: number, timeoutMs: number) => Started;
  /** Ends a connect of this tag without a word, where it has not ended. */
  callOff: (tag: Tag, started: Started) => void;
  /** Connects that have not ended. */
  readonly pending: number;
  /** Ends all that are pending without a word. */
  close: () => void;
};

/** Sockets kept for their next connect. */
const MAX_IDLE = 4_096;

type Slot<Tag> = Waiter & {
  reading: Reading;
  tag: Tag;
};

/**
 * Many connects at a time for little each: sockets are used again once they are closed, deadlines are one list for
 * all, and a connect that was refused costs no new listener. Addresses are literal: no lookup, no happy eyeballs.
 *
 * The caller decides how many; 32 new ones in a turn of the event loop is what Node does best (measured: all at once
 * takes twice as long).
 *
 * @param onEnd called once for each connect that is not called off; a connection is the callee's to close
 * @param onDue asked when a connect's timeout has passed: how much longer to wait, in milliseconds. 0 ends it as silent
 */
export function createBurst<Tag>(
  clock: Clock,
  onEnd: (tag: Tag, end: BurstEnd) => void,
  onDue: (tag: Tag) => number = () => 0,
): Burst<Tag> {
  const pollClock = createPollClock(clock);
  const pending = createDeadlines<Slot<Tag>>(clock, ({ tag }) => onDue(tag), expire);
  const idle: Slot<Tag>[] = [];
  let closed = false;

  function equip(slot: Slot<Tag>): void {
    const { reading } = slot;
    const { socket } = reading;
    const onConnect = (): void => handOver(null);
    const handOver = (ended: "closed" | { errno: string } | null): void => {
      if (!pending.settle(slot)) return;
      const elapsedMs = pollClock.nowMs(slot.startedMs) - slot.startedMs;
      socket.off("connect", onConnect).off("error", onError).off("close", onClose);
      const connection = new Connection(reading, clock, ended);
      // The slot goes on with a socket of its own.
      slot.reading = createReading();
      equip(slot);
      rest(slot);
      onEnd(slot.tag, { end: "connected", connection, elapsedMs });
    };
    const onError = (error: Error): void => {
      const errno = errnoOf(error);
      const ended = endBehindHandshake(errno);
      if (ended !== null) handOver(ended);
      else if (pending.settle(slot)) fail(slot, errno, pollClock.nowMs(slot.startedMs) - slot.startedMs);
    };
    // Only a closed socket may connect again.
    const onClose = (): void => rest(slot);
    socket.on("connect", onConnect).on("error", onError).on("close", onClose);
  }

  function rest(slot: Slot<Tag>): void {
    if (!closed && idle.length < MAX_IDLE) idle.push(slot);
  }

  function fail({ tag }: Slot<Tag>, errno: string, elapsedMs: number): void {
    onEnd(tag, { end: "failed", errno, elapsedMs: Math.max(0, elapsedMs) });
  }

  function expire({ reading, tag, startedMs }: Slot<Tag>): void {
    reading.socket.destroy();
    onEnd(tag, { end: "silent", elapsedMs: clock.nowMs() - startedMs });
  }

  return {
    start(tag, address, port, timeoutMs) {
      let slot = idle.pop();
      if (slot === undefined) {
        slot = { reading: createReading(), tag, ...IDLE };
        equip(slot);
      }
      slot.tag = tag;
      pending.add(slot, timeoutMs);
      const { socket } = slot.reading;
      try {
        socket.connect({ host: address, port, autoSelectFamily: false });
      } catch (error) {
        // Node throws for some local limits instead of emitting. The caller has to know of it first.
        process.nextTick(() => {
          if (!pending.settle(slot)) return;
          socket.destroy();
          fail(slot, errnoOf(error), 0);
        });
      }
      return slot;
    },
    callOff(tag, started) {
      const slot = pending.at(started.place);
      // One that has ended may be another's by now.
      if (slot === undefined || slot !== started || slot.tag !== tag) return;
      pending.settle(slot);
      slot.reading.socket.destroy();
    },
    get pending() {
      return pending.size;
    },
    close() {
      closed = true;
      for (const slot of pending.all()) {
        pending.settle(slot);
        slot.reading.socket.destroy();
      }
      idle.length = 0;
    },
  };
}
