/**
 * SMB2 NEGOTIATE (MS-SMB2 2.2.3, 2.2.4): the first message of a connection, before any logon. Its answer carries the
 * server's clock, and that is all it is asked for.
 */
import { decoding, Reader, Writer } from "./bytes.ts";
import type { Decoded } from "./bytes.ts";
import { isPlausible } from "./calendar.ts";

/** The transport's prefix: a zero byte and a 24-bit big-endian length, which doesn't count itself (MS-SMB2 2.1). */
const PREFIX_LENGTH = 4;
const HEADER_LENGTH = 64;
const PROTOCOL_ID = Uint8Array.of(0xfe, 0x53, 0x4d, 0x42);
const NEGOTIATE = 0;
const SERVER_TO_REDIR = 0x01;
const SIGNING_ENABLED = 1;

/**
 * SMB 2.0.2 to 3.0.2. Not 3.1.1, which obliges the client to send negotiate contexts; a host that takes nothing else
 * says STATUS_NOT_SUPPORTED.
 */
const DIALECTS = [0x0202, 0x0210, 0x0300, 0x0302];

/** The longest answer read: 128 bytes and a security token, of which Windows sends some hundred bytes. */
export const MAX_ANSWER = PREFIX_LENGTH + 16_384;

/** Beside success, what a server says to a NEGOTIATE (MS-SMB2 3.3.5.4, MS-ERREF 2.3.1). */
export const STATUS = {
  notSupported: 0xc00000bb,
  invalidParameter: 0xc000000d,
  accessDenied: 0xc0000022,
} as const;

export type NegotiateAnswer =
  /** The server's clock when it answered, in milliseconds since 1970 with fractions of 100 ns. */
  | { kind: "time"; unixMs: number; dialect: number }
  /** SystemTime is 0: the server keeps it to itself. */
  | { kind: "no-time" }
  | { kind: "refused"; status: number };

export type Framing =
  | { state: "incomplete" }
  | { state: "whole"; length: number }
  | { state: "not-smb2"; at: number; what: string };

/**
 * One NEGOTIATE with its prefix: 112 bytes.
 * @param clientGuid 16 bytes, random
 */
export function encodeNegotiate(clientGuid: Uint8Array): Uint8Array {
  const length = HEADER_LENGTH + 36 + 2 * DIALECTS.length;
  const writer = new Writer(PREFIX_LENGTH + length)
    .bytes(Uint8Array.of(0, 0, 0, length))
    .bytes(PROTOCOL_ID)
    .u16(HEADER_LENGTH)
    .u16(0) // CreditCharge
    .u32(0) // Status
    .u16(NEGOTIATE)
    .u16(1) // CreditRequest
    .bytes(new Uint8Array(HEADER_LENGTH - 16)) // Flags to Signature
    .u16(36) // StructureSize, whatever the number of dialects
    .u16(DIALECTS.length)
    .u16(SIGNING_ENABLED)
    .u16(0) // Reserved
    .u32(0) // Capabilities
    .bytes(clientGuid)
    .bytes(new Uint8Array(8)); // ClientStartTime
  for (const dialect of DIALECTS) writer.u16(dialect);
  return writer.done();
}

/** Tells how long the message at the start of `bytes` is, prefix included, or as soon as it can be no SMB2 message. */
export function frame(bytes: Uint8Array): Framing {
  const [type, high, middle, low, ...rest] = bytes.subarray(0, PREFIX_LENGTH + PROTOCOL_ID.length);
  if (type === undefined) return { state: "incomplete" };
  if (type !== 0) return { state: "not-smb2", at: 0, what: `the transport's first byte is ${type}, not 0` };
  if (high === undefined || middle === undefined || low === undefined) return { state: "incomplete" };
  const length = PREFIX_LENGTH + high * 0x10000 + middle * 0x100 + low;
  const wrong = rest.findIndex((byte, index) => byte !== PROTOCOL_ID[index]);
  if (wrong >= 0) {
    const what = rest[0] === 0xff ? "an answer of SMB 1" : "no SMB2 protocol id";
    return { state: "not-smb2", at: PREFIX_LENGTH + wrong, what };
  }
  if (length < PREFIX_LENGTH + HEADER_LENGTH || length > MAX_ANSWER)
    return { state: "not-smb2", at: 1, what: `a message of ${length - PREFIX_LENGTH} bytes` };
  return bytes.length < length ? { state: "incomplete" } : { state: "whole", length };
}

/** Decodes one whole answer to a NEGOTIATE, prefix included. Never throws. */
export function decodeNegotiateResponse(bytes: Uint8Array): Decoded<NegotiateAnswer> {
  return decoding(() => {
    const reader = new Reader(bytes);
    const framing = frame(bytes);
    if (framing.state === "not-smb2") return reader.fail(framing.what);
    reader.skip(PREFIX_LENGTH + PROTOCOL_ID.length, "prefix and ProtocolId");
    if (reader.u16("StructureSize") !== HEADER_LENGTH) return reader.fail("not the header's StructureSize");
    reader.skip(2, "CreditCharge");
    const status = reader.u32("Status");
    if (reader.u16("Command") !== NEGOTIATE) return reader.fail("an answer to another command");
    reader.skip(2, "CreditResponse");
    if ((reader.u32("Flags") & SERVER_TO_REDIR) === 0) return reader.fail("a request, not an answer");
    reader.skip(44, "NextCommand to Signature");
    if (status !== 0) return { kind: "refused", status };
    if (reader.u16("StructureSize") !== 65)
      return reader.fail("not the StructureSize of a NEGOTIATE response");
    reader.skip(2, "SecurityMode");
    const dialect = reader.u16("DialectRevision");
    reader.skip(34, "NegotiateContextCount to MaxWriteSize");
    const systemTime = reader.u64("SystemTime");
    // Not used, but a message that ends before them is cut short.
    reader.skip(16, "ServerStartTime to NegotiateContextOffset");
    if (systemTime === 0n) return { kind: "no-time" };
    const unixMs = unixMsOfFiletime(systemTime);
    if (!isPlausible(unixMs)) return reader.fail("SystemTime is outside the years 1970 to 2200");
    return { kind: "time", unixMs, dialect };
  });
}

/** FILETIME counts 100 ns since 1601: beyond 2^53 these days, so that a number would lose the last digits. */
function unixMsOfFiletime(filetime: bigint): number {
  return Number(filetime / 10_000n) - 11_644_473_600_000 + Number(filetime % 10_000n) / 10_000;
}
