import { decoding, equal, Reader } from "../bytes.ts";
import type { ByteOrder, Decoded } from "../bytes.ts";
import { HEADER_LENGTH, MAX_FRAG, PTYPE, readHeader } from "./header.ts";
import type { Header } from "./header.ts";
import { uuidBytes } from "../uuid.ts";

/** One entry of p_result_list_t. The accepted transfer syntax is left out: its values vary and decide nothing. */
export type ResultElement = { result: number; reason: number };

export const RESULT = { acceptance: 0, userRejection: 1, providerRejection: 2, negotiateAck: 3 } as const;

/** What a server can say to a bind or an alter_context. */
export type Answer =
  | {
      kind: "accepted-pdu";
      ptype: ResultPtype;
      maxXmitFrag: number;
      maxRecvFrag: number;
      assocGroupId: number;
      secondaryAddress: string;
      results: ResultElement[];
      pfcFlags: number;
      callId: number;
      byteOrder: ByteOrder;
    }
  | { kind: "bind-nak"; reason: number; extendedError: boolean }
  | { kind: "fault"; status: number | null };

/** The PDU types that carry a result list: what answers a bind, and what answers an alter_context. */
export type ResultPtype = typeof PTYPE.bindAck | typeof PTYPE.alterContextResp;

/** How much of a PDU has come: `need` more bytes are wanted before it is whole. */
export type Framing =
  | { state: "incomplete" }
  | { state: "whole"; length: number }
  | { state: "not-dcerpc"; at: number; what: string };

/**
 * Tells how long the PDU at the start of `bytes` is, from its own frag_length read in its own byte order.
 * Answers as soon as the bytes can't be a DCE/RPC answer: a wrong version byte needs no sixteen bytes to be seen.
 */
export function frame(bytes: Uint8Array): Framing {
  const [version, versionMinor, ptype] = bytes;
  if (version === undefined) return { state: "incomplete" };
  if (version !== 5) return { state: "not-dcerpc", at: 0, what: `rpc_vers is ${version}, not 5` };
  if (versionMinor !== undefined && versionMinor > 1) {
    return { state: "not-dcerpc", at: 1, what: `rpc_vers_minor is ${versionMinor}` };
  }
  if (ptype !== undefined && ptype > 20)
    return { state: "not-dcerpc", at: 2, what: `PTYPE ${ptype} doesn't exist` };
  if (bytes.length < HEADER_LENGTH) return { state: "incomplete" };
  const { fragLength } = readHeader(new Reader(bytes));
  if (fragLength < HEADER_LENGTH || fragLength > MAX_FRAG) {
    return {
      state: "not-dcerpc",
      at: 8,
      what: `frag_length is ${fragLength}, outside ${HEADER_LENGTH} to ${MAX_FRAG}`,
    };
  }
  return bytes.length < fragLength ? { state: "incomplete" } : { state: "whole", length: fragLength };
}

/**
 * Decodes one whole PDU that answers a bind or an alter_context.
 *
 * Tolerates what real servers do: another call_id, any flags, junk in padding, an empty secondary address, a
 * bind_nak of 21 bytes, a fault cut before its status, an auth_length without a trailer. Never throws.
 */
export function decodeAnswer(bytes: Uint8Array): Decoded<Answer> {
  return decoding(() => {
    const reader = new Reader(bytes);
    const header = readHeader(reader);
    switch (header.ptype) {
      case PTYPE.bindAck:
      case PTYPE.alterContextResp:
        return readResultList(reader, header, header.ptype);
      case PTYPE.bindNak:
        return readBindNak(reader);
      case PTYPE.fault:
        return readFault(reader);
      default:
        return reader.fail(`PTYPE ${header.ptype} doesn't answer a bind`);
    }
  });
}

/** C706 12.6.4.4: bind_ack, and alter_context_resp with the same fields. */
function readResultList(reader: Reader, header: Header, ptype: ResultPtype): Answer {
  const maxXmitFrag = reader.u16("max_xmit_frag");
  const maxRecvFrag = reader.u16("max_recv_frag");
  const assocGroupId = reader.u32("assoc_group_id");
  const secondaryAddress = asciiBeforeNul(reader.take(reader.u16("sec_addr length"), "sec_addr"));
  reader.align(4, "padding before the result list");
  const count = reader.u8("n_results");
  reader.skip(3, "reserved");
  const results: ResultElement[] = [];
  for (let index = 0; index < count; index++) {
    const result = reader.u16("result");
    const reason = reader.u16("reason");
    reader.skip(20, "transfer syntax");
    results.push({ result, reason });
  }
  const { pfcFlags, callId, byteOrder } = header;
  return {
    kind: "accepted-pdu",
    ptype,
    maxXmitFrag,
    maxRecvFrag,
    assocGroupId,
    secondaryAddress,
    results,
    pfcFlags,
    callId,
    byteOrder,
  };
}

/** Announces extended error information in a bind_nak (MS-RPCE 2.2.2.9). */
const EXTENDED_ERROR = uuidBytes("90740320-fad0-11d3-82d7-009027b130ab");

/** C706 12.6.4.5: a reason, then versions that are of no interest here, then perhaps a signature. */
function readBindNak(reader: Reader): Answer {
  const reason = reader.u16("provider_reject_reason");
  let extendedError = false;
  if (reader.left > 0) {
    const versions = 2 * reader.u8("n_protocols");
    if (reader.left >= versions) {
      reader.skip(versions, "protocol versions");
      const padding = (4 - (reader.at % 4)) % 4;
      if (reader.left >= padding + EXTENDED_ERROR.length) {
        reader.skip(padding, "padding");
        extendedError = equal(reader.take(EXTENDED_ERROR.length, "signature"), EXTENDED_ERROR);
      }
    }
  }
  return { kind: "bind-nak", reason, extendedError };
}

/** C706 12.6.4.7. Some stacks send a fault of 24 bytes, which ends where the status would begin. */
function readFault(reader: Reader): Answer {
  reader.skip(8, "alloc_hint, p_cont_id, cancel_count, reserved");
  return { kind: "fault", status: reader.left >= 4 ? reader.u32("status") : null };
}

function asciiBeforeNul(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, 256)) {
    if (byte === 0) break;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  }
  return text;
}
