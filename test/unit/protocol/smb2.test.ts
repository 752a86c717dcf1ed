import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, fromHex, toHex } from "../../../src/protocol/bytes.ts";
import {
  decodeNegotiateResponse,
  encodeNegotiate,
  frame,
  MAX_ANSWER,
  STATUS,
} from "../../../src/protocol/smb2.ts";

/** Samba 4.17 on Debian 12, captured on loopback under `FAKETIME=-5h`, the server GUID and token as they came. */
const SAMBA = fromHex(
  [
    "000000ca",
    "fe534d4240000000000000000000010001000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "4100010002030000636c6f636b00000000000000000000000700000000008000",
    "0000800000008000be6a4f87517add01000000000000000080004a0000000000",
    "604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa32a",
    "3028a0261b246e6f745f646566696e65645f696e5f5246433431373840706c65",
    "6173655f69676e6f7265",
  ].join(""),
);
/** SystemTime there: FILETIME 134398054472051390, worked out by hand. */
const SAMBA_MS = Date.UTC(2026, 10, 22, 7, 17, 27, 205) + 0.139;

/** Where the fixed part of a response ends: MS-SMB2 2.2.4, and 4 bytes of prefix. */
const FIXED_END = 4 + 128;

/** A copy with other bytes at an offset of the SMB2 message (not of the prefix). */
function patched(at: number, hex: string, original = SAMBA): Uint8Array {
  const copy = original.slice();
  copy.set(fromHex(hex), 4 + at);
  return copy;
}

/** A reply of 73 bytes: the header with a status, and the error body of MS-SMB2 2.2.2. */
function refusal(status: string): Uint8Array {
  const header = patched(8, status).subarray(4, 68);
  return concat([fromHex("00000049"), header, fromHex("090000000000000000")]);
}

describe("encodeNegotiate", () => {
  test("is 112 bytes, as MS-SMB2 2.2.1.2 and 2.2.3 lay them out", () => {
    const guid = fromHex("000102030405060708090a0b0c0d0e0f");
    expect(toHex(encodeNegotiate(guid))).toBe(
      [
        "0000006c", // prefix: 108 bytes
        "fe534d42", // ProtocolId
        "4000", // StructureSize
        "0000", // CreditCharge
        "00000000", // Status
        "0000", // Command: NEGOTIATE
        "0100", // CreditRequest
        "00000000", // Flags
        "00000000", // NextCommand
        "0000000000000000", // MessageId
        "00000000", // Reserved
        "00000000", // TreeId
        "0000000000000000", // SessionId
        "00000000000000000000000000000000", // Signature
        "2400", // StructureSize
        "0400", // DialectCount
        "0100", // SecurityMode: signing enabled
        "0000", // Reserved
        "00000000", // Capabilities
        "000102030405060708090a0b0c0d0e0f", // ClientGuid
        "0000000000000000", // ClientStartTime
        "0202100200030203", // Dialects
      ].join(""),
    );
  });

  test("takes a GUID of 16 bytes and no other", () => {
    expect(() => encodeNegotiate(new Uint8Array(15))).toThrow(RangeError);
    expect(() => encodeNegotiate(new Uint8Array(17))).toThrow(RangeError);
  });
});

describe("frame", () => {
  test("a message is whole when its length has come, whatever follows", () => {
    for (let length = 0; length < SAMBA.length; length++)
      expect(frame(SAMBA.subarray(0, length))).toEqual({ state: "incomplete" });
    expect(frame(SAMBA)).toEqual({ state: "whole", length: SAMBA.length });
    expect(frame(concat([SAMBA, SAMBA]))).toEqual({ state: "whole", length: SAMBA.length });
  });

  test.each([
    ["HTTP", "48545450", 0, "the transport's first byte is 72, not 0"],
    ["a NetBIOS negative session response", "83000001", 0, "the transport's first byte is 131, not 0"],
    ["SMB 1", "00000023ff", 4, "an answer of SMB 1"],
    ["an encrypted message", "000000cafd", 4, "no SMB2 protocol id"],
    ["another last letter", "000000cafe534d43", 7, "no SMB2 protocol id"],
    ["a message too short for its header", "0000003ffe534d42", 1, "a message of 63 bytes"],
    ["a message longer than any answer", "00004001fe534d42", 1, "a message of 16385 bytes"],
    ["16 MB", "00ffffff", 1, "a message of 16777215 bytes"],
  ])("%s is seen at once", (_, hex, at, what) => {
    expect(frame(fromHex(hex))).toEqual({ state: "not-smb2", at, what });
  });

  test("the longest answer that is read is one", () => {
    const longest = new Uint8Array(MAX_ANSWER);
    longest.set(fromHex("00004000fe534d42"));
    expect(frame(longest)).toEqual({ state: "whole", length: MAX_ANSWER });
  });
});

describe("decodeNegotiateResponse", () => {
  test("reads Samba's clock, to the microsecond", () => {
    expect(decodeNegotiateResponse(SAMBA)).toEqual({
      ok: true,
      value: { kind: "time", unixMs: SAMBA_MS, dialect: 0x0302 },
    });
  });

  test("says what is missing wherever the answer is cut short", () => {
    for (let length = 0; length < SAMBA.length; length++) {
      const decoded = decodeNegotiateResponse(SAMBA.slice(0, length));
      expect(decoded.ok, `the first ${length} bytes`).toBe(length >= FIXED_END);
      if (decoded.ok) continue;
      expect(decoded.fault.what).toMatch(/^cut short: .+ needs \d+ bytes, \d+ are left$/);
      expect(decoded.fault.at).toBeLessThanOrEqual(length);
    }
  });

  test.each([
    ["1970", "00803ed5deb19d01", 0],
    ["one tick later", "01803ed5deb19d01", 0.0001],
    ["half a millisecond", "88933ed5deb19d01", 0.5],
    ["the last millisecond of 2199", "f0d8f09e128e9f02", 7_258_118_399_999],
  ])("a FILETIME of %s is %s", (_, hex, unixMs) => {
    expect(decodeNegotiateResponse(patched(104, hex))).toEqual({
      ok: true,
      value: { kind: "time", unixMs, dialect: 0x0302 },
    });
  });

  test.each([
    ["before 1970", "ff7f3ed5deb19d01"],
    ["negative", "ffffffffffffffff"],
    ["2200", "0000f19e128e9f02"],
  ])("a FILETIME of %s is no clock", (_, hex) => {
    expect(decodeNegotiateResponse(patched(104, hex))).toEqual({
      ok: false,
      fault: { at: 132, what: "SystemTime is outside the years 1970 to 2200" },
    });
  });

  test("a server that keeps its time to itself says 0", () => {
    expect(decodeNegotiateResponse(patched(104, "0000000000000000"))).toEqual({
      ok: true,
      value: { kind: "no-time" },
    });
  });

  test.each([
    ["STATUS_NOT_SUPPORTED", "bb0000c0", STATUS.notSupported],
    ["STATUS_INVALID_PARAMETER", "0d0000c0", STATUS.invalidParameter],
    ["STATUS_ACCESS_DENIED", "220000c0", STATUS.accessDenied],
  ])("%s has no clock", (_, hex, status) => {
    const bytes = refusal(hex);
    expect(frame(bytes)).toEqual({ state: "whole", length: 77 });
    expect(decodeNegotiateResponse(bytes)).toEqual({ ok: true, value: { kind: "refused", status } });
  });

  test.each([
    ["another StructureSize of the header", patched(4, "4100"), "not the header's StructureSize"],
    ["another command", patched(12, "0100"), "an answer to another command"],
    ["our own request, echoed", encodeNegotiate(new Uint8Array(16)), "a request, not an answer"],
    ["another StructureSize", patched(64, "4000"), "not the StructureSize of a NEGOTIATE response"],
    ["SMB 1", fromHex("00000023ff534d42"), "an answer of SMB 1"],
  ])("%s is a fault", (_, bytes, what) => {
    const decoded = decodeNegotiateResponse(bytes);
    expect(decoded.ok ? null : decoded.fault.what).toBe(what);
  });

  test("no bytes make it throw, and a time it believes lies between 1970 and 2200", () => {
    const noise = fc.uint8Array({ maxLength: 300 });
    const near = fc
      .tuple(fc.nat(SAMBA.length - 1), fc.uint8Array({ maxLength: 8 }))
      .map(([at, bytes]) => concat([SAMBA.subarray(0, at), bytes, SAMBA.subarray(at + bytes.length)]));
    fc.assert(
      fc.property(fc.oneof(noise, near), (bytes) => {
        const decoded = decodeNegotiateResponse(bytes);
        frame(bytes);
        if (decoded.ok && decoded.value.kind === "time") {
          expect(decoded.value.unixMs).toBeGreaterThanOrEqual(0);
          expect(decoded.value.unixMs).toBeLessThan(Date.UTC(2200, 0, 1));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
