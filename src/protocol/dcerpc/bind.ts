import { Writer } from "../bytes.ts";
import { HEADER_LENGTH, MAX_FRAG, PTYPE, writeHeader } from "./header.ts";
import type { SentPtype } from "./header.ts";
import { BTFN, KMS_INTERFACE, NDR32, NDR64, SYNTAX_LENGTH, syntaxBytes } from "./syntax.ts";
import type { SyntaxId } from "./syntax.ts";

/** One p_cont_elem_t with one transfer syntax, the way Windows offers them (MS-RPCE 3.3.1.5.6). */
export type ContextElement = { id: number; abstract: SyntaxId; transfer: SyntaxId };

/** What a Windows client offers: three elements, one transfer syntax each. 160 bytes as a bind. */
export const WINDOWS_CONTEXTS: readonly ContextElement[] = [
  { id: 0, abstract: KMS_INTERFACE, transfer: NDR32 },
  { id: 1, abstract: KMS_INTERFACE, transfer: NDR64 },
  { id: 2, abstract: KMS_INTERFACE, transfer: BTFN },
];

/** The smallest bind there is: 72 bytes. */
export const PLAIN_CONTEXTS: readonly ContextElement[] = [
  { id: 0, abstract: KMS_INTERFACE, transfer: NDR32 },
];

/**
 * @param callId any u32; echoed by most servers, not by all
 * @param maxFrag largest fragment offered, sent and received, in bytes: a u16
 */
export function encodeBind(
  contexts: readonly ContextElement[],
  callId: number,
  maxFrag: number = MAX_FRAG,
): Uint8Array {
  return encodeContexts(PTYPE.bind, contexts, callId, { maxFrag, assocGroupId: 0 });
}

/** Offers further contexts on a bound connection (C706 12.6.4.1). */
export function encodeAlterContext(
  contexts: readonly ContextElement[],
  callId: number,
  assocGroupId: number,
): Uint8Array {
  return encodeContexts(PTYPE.alterContext, contexts, callId, { maxFrag: MAX_FRAG, assocGroupId });
}

const BODY_LENGTH = 12;
const ELEMENT_LENGTH = 4 + 2 * SYNTAX_LENGTH;

/** bind and alter_context have the same body (C706 12.6.4.3). */
function encodeContexts(
  ptype: SentPtype,
  contexts: readonly ContextElement[],
  callId: number,
  { maxFrag, assocGroupId }: { maxFrag: number; assocGroupId: number },
): Uint8Array {
  const length = HEADER_LENGTH + BODY_LENGTH + contexts.length * ELEMENT_LENGTH;
  const writer = writeHeader(new Writer(length), ptype, length, callId)
    .u16(maxFrag)
    .u16(maxFrag)
    .u32(assocGroupId)
    .u8(contexts.length)
    .u8(0)
    .u16(0);
  for (const { id, abstract, transfer } of contexts) {
    writer.u16(id).u8(1).u8(0).bytes(syntaxBytes(abstract)).bytes(syntaxBytes(transfer));
  }
  return writer.done();
}
