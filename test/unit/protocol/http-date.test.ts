import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/protocol/bytes.ts";
import {
  decodeDateResponse,
  encodeDateRequest,
  frame,
  MAX_HEAD,
  parseHttpDate,
} from "../../../src/protocol/http-date.ts";
import { anyString } from "../any-string.ts";

const NOW = Date.UTC(2026, 10, 22);
/** The moment of RFC 9110's own examples. */
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

function bytesOf(...lines: string[]): Uint8Array {
  return Uint8Array.from(`${lines.join("\r\n")}\r\n\r\n`, (letter) => letter.charCodeAt(0));
}

/** nginx 1.22 on Debian 12, to a HEAD. */
const NGINX = bytesOf(
  "HTTP/1.1 200 OK",
  "Server: nginx/1.22.1",
  "Date: Sun, 22 Nov 2026 12:31:00 GMT",
  "Content-Type: text/plain",
  "Content-Length: 13",
  "Connection: close",
);
const NGINX_MS = Date.UTC(2026, 10, 22, 12, 31);

/** HTTP.sys, as documented: an error has a date as well. */
const HTTP_SYS = bytesOf(
  "HTTP/1.1 404 Not Found",
  "Content-Length: 315",
  "Content-Type: text/html; charset=us-ascii",
  "Server: Microsoft-HTTPAPI/2.0",
  "Date: Sun, 22 Nov 2026 12:31:00 GMT",
  "Connection: close",
);

test("the request is a HEAD that ends the connection", () => {
  expect(toHex(encodeDateRequest("[fd00::1]"))).toBe(
    toHex(
      bytesOf(
        "HEAD / HTTP/1.1",
        "Host: [fd00::1]",
        "User-Agent: kmsprobe",
        "Accept: */*",
        "Connection: close",
      ),
    ),
  );
});

describe("parseHttpDate", () => {
  test.each(["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])(
    "%s",
    (text) => {
      expect(parseHttpDate(text, NOW)).toBe(EXAMPLE);
    },
  );

  test.each([
    ["06-Nov-76", Date.UTC(2026, 10, 22), 2076],
    ["06-Nov-76", Date.UTC(2026, 0, 1), 1976],
    ["06-Nov-77", Date.UTC(2026, 10, 22), 1977],
    ["06-Nov-99", Date.UTC(2026, 10, 22), 1999],
    ["06-Nov-00", Date.UTC(2026, 10, 22), 2000],
    ["06-Nov-05", Date.UTC(2060, 10, 22), 2105],
    ["29-Feb-00", Date.UTC(2060, 10, 22), 2000],
  ])("two digits, %s, of a year near %i mean %i", (day, around, year) => {
    const unixMs = parseHttpDate(`Sunday, ${day} 08:49:37 GMT`, around);
    expect(unixMs === null ? null : new Date(unixMs).getUTCFullYear()).toBe(year);
  });

  test.each([
    "",
    "now",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 Nov 1994 08:49:37",
    "sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 06 Abc 1994 08:49:37 GMT",
    "Sun, 31 Apr 1994 08:49:37 GMT",
    "Sun, 29 Feb 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1969 08:49:37 GMT",
    "Sun, 06 Nov 2200 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "1994-11-06T08:49:37Z",
    "784111777",
  ])("%j is no date", (text) => {
    expect(parseHttpDate(text, NOW)).toBeNull();
  });

  test("the leap second at the end of 2016 is the first second of 2017", () => {
    expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", NOW)).toBe(Date.UTC(2017, 0, 1));
  });

  test("reads what Node writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7_258_118_399 }), (seconds) => {
        expect(parseHttpDate(new Date(seconds * 1000).toUTCString(), NOW)).toBe(seconds * 1000);
      }),
    );
  });
});

describe("frame", () => {
  test("the header section is whole at the empty line, not before, whatever follows", () => {
    for (let length = 0; length < NGINX.length; length++)
      expect(frame(NGINX.subarray(0, length))).toEqual({ state: "incomplete" });
    expect(frame(NGINX)).toEqual({ state: "whole", length: NGINX.length });
    expect(frame(Buffer.concat([NGINX, Buffer.from("body\n\nmore")]))).toEqual({
      state: "whole",
      length: NGINX.length,
    });
  });

  test("lines may end in LF alone", () => {
    expect(frame(Buffer.from("HTTP/1.0 200 OK\nDate: x\n\nbody"))).toEqual({ state: "whole", length: 25 });
  });

  test.each([
    ["SSH", "SSH-2.0-OpenSSH", 0],
    ["a TLS alert", "\u0015\u0003\u0003", 0],
    ["HTTP/2", "HTTP/2 200", 5],
    ["a request", "HEAD / HTTP/1.1", 1],
  ])("%s is seen at once", (_, text, at) => {
    expect(frame(Buffer.from(text, "latin1"))).toEqual({
      state: "not-http",
      at,
      what: "no HTTP status line",
    });
  });

  test("a header section without end is given up", () => {
    const endless = Buffer.from(`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(5_000)}`);
    expect(frame(endless.subarray(0, MAX_HEAD - 1))).toEqual({ state: "incomplete" });
    expect(frame(endless.subarray(0, MAX_HEAD)).state).toBe("not-http");
  });
});

function answer(...lines: string[]): unknown {
  const decoded = decodeDateResponse(bytesOf(...lines), NOW);
  return decoded.ok ? decoded.value : decoded.fault.what;
}

describe("decodeDateResponse", () => {
  test("nginx and HTTP.sys", () => {
    expect(decodeDateResponse(NGINX, NOW)).toEqual({
      ok: true,
      value: { kind: "time", unixMs: NGINX_MS, status: 200 },
    });
    expect(decodeDateResponse(HTTP_SYS, NOW)).toEqual({
      ok: true,
      value: { kind: "time", unixMs: NGINX_MS, status: 404 },
    });
  });

  test("cut short anywhere, it is a fault", () => {
    for (let length = 0; length < NGINX.length; length++) {
      expect(decodeDateResponse(NGINX.slice(0, length), NOW)).toEqual({
        ok: false,
        fault: { at: length, what: "cut short: the header section has no end" },
      });
    }
  });

  test("a field's name is read in any case, its value without the blanks around it", () => {
    expect(answer("HTTP/1.0 500 ", "dAtE:\t Sun, 06 Nov 1994 08:49:37 GMT \t")).toEqual({
      kind: "time",
      unixMs: EXAMPLE,
      status: 500,
    });
  });

  test("another field with the word in it is no date", () => {
    expect(answer("HTTP/1.1 200 OK", "X-Date: Sun, 06 Nov 1994 08:49:37 GMT")).toEqual({
      kind: "no-date",
      status: 200,
    });
    expect(answer("HTTP/1.1 204")).toEqual({ kind: "no-date", status: 204 });
  });

  test("a cache's date is that of its copy; a fresh one's is not", () => {
    const date = "Date: Sun, 06 Nov 1994 08:49:37 GMT";
    expect(answer("HTTP/1.1 200 OK", date, "Age: 3600")).toEqual({ kind: "cached", status: 200 });
    expect(answer("HTTP/1.1 200 OK", date, "Age: 0")).toMatchObject({ kind: "time" });
  });

  test.each([
    [["HTTP/1.1"], "a status line without a status"],
    [["HTTP/1.1 20"], "a status line without a status"],
    [["HTTP/1.1 2000 OK"], "a status line without a status"],
    [["HTTP/1.1 200 OK", "Date: today"], "a date field that is in no form of RFC 9110 5.6.7"],
    [["HTTP/1.1 200 OK", "Date:"], "a date field that is in no form of RFC 9110 5.6.7"],
    [
      ["HTTP/1.1 200 OK", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Date: Sun, 06 Nov 1994 08:49:38 GMT"],
      "two different date fields",
    ],
    [["SSH-2.0-x"], "no HTTP status line"],
  ])("%j is a fault", (lines, what) => {
    expect(answer(...lines)).toBe(what);
  });

  test("no bytes make it throw", () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom("Date: Sun, 06 Nov 1994 08:49:37 GMT", "Age: 1", "Date:", "", "\r", ":"),
        anyString({ maxLength: 40 }),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          lines.map((each) => Buffer.from(["HTTP/1.1 200 OK", ...each, "", ""].join("\r\n"), "latin1")),
        ),
        (bytes) => {
          const decoded = decodeDateResponse(bytes, NOW);
          if (decoded.ok && decoded.value.kind === "time") expect(decoded.value.unixMs).toBe(EXAMPLE);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
