/** SNTP (RFC 4330; the message format is that of RFC 5905 7.3): one question to a server for its clock. */
import { decoding, Reader, Writer } from "./bytes.ts";
import type { Decoded } from "./bytes.ts";

const MESSAGE_LENGTH = 48;
const SERVER_MODE = 4;
const VERSION_4_CLIENT = 0x23;
const LEAP_UNKNOWN = 3;

/** Bytes of the transmit timestamp: the cookie that a reply must give back. */
export const COOKIE_LENGTH = 8;

/** From 1900 to 1970. */
const NTP_TO_UNIX_SECONDS = 2_208_988_800n;

/** What a server says that sends no time (RFC 5905 7.4). Any other word is the peer's own, and stays out. */
const KISS_CODES = "ACST AUTH AUTO BCST CRYP DENY DROP INIT MCST NKEY NTSN RATE RMOT RSTR STEP".split(" ");

export type SntpReply =
  | {
      kind: "time";
      /** T2: when the request came, by the server's clock, in milliseconds since 1970. */
      receivedMs: number;
      /** T3: when the reply left. */
      sentMs: number;
      /** How finely the server says that it reads its clock. */
      resolutionMs: number;
      /** False: by its own word nobody sets this clock. It is the server's clock all the same. */
      synchronised: boolean;
      stratum: number;
    }
  /** Kiss-o'-death; null for a code that isn't registered. */
  | { kind: "kiss"; code: string | null };

/**
 * A client request whose only content is the transmit timestamp, in which the server sees no clock of ours.
 * @param cookie 8 random bytes, fresh for each request
 */
export function encodeRequest(cookie: Uint8Array): Uint8Array {
  return new Writer(MESSAGE_LENGTH)
    .u8(VERSION_4_CLIENT)
    .bytes(new Uint8Array(MESSAGE_LENGTH - 1 - COOKIE_LENGTH))
    .bytes(cookie)
    .done();
}

/**
 * Decodes the reply to the request with this cookie. What follows the 48 bytes (extensions, MAC) is not read. Never
 * throws.
 * @param aroundMs any time within 68 years of the server's: NTP's seconds begin anew in 2036 (RFC 5905 6)
 */
export function decodeReply(bytes: Uint8Array, cookie: Uint8Array, aroundMs: number): Decoded<SntpReply> {
  return decoding(() => {
    const reader = new Reader(bytes);
    reader.order = "big";
    const first = reader.u8("leap indicator, version, mode");
    if ((first & 0x07) !== SERVER_MODE)
      return reader.fail(`mode ${first & 0x07}, not that of a server's reply`);
    const stratum = reader.u8("stratum");
    reader.skip(1, "poll");
    const precision = (reader.u8("precision") << 24) >> 24;
    reader.skip(8, "root delay, root dispersion");
    const referenceId = reader.take(4, "reference id");
    reader.skip(8, "reference timestamp");
    const originate = reader.take(COOKIE_LENGTH, "originate timestamp");
    if (!originate.every((byte, index) => byte === cookie[index]))
      return reader.fail("the originate timestamp is not that of our request");
    const received = reader.u64("receive timestamp");
    const sent = reader.u64("transmit timestamp");
    // Stratum 0 and no word: a server that nobody sets, but that shows its clock (chronyd 4.3 does).
    if (stratum === 0 && referenceId.some((byte) => byte !== 0)) {
      const code = String.fromCharCode(...referenceId);
      return { kind: "kiss", code: KISS_CODES.includes(code) ? code : null };
    }
    if (sent === 0n) return reader.fail("the transmit timestamp is 0");
    const sentMs = unixMsOf(sent, aroundMs);
    return {
      kind: "time",
      receivedMs: received === 0n ? sentMs : unixMsOf(received, aroundMs),
      sentMs,
      // A byte can say 2^127 s as well; nobody reads a clock more coarsely than by the minute.
      resolutionMs: 1000 * 2 ** Math.min(precision, 6),
      synchronised: first >> 6 !== LEAP_UNKNOWN && stratum !== 0 && stratum < 16,
      stratum,
    };
  });
}

/**
 * Offset of the server's clock from ours, and the time spent on the way, from the four times of an exchange
 * (RFC 4330 5): ours when the request left (T1) and the reply came (T4), the server's in between.
 */
export function offsetOf(
  t1: number,
  t2: number,
  t3: number,
  t4: number,
): { offsetMs: number; delayMs: number } {
  return { offsetMs: (t2 - t1 + (t3 - t4)) / 2, delayMs: t4 - t1 - (t3 - t2) };
}

/** The moment with this timestamp that is nearest to `aroundMs`, whatever the era. */
function unixMsOf(timestamp: bigint, aroundMs: number): number {
  const pivot = BigInt(Math.floor(aroundMs / 1000));
  const fromPivot = BigInt.asIntN(32, (timestamp >> 32n) - (pivot + NTP_TO_UNIX_SECONDS));
  return Number(pivot + fromPivot) * 1000 + (Number(timestamp & 0xffffffffn) / 2 ** 32) * 1000;
}
