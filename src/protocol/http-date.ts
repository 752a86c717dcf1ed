/** The date field of an HTTP response (RFC 9110 6.6.1, 5.6.7): the server's clock, to the second. */
import { decoding, Reader } from "./bytes.ts";
import type { Decoded } from "./bytes.ts";
import { isPlausible, toUnixMs } from "./calendar.ts";

/** The longest header section that is read. */
export const MAX_HEAD = 16_384;

export type DateAnswer =
  /** `status` is that of the response: a 404 has a clock as well. `unixMs` is a whole second, cut off below. */
  | { kind: "time"; unixMs: number; status: number }
  | { kind: "no-date"; status: number }
  /** A cache answered, with the date of when it got its copy (RFC 9111 4.2.3). */
  | { kind: "cached"; status: number };

export type Framing =
  | { state: "incomplete" }
  | { state: "whole"; length: number }
  | { state: "not-http"; at: number; what: string };

/** @param host what the authority is called: a name, or an address in brackets where it is IPv6 */
export function encodeDateRequest(host: string): Uint8Array {
  const lines = [
    "HEAD / HTTP/1.1",
    `Host: ${host}`,
    "User-Agent: kmsprobe",
    "Accept: */*",
    "Connection: close",
  ];
  return Uint8Array.from(`${lines.join("\r\n")}\r\n\r\n`, (letter) => letter.charCodeAt(0));
}

const START = "HTTP/1.";

/** Tells where the header section at the start of `bytes` ends, or as soon as it can be no HTTP response. */
export function frame(bytes: Uint8Array): Framing {
  for (let at = 0; at < Math.min(START.length, bytes.length); at++) {
    if (bytes[at] !== START.charCodeAt(at)) return { state: "not-http", at, what: "no HTTP status line" };
  }
  // Lines end in CR LF, and from some servers in LF.
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0x0a) continue;
    if (bytes[at + 1] === 0x0a) return { state: "whole", length: at + 2 };
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return { state: "whole", length: at + 3 };
  }
  return bytes.length >= MAX_HEAD
    ? { state: "not-http", at: MAX_HEAD, what: `no end of the header section within ${MAX_HEAD} bytes` }
    : { state: "incomplete" };
}

/**
 * Decodes one whole header section. Never throws.
 * @param aroundMs the present, for years of two digits
 */
export function decodeDateResponse(bytes: Uint8Array, aroundMs: number): Decoded<DateAnswer> {
  return decoding(() => {
    const framing = frame(bytes);
    if (framing.state === "not-http") return new Reader(bytes, framing.at).fail(framing.what);
    if (framing.state === "incomplete")
      return new Reader(bytes, bytes.length).fail("cut short: the header section has no end");
    const reader = new Reader(bytes);
    const [statusLine = "", ...lines] = text(reader.take(framing.length, "header section")).split(/\r?\n/);
    const status = Number(/^HTTP\/1\.\d (\d{3})(?: |$)/.exec(statusLine)?.[1] ?? 0);
    if (status === 0) return reader.fail("a status line without a status");
    const values = (name: string): string[] =>
      lines
        .filter((line) => line.toLowerCase().startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trim());
    const [date, ...more] = values("date");
    if (date === undefined) return { kind: "no-date", status };
    if (more.some((other) => other !== date)) return reader.fail("two different date fields");
    if (values("age").some((age) => age !== "0")) return { kind: "cached", status };
    const unixMs = parseHttpDate(date, aroundMs);
    if (unixMs === null) return reader.fail("a date field that is in no form of RFC 9110 5.6.7");
    return { kind: "time", unixMs, status };
  });
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The three forms of RFC 9110 5.6.7. The day of the week is read over: a wrong one proves nothing of the clock. */
const FORMS = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  // Sunday, 06-Nov-94 08:49:37 GMT
  /^[A-Z][a-z]{5,8}, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  // Sun Nov  6 08:49:37 1994
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>\d{2}| \d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/** @returns milliseconds since 1970, or null for what is no date, or none between 1970 and 2200 */
export function parseHttpDate(value: string, aroundMs: number): number | null {
  for (const form of FORMS) {
    const { day = "", month = "", year = "", time = "" } = form.exec(value)?.groups ?? {};
    if (time === "") continue;
    const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number);
    const parts = { month: MONTHS.indexOf(month) + 1, day: Number(day), hour, minute, second };
    const unixMs =
      year.length === 2
        ? nearestCentury((full) => toUnixMs({ ...parts, year: full }), Number(year), aroundMs)
        : toUnixMs({ ...parts, year: Number(year) });
    return unixMs !== null && isPlausible(unixMs) ? unixMs : null;
  }
  return null;
}

const FIFTY_YEARS_MS = 50 * 365.25 * 86_400_000;

/** Two digits that seem more than fifty years ahead mean the century before (RFC 9110 5.6.7). */
function nearestCentury(
  at: (year: number) => number | null,
  digits: number,
  aroundMs: number,
): number | null {
  const centuries = [2100, 2000, 1900].map((century) => at(century + digits));
  return centuries.find((unixMs) => unixMs !== null && unixMs - aroundMs <= FIFTY_YEARS_MS) ?? null;
}

/** One character a byte: what is looked for is ASCII, and the rest is left alone. */
function text(bytes: Uint8Array): string {
  let all = "";
  for (const byte of bytes) all += String.fromCharCode(byte);
  return all;
}
