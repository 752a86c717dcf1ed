import { describe, expect, it } from "vitest";
import { inheritedSocket } from "../../../src/serve/listen.ts";

describe("a socket that systemd listens on", () => {
  it.each([
    [{}, null],
    [{ LISTEN_PID: "7", LISTEN_FDS: "1" }, { fd: 3 }],
    // Meant for another process, whose environment was handed on.
    [{ LISTEN_PID: "8", LISTEN_FDS: "1" }, null],
    [{ LISTEN_PID: "7", LISTEN_FDS: "0" }, null],
  ])("of %j is %j", (environment, expected) => {
    expect(inheritedSocket(environment, 7)).toEqual(expected);
  });

  it("is one", () => {
    expect(() => inheritedSocket({ LISTEN_PID: "7", LISTEN_FDS: "2" }, 7)).toThrow(/hands over 2 sockets/);
  });
});
