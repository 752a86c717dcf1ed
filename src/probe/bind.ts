/** One bind of the KMS interface, and what came of it. */
import type { BindAckFacts, BindEvidence, BindShape, BindTry } from "../model/rpc.ts";
import { toHex } from "../protocol/bytes.ts";
import { decodeAnswer, frame } from "../protocol/dcerpc/answer.ts";
import type { Answer } from "../protocol/dcerpc/answer.ts";
import { encodeBind, PLAIN_CONTEXTS, WINDOWS_CONTEXTS } from "../protocol/dcerpc/bind.ts";
import { PTYPE } from "../protocol/dcerpc/header.ts";
import { guessProtocol } from "../protocol/guess.ts";
import { kernelViewOf } from "../system/kernel.ts";
import { skipReason } from "../transport/patience.ts";
import type { Connection, Exchange } from "../transport/tcp.ts";
import type { ProbeContext } from "./context.ts";
import { exchangePdu } from "./pdu.ts";

const OFFERED = { windows: ["NDR32", "NDR64", "BTFN"], plain: ["NDR32"] } as const;

/** Bytes of an answer that are kept as evidence. */
const KEPT_BYTES = 256;

/** How long a service in another language is given to finish its first sentence, so that it can be named. */
const BANNER_MS = 150;

/** Whether one of the KMS contexts was accepted: hosts may refuse NDR32 and take NDR64. Features prove nothing. */
export function acceptsKms(ack: BindAckFacts): boolean {
  return acceptedContext(ack) !== undefined;
}

/** The presentation context that was accepted, other than by bind time feature negotiation (MS-RPCE 3.3.1.5.3). */
export function acceptedContext(ack: BindAckFacts): BindAckFacts["contexts"][number] | undefined {
  return ack.contexts.find(
    ({ offered, result, reason }) => offered !== "BTFN" && result === 0 && reason === 0,
  );
}

/** One bind, in one write: some servers take one read for one PDU. */
export async function probeBind(
  connection: Connection,
  shape: BindShape,
  context: ProbeContext,
): Promise<BindTry> {
  const sent = encodeBind(shape === "windows" ? WINDOWS_CONTEXTS : PLAIN_CONTEXTS, context.callId());
  const exchange = await exchangePdu(connection, sent, context);
  let { received } = exchange;
  const { end, elapsedMs } = exchange;
  const framing = frame(received);
  if (framing.state === "not-dcerpc") {
    const rest = await connection.linger(BANNER_MS, KEPT_BYTES, context.signal);
    received = Buffer.concat([received, rest.received]);
  }
  const kept = { shape, received: toHex(received.subarray(0, KEPT_BYTES)) };
  const malformed = (fault: { at: number; what: string }): BindTry => ({
    ...kept,
    answer: { outcome: "malformed", fault, looksLike: guessProtocol(received, sent), elapsedMs },
  });
  if (framing.state === "not-dcerpc") return malformed({ at: framing.at, what: framing.what });
  if (framing.state === "incomplete") {
    if (end === "aborted")
      return { ...kept, answer: { outcome: "skipped", reason: skipReason(context.signal) } };
    if (received.length > 0)
      return malformed({ at: received.length, what: `the answer stops inside a PDU (${endWord(end)})` });
    const kernel = end === "silent" ? await kernelViewOf(connection.local, connection.remote) : null;
    return { ...kept, answer: { outcome: "no-answer", cause: endWord(end), kernel, elapsedMs } };
  }
  const decoded = decodeAnswer(received);
  if (!decoded.ok) return malformed(decoded.fault);
  const answer = readAnswer(decoded.value, shape, elapsedMs);
  return answer === null
    ? malformed({ at: 2, what: "an alter_context_resp, or no result, to a bind" })
    : { ...kept, answer };
}

function readAnswer(answer: Answer, shape: BindShape, elapsedMs: number): BindEvidence | null {
  switch (answer.kind) {
    case "bind-nak":
    case "fault":
      return { outcome: "denied", denial: answer, elapsedMs };
    case "accepted-pdu": {
      const { ptype, results } = answer;
      if (ptype !== PTYPE.bindAck || results.length === 0) return null;
      const contexts = OFFERED[shape].flatMap((offered, index) => {
        const result = results[index];
        return result ? [{ offered, ...result }] : [];
      });
      const ack: BindAckFacts = {
        maxXmitFrag: answer.maxXmitFrag,
        maxRecvFrag: answer.maxRecvFrag,
        assocGroupId: answer.assocGroupId,
        secondaryAddress: answer.secondaryAddress,
        pfcFlags: answer.pfcFlags,
        callId: answer.callId,
        byteOrder: answer.byteOrder,
        contexts,
      };
      return acceptsKms(ack)
        ? { outcome: "ok", facts: ack, elapsedMs }
        : { outcome: "denied", denial: { kind: "contexts", ack }, elapsedMs };
    }
    default:
      return answer satisfies never;
  }
}

function endWord(end: Exchange["end"]): string {
  if (typeof end === "object") return end.errno;
  return end === "closed" ? "closed" : "deadline";
}
