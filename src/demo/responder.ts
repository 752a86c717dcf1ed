import net from "node:net";
import { equal } from "../protocol/bytes.ts";
import { frame, RESULT } from "../protocol/dcerpc/answer.ts";
import { PTYPE } from "../protocol/dcerpc/header.ts";
import { BTFN, NDR32, NDR64, syntaxBytes } from "../protocol/dcerpc/syntax.ts";
import type { SyntaxId } from "../protocol/dcerpc/syntax.ts";
import { answerMessages } from "./loopback.ts";
import { decodeClientPdu, encodeRefusal, encodeResults, NO_SYNTAX } from "./rpc-answers.ts";
import type { ContextAnswer, OfferedContext } from "./rpc-answers.ts";

/** How a responder answers what it is offered. */
export type Manner = {
  /** The one interface it has; "any" says yes to everything. */
  serves: SyntaxId | "any";
  /** As 64-bit Windows: where NDR64 is offered as well, NDR32 is turned down. */
  prefersNdr64: boolean;
  /** As a firewall that knows the plain bind only: closes on more than one presentation context. */
  closesOnSeveral: boolean;
};

/**
 * Makes a server that answers bind and alter_context, and that is all: every request is refused unread, so there is
 * nothing in it that could activate anything. What is no DCE/RPC ends in a close.
 */
export function createResponder(manner: Manner): net.Server {
  let assocGroups = 0x1000;
  return net.createServer((socket) => {
    const port = String(socket.localPort ?? "");
    answerMessages(socket, frame, (message) => {
      const decoded = decodeClientPdu(message);
      if (!decoded.ok) return null;
      const pdu = decoded.value;
      if (pdu.kind === "request") return encodeRefusal(pdu.callId);
      if (manner.closesOnSeveral && pdu.contexts.length > 1) return null;
      const group = pdu.assocGroupId === 0 ? ++assocGroups : pdu.assocGroupId;
      const results = answerContexts(pdu.contexts, manner);
      return pdu.ptype === PTYPE.bind
        ? encodeResults(PTYPE.bindAck, pdu.callId, results, { assocGroupId: group, secondaryAddress: port })
        : encodeResults(PTYPE.alterContextResp, pdu.callId, results, {
            assocGroupId: group,
            secondaryAddress: "",
          });
    });
  });
}

/** p_provider_reason_t (C706 12.6.3.1). */
const ABSTRACT_SYNTAX_NOT_SUPPORTED = 1;
const TRANSFER_SYNTAXES_NOT_SUPPORTED = 2;

/** One answer for each context offered, in the same order. */
function answerContexts(contexts: readonly OfferedContext[], manner: Manner): ContextAnswer[] {
  const ndr64 = syntaxBytes(NDR64);
  const offersNdr64 = contexts.some(({ transfers }) => transfers.some((each) => equal(each, ndr64)));
  const taken = manner.prefersNdr64 && offersNdr64 ? ndr64 : syntaxBytes(NDR32);
  return contexts.map(({ abstract, transfers }): ContextAnswer => {
    const features = transfers.map(featureBits).find((bits) => bits !== null);
    // Negotiated whatever the interface, as Windows and Samba do.
    if (features !== undefined && features !== null) {
      return { result: RESULT.negotiateAck, reason: features, transfer: NO_SYNTAX };
    }
    if (manner.serves !== "any" && !equal(abstract, syntaxBytes(manner.serves))) {
      return rejection(ABSTRACT_SYNTAX_NOT_SUPPORTED);
    }
    const transfer = transfers.find((each) => equal(each, taken));
    if (transfer === undefined) return rejection(TRANSFER_SYNTAXES_NOT_SUPPORTED);
    return { result: RESULT.acceptance, reason: 0, transfer };
  });
}

function rejection(reason: number): ContextAnswer {
  return { result: RESULT.providerRejection, reason, transfer: NO_SYNTAX };
}

/** The offered bits of a bind-time feature negotiation that we know, null for any other syntax (MS-RPCE 2.2.2.14). */
function featureBits(transfer: Uint8Array): number | null {
  const [mask = 0] = transfer.subarray(8);
  return equal(transfer.subarray(0, 8), syntaxBytes(BTFN).subarray(0, 8)) ? mask & 3 : null;
}
