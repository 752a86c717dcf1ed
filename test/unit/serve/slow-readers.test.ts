import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSlowReaders } from "../../../src/serve/slow-readers.ts";

/** An answer of which so many bytes wait; `destroy` is all that ends its connection. */
class Answer extends EventEmitter {
  ended = false;
  readonly writableLength: number;
  constructor(bytes: number) {
    super();
    this.writableLength = bytes;
  }
  destroy(): void {
    this.ended = true;
    this.emit("close");
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function readers(mostUnread = 1_000) {
  let ended = 0;
  const limits = { readWithinMs: 10_000, mostAtATime: 2, mostUnread };
  const { watch } = createSlowReaders(() => (ended += 1), limits);
  const written = (bytes: number): Answer => {
    const answer = new Answer(bytes);
    expect(watch({ socket: new Socket() }, answer)).toBe(true);
    answer.emit("prefinish");
    return answer;
  };
  return { watch, written, ended: () => ended };
}

describe("an answer that nobody reads", () => {
  it("ends its connection after its time, and not before", () => {
    const { written, ended } = readers();
    const answer = written(10);
    vi.advanceTimersByTime(9_999);
    expect([answer.ended, ended()]).toEqual([false, 0]);
    vi.advanceTimersByTime(1);
    expect([answer.ended, ended()]).toEqual([true, 1]);
  });

  it("ends nothing where it is read in time, or is still being worked at", () => {
    const { watch, written, ended } = readers();
    const read = written(10);
    read.emit("close");
    const late = new Answer(10);
    watch({ socket: new Socket() }, late);
    vi.advanceTimersByTime(60_000);
    expect([read.ended, late.ended, ended()]).toEqual([false, false, 0]);
  });

  it("waits for nobody where its client has left before it was written", () => {
    const { watch, written, ended } = readers(1_000);
    const answer = new Answer(900);
    watch({ socket: new Socket() }, answer);
    answer.emit("close");
    answer.emit("prefinish");
    expect(vi.getTimerCount()).toBe(0);
    expect([written(900).ended, ended()]).toEqual([false, 0]);
  });

  it("goes where all that wait are too much, the oldest first", () => {
    const { written, ended } = readers(1_000);
    const answers = [400, 400, 300].map(written);
    expect(answers.map((answer) => answer.ended)).toEqual([true, false, false]);
    const more = written(200);
    expect([...answers, more].map((answer) => answer.ended)).toEqual([true, false, false, false]);
    const huge = written(5_000);
    expect([...answers, more, huge].every((answer) => answer.ended)).toBe(true);
    expect(ended()).toBe(5);
    // What has ended weighs nothing any more.
    expect(written(1_000).ended).toBe(false);
  });
});

it("a connection that asks again and again before it is answered is ended, and answered no more", () => {
  const { watch, ended } = readers();
  const socket = new Socket();
  const first = new Answer(0);
  expect([watch({ socket }, first), watch({ socket }, new Answer(0))]).toEqual([true, true]);
  first.emit("close");
  expect(watch({ socket }, new Answer(0))).toBe(true);
  expect([watch({ socket }, new Answer(0)), watch({ socket }, new Answer(0))]).toEqual([false, false]);
  expect([socket.destroyed, ended()]).toEqual([true, 1]);
});
