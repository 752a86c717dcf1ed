/**
 * Binds the KMS interface, and nothing more. A bind proves that an RPC server with this interface can be reached
 * both ways; it carries no machine id and no product, so a host has nothing to count.
 */
import type { SocketAddress } from "../model/dns.ts";
import type {
  BindAckFacts,
  BindEvidence,
  BindShape,
  BindTry,
  ControlEvidence,
  LatencyEvidence,
  RpcEvidence,
} from "../model/rpc.ts";
import { toHex } from "../protocol/bytes.ts";
import { decodeAnswer, frame } from "../protocol/dcerpc/answer.ts";
import type { Answer } from "../protocol/dcerpc/answer.ts";
import { encodeAlterContext, encodeBind, PLAIN_CONTEXTS, WINDOWS_CONTEXTS } from "../protocol/dcerpc/bind.ts";
import type { ContextElement } from "../protocol/dcerpc/bind.ts";
import { PTYPE } from "../protocol/dcerpc/header.ts";
import { DECOY_INTERFACE, KMS_INTERFACE, NDR32, NDR64 } from "../protocol/dcerpc/syntax.ts";
import { guessProtocol } from "../protocol/guess.ts";
import { kernelViewOf } from "../system/kernel.ts";
import { skipReason } from "../transport/patience.ts";
import type { Connection, Exchange } from "../transport/tcp.ts";
import type { ProbeContext } from "./context.ts";
import { controlWord, exchangePdu } from "./pdu.ts";
import { probeTcp } from "./tcp.ts";

const OFFERED = { windows: ["NDR32", "NDR64", "BTFN"], plain: ["NDR32"] } as const;

/** Bytes of an answer that are kept as evidence. */
const KEPT_BYTES = 256;

/** How long a service in another language is given to finish its first sentence, so that it can be named. */
const BANNER_MS = 150;

/** Whether one of the KMS contexts was accepted: hosts may refuse NDR32 and take NDR64. Features prove nothing. */
export function acceptsKms(ack: BindAckFacts): boolean {
  return acceptedContext(ack) !== undefined;
}

function acceptedContext(ack: BindAckFacts): BindAckFacts["contexts"][number] | undefined {
  return ack.contexts.find(
    ({ offered, result, reason }) => offered !== "BTFN" && result === 0 && reason === 0,
  );
}

/**
 * Walks the RPC layer on an open connection, which it closes. Where a Windows-shaped bind meets a close, a reset or
 * silence, a plain bind on a new connection tells whether the offer is what the path dislikes. Never rejects.
 */
export async function probeRpc(
  to: SocketAddress,
  first: Connection,
  context: ProbeContext,
): Promise<RpcEvidence> {
  const bind = await probeBind(first, "windows", context);
  if (bind.answer.outcome === "ok") {
    const after = await afterAcceptance(to, first, bind.answer.facts, context);
    return { bind, plain: null, ...after, unprompted: null };
  }
  first.close();
  const unasked = { control: NOT_ASKED, latency: { asked: 0, samplesMs: [] }, unprompted: null };
  if (bind.answer.outcome !== "no-answer") return { bind, plain: null, ...unasked };
  const second = await probeTcp(to, context);
  if (second.connection === null) {
    const { evidence } = second;
    const answer: BindEvidence =
      evidence.outcome === "no-answer"
        ? { outcome: "no-answer", cause: evidence.cause, kernel: null, elapsedMs: evidence.elapsedMs }
        : evidence.outcome === "ok"
          ? { outcome: "skipped", reason: "earlier-layer" }
          : evidence;
    return { bind, plain: { shape: "plain", received: "", answer }, ...unasked };
  }
  const plain = await probeBind(second.connection, "plain", context);
  if (plain.answer.outcome === "ok") {
    // After a lost SYN the kernel waits 3 s before it sends the bind again (RFC 6298 5.7): two lost packets look like
    // a device that dislikes the offer. What goes unanswered twice, and not only once, is that.
    const again = bind.answer.cause === "deadline" ? await bindOnceMore(to, context) : null;
    if (again) {
      second.connection.close();
      return { bind: again.bind, plain: null, ...again.after, unprompted: null };
    }
    const after = await afterAcceptance(to, second.connection, plain.answer.facts, context);
    return { bind, plain, ...after, unprompted: null };
  }
  second.connection.close();
  return { bind, plain, ...unasked };
}

/** The Windows-shaped bind on a connection of its own; null where it is not accepted. */
async function bindOnceMore(
  to: SocketAddress,
  context: ProbeContext,
): Promise<{ bind: BindTry; after: Awaited<ReturnType<typeof afterAcceptance>> } | null> {
  const { connection } = await probeTcp(to, context);
  if (connection === null) return null;
  const bind = await probeBind(connection, "windows", context);
  if (bind.answer.outcome === "ok")
    return { bind, after: await afterAcceptance(to, connection, bind.answer.facts, context) };
  connection.close();
  return null;
}

const NOT_ASKED: ControlEvidence = { by: "alter-context", answer: "not-asked" };

/** One bind, in one write: some servers take one read for one PDU. */
async function probeBind(connection: Connection, shape: BindShape, context: ProbeContext): Promise<BindTry> {
  const sent = encodeBind(shape === "windows" ? WINDOWS_CONTEXTS : PLAIN_CONTEXTS, context.randomU16());
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
      const { kind: _, ptype, results, ...rest } = answer;
      if (ptype !== PTYPE.bindAck || results.length === 0) return null;
      const contexts = OFFERED[shape].flatMap((offered, index) => {
        const result = results[index];
        return result ? [{ offered, ...result }] : [];
      });
      const ack: BindAckFacts = { ...rest, contexts };
      return acceptsKms(ack)
        ? { outcome: "ok", facts: ack, elapsedMs }
        : { outcome: "denied", denial: { kind: "contexts", ack }, elapsedMs };
    }
    default:
      return answer satisfies never;
  }
}

/**
 * With the verdict in hand, on the same connection: the control, then the latency samples. Closes the connection.
 * A peer that closes here has lost nothing but samples. Where an alter_context can't serve as control, a bind can.
 */
async function afterAcceptance(
  to: SocketAddress,
  connection: Connection,
  ack: BindAckFacts,
  context: ProbeContext,
): Promise<{ control: ControlEvidence; latency: LatencyEvidence }> {
  const decoy = { id: 3, abstract: DECOY_INTERFACE, transfer: NDR32 };
  const alter = (element: ContextElement): Promise<Exchange> =>
    exchangePdu(connection, encodeAlterContext([element], context.randomU16(), ack.assocGroupId), context);
  let control: ControlEvidence = {
    by: "alter-context",
    answer: controlWord(await alter(decoy), PTYPE.alterContextResp),
  };
  const again = { id: acceptedContext(ack)?.offered === "NDR64" ? 1 : 0, abstract: KMS_INTERFACE };
  const transfer = again.id === 1 ? NDR64 : NDR32;
  const latency: LatencyEvidence = { asked: context.settings.count, samplesMs: [] };
  // After silence, a close or noise there is nothing left to measure on this connection.
  let alive = ["rejected", "accepted", "fault"].includes(control.answer);
  while (alive && latency.samplesMs.length < latency.asked) {
    const { end, received, elapsedMs } = await alter({ ...again, transfer });
    alive = end === "enough" && frame(received).state === "whole";
    if (alive) latency.samplesMs.push(elapsedMs);
  }
  connection.close();
  if (control.answer === "closed" || control.answer === "fault") {
    const fresh = await probeTcp(to, context);
    if (fresh.connection !== null) {
      const sent = encodeBind([{ ...decoy, id: 0 }], context.randomU16());
      control = {
        by: "bind",
        answer: controlWord(await exchangePdu(fresh.connection, sent, context), PTYPE.bindAck),
      };
      fresh.connection.close();
    }
  }
  return { control, latency };
}

function endWord(end: Exchange["end"]): string {
  if (typeof end === "object") return end.errno;
  return end === "closed" ? "closed" : "deadline";
}
