import { describe, expect, it, test } from "vitest";
import { errnoError, errnoOf } from "../../src/errno.ts";

describe("errnoOf", () => {
  const coded = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), {
    code: "ECONNREFUSED",
    errno: -111,
  });

  test.each([
    ["a system error", coded, "ECONNREFUSED"],
    ["a plain object with a code", { code: "EMFILE" }, "EMFILE"],
    [
      "one of Node's own errors",
      Object.assign(new RangeError("port"), { code: "ERR_SOCKET_BAD_PORT" }),
      "ERR_SOCKET_BAD_PORT",
    ],
    ["an error without a code", new Error("boom"), "UNKNOWN"],
    ["an error whose code is a number", Object.assign(new Error("x"), { code: 111 }), "UNKNOWN"],
    ["null", null, "UNKNOWN"],
    ["undefined", undefined, "UNKNOWN"],
    ["a string", "ECONNREFUSED", "UNKNOWN"],
  ])("of %s", (_, error, errno) => {
    expect(errnoOf(error)).toBe(errno);
  });

  it("has another word than UNKNOWN where the caller has one", () => {
    expect(errnoOf(new Error("boom"), "unreadable")).toBe("unreadable");
    expect(errnoOf(coded, "unreadable")).toBe("ECONNREFUSED");
  });

  it("is what an error of our own was made with", () => {
    expect(errnoOf(errnoError("ELOOP", "too many links"))).toBe("ELOOP");
    expect(errnoError("ELOOP", "too many links").message).toBe("too many links");
  });
});
