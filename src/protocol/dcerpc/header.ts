import type { ByteOrder, Reader, Writer } from "../bytes.ts";

/**
 * The PDU types of the connection-oriented protocol that this program knows (C706 12.6.1). A type is sent only if
 * bind.ts encodes it: bind and alter_context, nothing else.
 */
export const PTYPE = {
  fault: 3,
  bind: 11,
  bindAck: 12,
  bindNak: 13,
  alterContext: 14,
  alterContextResp: 15,
} as const;

export const PFC_FIRST_FRAG = 0x01;
export const PFC_LAST_FRAG = 0x02;

/** The common header's length; every PDU is at least this long. */
export const HEADER_LENGTH = 16;

/** The largest fragment offered and accepted: what Windows uses over TCP. */
export const MAX_FRAG = 5840;

export type Header = {
  version: number;
  versionMinor: number;
  ptype: number;
  pfcFlags: number;
  byteOrder: ByteOrder;
  fragLength: number;
  authLength: number;
  callId: number;
};

/** Reads the common header and leaves the reader in the byte order that the peer declared (C706 14.1). */
export function readHeader(reader: Reader): Header {
  const version = reader.u8("rpc_vers");
  const versionMinor = reader.u8("rpc_vers_minor");
  const ptype = reader.u8("PTYPE");
  const pfcFlags = reader.u8("pfc_flags");
  const byteOrder = reader.u8("packed_drep") >> 4 === 0 ? "big" : "little";
  reader.skip(3, "packed_drep");
  reader.order = byteOrder;
  const fragLength = reader.u16("frag_length");
  const authLength = reader.u16("auth_length");
  const callId = reader.u32("call_id");
  return { version, versionMinor, ptype, pfcFlags, byteOrder, fragLength, authLength, callId };
}

/** The types that are sent. No request among them: not by this program, not through this module. */
export type SentPtype = typeof PTYPE.bind | typeof PTYPE.alterContext;

/** Writes a header for one whole little-endian PDU without authentication. */
export function writeHeader(writer: Writer, ptype: SentPtype, fragLength: number, callId: number): Writer {
  return writer
    .u8(5)
    .u8(0)
    .u8(ptype)
    .u8(PFC_FIRST_FRAG | PFC_LAST_FRAG)
    .u32(0x10)
    .u16(fragLength)
    .u16(0)
    .u32(callId);
}
