import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { errnoOf, isOurs } from "../../../src/transport/errno.ts";

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
});

describe("isOurs", () => {
  test("takes exactly these errnos for our own machine's", () => {
    expect(Object.keys(constants.errno).filter(isOurs).toSorted()).toEqual([
      "EADDRINUSE",
      "EADDRNOTAVAIL",
      "EAFNOSUPPORT",
      "EINVAL",
      "EMFILE",
      "ENFILE",
      "ENOBUFS",
      "ENOMEM",
      "EPERM",
    ]);
  });

  test.each([
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EACCES",
    "ETIMEDOUT",
    "EPIPE",
    "ENOPROTOOPT",
    "UNKNOWN",
    "",
  ])("leaves %j to the path or the peer", (errno) => {
    expect(isOurs(errno)).toBe(false);
  });
});
