/**
 * The server's half of the codec: reads binds, writes what answers them. It is here and not in protocol/ because the
 * probe has no use for it: what can't be encoded there can't be sent.
 */
import { concat, decoding, Reader, Writer } from "../protocol/bytes.ts";
import type { Decoded } from "../protocol/bytes.ts";
import {
  HEADER_LENGTH,
  MAX_FRAG,
  PFC_FIRST_FRAG,
  PFC_LAST_FRAG,
  PTYPE,
  readHeader,
} from "../protocol/dcerpc/header.ts";
import { SYNTAX_LENGTH } from "../protocol/dcerpc/syntax.ts";

/** The one PDU type that asks for work to be done (C706 12.6.4.9). It is known here only to be refused. */
const PTYPE_REQUEST = 0;

/** One p_cont_elem_t; syntaxes as the 20 bytes they came in. */
export type OfferedContext = { abstract: Uint8Array; transfers: Uint8Array[] };

export type ClientPdu =
  | {
      kind: "offer";
      ptype: typeof PTYPE.bind | typeof PTYPE.alterContext;
      callId: number;
      assocGroupId: number;
      contexts: OfferedContext[];
    }
  | { kind: "request"; callId: number };

/** Decodes one whole PDU from a client; never throws. The body of a request is not looked at. */
export function decodeClientPdu(bytes: Uint8Array): Decoded<ClientPdu> {
  return decoding(() => {
    const reader = new Reader(bytes);
    const { ptype, callId } = readHeader(reader);
    if (ptype === PTYPE_REQUEST) return { kind: "request", callId };
    if (ptype !== PTYPE.bind && ptype !== PTYPE.alterContext) {
      return reader.fail(`PTYPE ${ptype} is not for a server`);
    }
    reader.skip(4, "max_xmit_frag, max_recv_frag");
    const assocGroupId = reader.u32("assoc_group_id");
    const count = reader.u8("n_context_elem");
    reader.skip(3, "reserved");
    const contexts: OfferedContext[] = [];
    for (let index = 0; index < count; index++) contexts.push(readContext(reader));
    return { kind: "offer", ptype, callId, assocGroupId, contexts };
  });
}

function readContext(reader: Reader): OfferedContext {
  reader.skip(2, "p_cont_id");
  const transferCount = reader.u8("n_transfer_syn");
  reader.skip(1, "reserved");
  const abstract = reader.take(SYNTAX_LENGTH, "abstract syntax");
  const transfers: Uint8Array[] = [];
  for (let index = 0; index < transferCount; index++) {
    transfers.push(reader.take(SYNTAX_LENGTH, "transfer syntax"));
  }
  return { abstract, transfers };
}

/** One p_result_t; `transfer` is zeros for anything but an acceptance. */
export type ContextAnswer = { result: number; reason: number; transfer: Uint8Array };

export const NO_SYNTAX = new Uint8Array(SYNTAX_LENGTH);

/** @param secondaryAddress the port in letters; empty in an alter_context_resp */
export function encodeResults(
  ptype: typeof PTYPE.bindAck | typeof PTYPE.alterContextResp,
  callId: number,
  results: readonly ContextAnswer[],
  { assocGroupId, secondaryAddress }: { assocGroupId: number; secondaryAddress: string },
): Uint8Array {
  const secondary = secondaryAddress === "" ? "" : `${secondaryAddress}\0`;
  const padding = (4 - ((HEADER_LENGTH + 10 + secondary.length) % 4)) % 4;
  const body = new Writer(10 + secondary.length + padding + 4 + results.length * (4 + SYNTAX_LENGTH))
    .u16(MAX_FRAG)
    .u16(MAX_FRAG)
    .u32(assocGroupId)
    .u16(secondary.length)
    .bytes(new TextEncoder().encode(secondary))
    .bytes(new Uint8Array(padding))
    .u8(results.length)
    .u8(0)
    .u16(0);
  for (const { result, reason, transfer } of results) body.u16(result).u16(reason).bytes(transfer);
  return encodePdu(ptype, 0, callId, body.done());
}

const PFC_DID_NOT_EXECUTE = 0x20;

const NCA_OP_RNG_ERROR = 0x1c010002;

/** "No such operation, and nothing was executed": what a server says that does not do what it was asked. */
export function encodeRefusal(callId: number): Uint8Array {
  const body = new Writer(16).u32(0).u16(0).u8(0).u8(0).u32(NCA_OP_RNG_ERROR).u32(0).done();
  return encodePdu(PTYPE.fault, PFC_DID_NOT_EXECUTE, callId, body);
}

/** One whole little-endian PDU without authentication (C706 12.6.3.1). */
function encodePdu(ptype: number, moreFlags: number, callId: number, body: Uint8Array): Uint8Array {
  const header = new Writer(HEADER_LENGTH)
    .u8(5)
    .u8(0)
    .u8(ptype)
    .u8(PFC_FIRST_FRAG | PFC_LAST_FRAG | moreFlags)
    .u32(0x10)
    .u16(HEADER_LENGTH + body.length)
    .u16(0)
    .u32(callId);
  return concat([header.done(), body]);
}
