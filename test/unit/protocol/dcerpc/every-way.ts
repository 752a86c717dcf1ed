import { expect } from "vitest";
import { decodeAnswer, frame } from "../../../../src/protocol/dcerpc/answer.ts";
import type { Answer } from "../../../../src/protocol/dcerpc/answer.ts";
import type { Decoded } from "../../../../src/protocol/bytes.ts";

/**
 * Decodes one PDU the way a connection could hand it over: whole, byte by byte, joined with the next one, and cut
 * at every offset with a header that claims it were whole.
 *
 * @param shortest how many bytes the decoder needs; what follows is optional. With fewer it must say what is missing
 * @returns what the whole PDU decodes to
 */
export function decodeEveryWay(pdu: Uint8Array, shortest = pdu.length): Decoded<Answer> {
  const whole = decodeAnswer(pdu);
  expect(whole.ok, "the whole PDU decodes").toBe(true);
  for (let length = 0; length < pdu.length; length++) {
    expect(frame(pdu.subarray(0, length)), `framing of the first ${length} bytes`).toEqual({
      state: "incomplete",
    });
    const cut = decodeAnswer(pdu.slice(0, length));
    expect(cut.ok, `decoding of the first ${length} bytes`).toBe(length >= shortest);
    if (!cut.ok) {
      expect(cut.fault.at).toBeLessThanOrEqual(length);
      expect(cut.fault.what).toMatch(/^cut short: .+ needs \d+ bytes, \d+ are left$/);
    }
    if (length >= 16) {
      const claimed = withFragLength(pdu.slice(0, length), length);
      expect(frame(claimed), `framing of ${length} bytes that claim to be all`).toEqual({
        state: "whole",
        length,
      });
      expect(decodeAnswer(claimed).ok).toBe(length >= shortest);
    }
  }
  expect(frame(pdu)).toEqual({ state: "whole", length: pdu.length });
  const joined = new Uint8Array(pdu.length + 20);
  joined.set(pdu);
  joined.set(pdu.subarray(0, Math.min(20, pdu.length)), pdu.length);
  expect(frame(joined)).toEqual({ state: "whole", length: pdu.length });
  return whole;
}

/** A copy with another frag_length, in the byte order that the PDU declares. */
export function withFragLength(pdu: Uint8Array, length: number): Uint8Array {
  const copy = pdu.slice();
  const [, , , , drep = 0] = copy;
  new DataView(copy.buffer).setUint16(8, length, drep >> 4 === 1);
  return copy;
}
