import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createConnections } from "../../../src/serve/connections.ts";

/** A socket without a network, from this port of a client. */
function socketFrom(port: number): Socket {
  const ends = { remoteAddress: "10.0.0.1", remotePort: port, localAddress: "10.0.0.9" };
  return Object.defineProperties(
    new Socket(),
    Object.fromEntries(Object.entries(ends).map(([name, value]) => [name, { value }])),
  );
}

function world(most: number) {
  let crowded = 0;
  const connections = createConnections(most, () => (crowded += 1));
  let port = 0;
  const add = (): Socket => {
    const socket = socketFrom((port += 1));
    connections.add(socket);
    return socket;
  };
  const ask = (socket: Socket): (() => void) => {
    const response = new EventEmitter();
    connections.ask({ socket }, response);
    return () => void response.emit("close");
  };
  return { connections, add, ask, crowded: () => crowded };
}

const open = (sockets: readonly Socket[]): boolean[] => sockets.map(({ destroyed }) => !destroyed);

describe("too many connections", () => {
  it("end the one that has asked for nothing for longest, whether or not it ever did", () => {
    const { add, ask, crowded } = world(3);
    const sockets = [add(), add(), add()];
    const [first, , third] = sockets;
    if (first === undefined || third === undefined) throw new Error("no sockets");
    // Answered after the others came: they have been idle for longer.
    ask(first)();
    sockets.push(add());
    expect(open(sockets)).toEqual([true, false, true, true]);
    ask(third)();
    sockets.push(add());
    expect(open(sockets)).toEqual([false, false, true, true, true]);
    expect(crowded()).toBe(2);
  });

  it("end none that waits for an answer, though it asked before and after", () => {
    const { add, ask } = world(2);
    const sockets = [add(), add()];
    const [first] = sockets;
    if (first === undefined) throw new Error("no sockets");
    const answers = [ask(first), ask(first)];
    answers[0]?.();
    sockets.push(add(), add(), add());
    expect(open(sockets)).toEqual([true, false, false, false, true]);
    answers[1]?.();
    sockets.push(add());
    // The newest of them had not asked either, and came before that answer.
    expect(open(sockets)).toEqual([true, false, false, false, false, true]);
  });

  it("end the newest where all others wait for answers", () => {
    const { add, ask, crowded } = world(2);
    const sockets = [add(), add()];
    sockets.forEach(ask);
    sockets.push(add());
    expect([open(sockets), crowded()]).toEqual([[true, true, false], 1]);
  });

  it("know a connection by the socket of TLS as well", () => {
    const { connections, add, ask } = world(2);
    const sockets = [add(), add()];
    const secure = socketFrom(1);
    connections.secure(secure);
    const answered = ask(secure);
    sockets.push(add());
    expect(open(sockets)).toEqual([true, false, true]);
    answered();
    sockets.push(add(), add());
    expect(open(sockets)).toEqual([false, false, false, true, true]);
  });

  it("are none once others have closed", async () => {
    const { connections, add, crowded } = world(1);
    const first = add();
    first.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    const second = add();
    expect([crowded(), second.destroyed]).toEqual([0, false]);
    connections.endAll();
    expect(second.destroyed).toBe(true);
  });
});
