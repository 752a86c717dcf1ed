import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, fromHex, toHex } from "../../../src/protocol/bytes.ts";
import { decodeReply, encodeRequest, offsetOf } from "../../../src/protocol/sntp.ts";

const COOKIE = fromHex("07cf39ec4b380618");

/** chronyd 4.3 on Debian 12 with `local stratum 8`, captured on loopback under `FAKETIME=+3h`; its cookie is ours. */
const CHRONY = fromHex(
  [
    "240800eb", // leap 0, version 4, mode 4; stratum 8; poll 0; precision -21
    "0000000000000000", // root delay, root dispersion
    "7f7f0101", // reference id
    "eead86075cf39ec4", // reference timestamp
    toHex(COOKIE), // originate
    "eead860911a0afed", // receive
    "eead860911a59ee4", // transmit
  ].join(""),
);
const NOW = Date.UTC(2026, 10, 22);

/** The same server where nobody sets its clock: leap 3, stratum 0, no reference id. */
const UNSET = fromHex(
  `e40000eb00010000000100000000000000000000${"00".repeat(4)}${toHex(COOKIE)}eead860abb74284deead860abb79bc8a`,
);

function patched(offset: number, hex: string, original = CHRONY): Uint8Array {
  const copy = original.slice();
  copy.set(fromHex(hex), offset);
  return copy;
}

function ascii(text: string): string {
  return toHex(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
}

test("a request is 48 bytes with nothing of ours in it but the cookie", () => {
  expect(toHex(encodeRequest(COOKIE))).toBe(`23${"00".repeat(39)}${toHex(COOKIE)}`);
  expect(() => encodeRequest(new Uint8Array(7))).toThrow(RangeError);
});

describe("decodeReply", () => {
  test("reads chrony's clock", () => {
    const decoded = decodeReply(CHRONY, COOKIE, NOW);
    if (!decoded.ok || decoded.value.kind !== "time") throw new Error("no time");
    const { receivedMs, sentMs, ...rest } = decoded.value;
    expect(receivedMs).toBeCloseTo(1_795_360_649_068.8582, 3);
    expect(sentMs).toBeCloseTo(1_795_360_649_068.9333, 3);
    expect(rest).toEqual({ kind: "time", resolutionMs: 1000 / 2 ** 21, synchronised: true, stratum: 8 });
  });

  test("a server that nobody sets shows its clock all the same, and says so", () => {
    const decoded = decodeReply(UNSET, COOKIE, NOW);
    expect(decoded.ok && decoded.value).toMatchObject({ kind: "time", synchronised: false, stratum: 0 });
    const leap3 = decodeReply(patched(0, "e4"), COOKIE, NOW);
    expect(leap3.ok && leap3.value).toMatchObject({ kind: "time", synchronised: false, stratum: 8 });
    const stratum16 = decodeReply(patched(1, "10"), COOKIE, NOW);
    expect(stratum16.ok && stratum16.value).toMatchObject({ synchronised: false, stratum: 16 });
  });

  test("says what is missing wherever the reply is cut short; what follows it is not read", () => {
    for (let length = 0; length < CHRONY.length; length++) {
      const decoded = decodeReply(CHRONY.slice(0, length), COOKIE, NOW);
      if (decoded.ok) throw new Error(`the first ${length} bytes decode`);
      expect(decoded.fault.what).toMatch(/^cut short: .+ needs \d+ bytes, \d+ are left$/);
      expect(decoded.fault.at).toBeLessThanOrEqual(length);
    }
    const authenticated = concat([CHRONY, new Uint8Array(20).fill(0xaa)]);
    expect(decodeReply(authenticated, COOKIE, NOW)).toEqual(decodeReply(CHRONY, COOKIE, NOW));
  });

  test("a reply to another request is none, whichever bit differs", () => {
    for (let bit = 0; bit < 64; bit++) {
      const other = COOKIE.slice();
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeReply(CHRONY, other, NOW)).toEqual({
        ok: false,
        fault: { at: 32, what: "the originate timestamp is not that of our request" },
      });
    }
  });

  test.each([0, 1, 2, 3, 5, 6, 7])("mode %i is no reply", (mode) => {
    const decoded = decodeReply(patched(0, (0x20 + mode).toString(16)), COOKIE, NOW);
    expect(decoded).toEqual({
      ok: false,
      fault: { at: 1, what: `mode ${mode}, not that of a server's reply` },
    });
  });

  test.each(["RATE", "DENY", "RSTR", "INIT"])("kiss-o'-death %s is an answer without a time", (code) => {
    expect(decodeReply(patched(12, ascii(code), patched(1, "00")), COOKIE, NOW)).toEqual({
      ok: true,
      value: { kind: "kiss", code },
    });
  });

  test.each([
    ["ASCII", ascii("EVIL")],
    ["none", "1b5b324a"],
  ])("a kiss code that isn't registered is not repeated (%s)", (_, id) => {
    expect(decodeReply(patched(12, id, patched(1, "00")), COOKIE, NOW)).toEqual({
      ok: true,
      value: { kind: "kiss", code: null },
    });
  });

  test("with stratum 1 the same four letters name a clock", () => {
    const decoded = decodeReply(patched(12, ascii("RATE"), patched(1, "01")), COOKIE, NOW);
    expect(decoded.ok && decoded.value.kind).toBe("time");
  });

  test("no transmit timestamp, no clock; no receive timestamp is made up for", () => {
    expect(decodeReply(patched(40, "00".repeat(8)), COOKIE, NOW)).toEqual({
      ok: false,
      fault: { at: 48, what: "the transmit timestamp is 0" },
    });
    const decoded = decodeReply(patched(32, "00".repeat(8)), COOKIE, NOW);
    if (!decoded.ok || decoded.value.kind !== "time") throw new Error("no time");
    expect(decoded.value.receivedMs).toBe(decoded.value.sentMs);
  });

  test.each([
    ["15.6 ms", "fa", 1000 / 64],
    ["a second", "00", 1000],
    ["a minute, about", "06", 64_000],
    ["2^127 s is no resolution", "7f", 64_000],
    ["2^-128 s", "80", 1000 * 2 ** -128],
  ])("a precision of %s", (_, hex, resolutionMs) => {
    const decoded = decodeReply(patched(3, hex), COOKIE, NOW);
    expect(decoded.ok && decoded.value).toMatchObject({ resolutionMs });
  });
});

/** What whole seconds of NTP are read as. */
function at(seconds: string, around: number): number {
  const decoded = decodeReply(patched(40, `${seconds}00000000`), COOKIE, around);
  if (!decoded.ok || decoded.value.kind !== "time") throw new Error("no time");
  return decoded.value.sentMs;
}

describe("eras", () => {
  const OVER = Date.UTC(2036, 1, 7, 6, 28, 16);

  test("the seconds begin anew on 7 February 2036 at 06:28:16", () => {
    expect(at("ffffffff", OVER - 5_000)).toBe(OVER - 1_000);
    expect(at("ffffffff", OVER + 5_000)).toBe(OVER - 1_000);
    expect(at("00000001", OVER - 5_000)).toBe(OVER + 1_000);
    expect(at("00000001", OVER + 5_000)).toBe(OVER + 1_000);
  });

  test("a clock of 1970 here reads one of 2026 there, and the other way round", () => {
    expect(at("eead8609", 0)).toBe(1_795_360_649_000);
    expect(at("83aa7e80", Date.UTC(2026, 0, 1))).toBe(0);
  });

  test("any moment within 68 years is read as itself", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_800 }),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (around, distance) => {
          const seconds = around + distance;
          const ntp = BigInt.asUintN(32, BigInt(seconds) + 2_208_988_800n);
          expect(at(ntp.toString(16).padStart(8, "0"), around * 1000 + 500)).toBe(seconds * 1000);
        },
      ),
    );
  });
});

describe("offsetOf", () => {
  test("is half the sum of what both ways show", () => {
    // The server is 5 s ahead; 30 ms there, 4 ms of work, 30 ms back.
    expect(offsetOf(1_000, 6_030, 6_034, 1_064)).toEqual({ offsetMs: 5_000, delayMs: 60 });
  });

  test("errs by half the difference of the ways, and so by no more than half the delay", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.nat(5_000),
        fc.nat(5_000),
        fc.nat(5_000),
        (offset, there, work, back) => {
          const t1 = 1_000_000;
          const t4 = t1 + there + work + back;
          const measured = offsetOf(t1, t1 + there + offset, t1 + there + work + offset, t4);
          expect(measured.delayMs).toBe(there + back);
          expect(Math.abs(measured.offsetMs - offset)).toBeLessThanOrEqual(measured.delayMs / 2);
        },
      ),
    );
  });
});

test("no bytes make the decoder throw", () => {
  const near = fc
    .tuple(fc.nat(47), fc.uint8Array({ maxLength: 8 }))
    .map(([from, bytes]) => concat([CHRONY.subarray(0, from), bytes, CHRONY.subarray(from + bytes.length)]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), near), (bytes) => {
      const decoded = decodeReply(bytes, COOKIE, NOW);
      if (!decoded.ok || decoded.value.kind !== "time") return;
      expect(Math.abs(decoded.value.sentMs - NOW)).toBeLessThanOrEqual(2 ** 31 * 1000 + 1000);
    }),
    { numRuns: 2_000 },
  );
});
