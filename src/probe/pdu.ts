import type { ControlEvidence } from "../model/rpc.ts";
import { decodeAnswer, frame, RESULT } from "../protocol/dcerpc/answer.ts";
import type { ResultPtype } from "../protocol/dcerpc/answer.ts";
import { MAX_FRAG } from "../protocol/dcerpc/header.ts";
import type { Connection, Exchange } from "../transport/tcp.ts";
import type { ProbeContext } from "./context.ts";

/** Sends one PDU and waits for one, whole; or for bytes that can't be one. */
export function exchangePdu(
  connection: Connection,
  pdu: Uint8Array,
  context: ProbeContext,
  split?: { at: number; pauseMs: number },
): Promise<Exchange> {
  return connection.exchange(pdu, {
    enough: (received) => {
      const framing = frame(received);
      if (framing.state === "whole") return framing.length;
      return framing.state === "not-dcerpc" ? received.length : null;
    },
    limit: MAX_FRAG,
    timeoutMs: context.settings.rpcTimeoutMs,
    signal: context.signal,
    ...(split ? { split } : {}),
  });
}

/** What came back to an offer of contexts, in a word. `accepted`: one of them was. */
export type PduAnswer =
  | "accepted"
  | "rejected"
  | "nak"
  | "fault"
  | "malformed"
  | "closed"
  | "reset"
  | "silent"
  | "aborted";

/** @param wanted what a server says to what was sent: a second bind_ack, say, is no answer to an alter_context */
export function answerWord({ end, received }: Exchange, wanted: ResultPtype): PduAnswer {
  if (end === "silent" || end === "aborted" || end === "closed") return end;
  if (typeof end === "object") return "reset";
  const decoded = decodeAnswer(received);
  if (!decoded.ok) return "malformed";
  switch (decoded.value.kind) {
    case "bind-nak":
      return "nak";
    case "fault":
      return "fault";
    case "accepted-pdu": {
      const { ptype, results } = decoded.value;
      if (results.length === 0 || ptype !== wanted) return "malformed";
      // A third context offers features, and says nothing of the interface.
      const asked = results.slice(0, 2);
      const accepted = asked.some(({ result, reason }) => result === RESULT.acceptance && reason === 0);
      return accepted ? "accepted" : "rejected";
    }
    default:
      return decoded.value satisfies never;
  }
}

/** As a control, a nak says no like a rejection, and a reset is one way to close. */
export function controlWord(exchange: Exchange, wanted: ResultPtype): ControlEvidence["answer"] {
  const word = answerWord(exchange, wanted);
  switch (word) {
    case "nak":
      return "rejected";
    case "reset":
      return "closed";
    case "aborted":
      return "not-asked";
    default:
      return word;
  }
}
