import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import { isOurs } from "../../../src/transport/errno.ts";

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
