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
import { frame } from "../protocol/dcerpc/answer.ts";
import { encodeAlterContext, encodeBind } from "../protocol/dcerpc/bind.ts";
import type { ContextElement } from "../protocol/dcerpc/bind.ts";
import { PTYPE } from "../protocol/dcerpc/header.ts";
import { DECOY_INTERFACE, KMS_INTERFACE, NDR32, NDR64 } from "../protocol/dcerpc/syntax.ts";
import { branchOf, pause } from "../transport/patience.ts";
import type { StopSignal } from "../transport/stop.ts";
import type { Connection, Exchange } from "../transport/tcp.ts";
import { acceptedContext, probeBind } from "./bind.ts";
import type { ProbeContext } from "./context.ts";
import { controlWord, exchangePdu } from "./pdu.ts";
import { probeTcp } from "./tcp.ts";

/**
 * Walks the RPC layer on an open connection, which it closes. Where a Windows-shaped bind meets a close, a reset or
 * silence, a plain bind on a new connection tells whether the offer is what the path dislikes. Never rejects.
 *
 * @param onSilence told once the first bind has been silent so long that the plain one goes out beside it; with the
 *   time that is left to whatever else waits
 */
export async function probeRpc(
  to: SocketAddress,
  first: Connection,
  context: ProbeContext,
  onSilence: (patienceMs: number) => void = () => {},
): Promise<RpcEvidence> {
  const { signal, callOff } = branchOf(context.signal);
  const { rpcTimeoutMs } = context.settings;
  const afterMs = silentAfterMs(context);
  const binding = probeBind(first, "windows", { ...context, signal });
  try {
    const early = afterMs < rpcTimeoutMs ? await beforeSilence(binding, afterMs, signal) : await binding;
    if (early !== null) return await settleAlone(to, first, early, context);
    onSilence(rpcTimeoutMs - afterMs);
    context.onWait?.({
      what: "an answer to the bind",
      untilMs: context.clock.nowMs() + rpcTimeoutMs - afterMs,
    });
    return await settleBeside(to, { first, binding }, { ...context, signal });
  } finally {
    callOff();
    first.close();
  }
}

/** A service that answers at all does so within this, but for one that is just starting; so does a path. */
const SILENT_AFTER_MS = 1_500;
const SILENT_AFTER_SHARE = 0.3;

function silentAfterMs({ settings, roundTripMs = 0 }: ProbeContext): number {
  const { rpcTimeoutMs } = settings;
  const afterMs = Math.min(SILENT_AFTER_MS, rpcTimeoutMs * SILENT_AFTER_SHARE);
  return Math.min(rpcTimeoutMs, Math.max(afterMs, 2 * roundTripMs));
}

/** What the bind came to by then, or null. */
async function beforeSilence(
  binding: Promise<BindTry>,
  afterMs: number,
  signal: StopSignal,
): Promise<BindTry | null> {
  const waiting = branchOf(signal);
  const bind = await Promise.race([binding, pause(afterMs, waiting.signal).then(() => null)]);
  waiting.callOff();
  return bind ?? (signal.aborted ? await binding : null);
}

/** The first bind has ended: what it came to decides about a second. */
async function settleAlone(
  to: SocketAddress,
  first: Connection,
  bind: BindTry,
  context: ProbeContext,
): Promise<RpcEvidence> {
  if (bind.answer.outcome === "ok") return await accepted(to, { bind, connection: first }, context);
  first.close();
  if (bind.answer.outcome !== "no-answer") return { bind, plain: null, ...UNASKED };
  const plain = await bindAnew(to, "plain", context);
  if (plain.bind.answer.outcome !== "ok" || plain.connection === null) {
    plain.connection?.close();
    return { bind, plain: plain.bind, ...UNASKED };
  }
  // After a lost SYN the kernel waits 3 s before it sends the bind again (RFC 6298 5.7): two lost packets look like
  // a device that dislikes the offer. What goes unanswered twice, and not only once, is that.
  const again = bind.answer.cause === "deadline" ? await bindAnew(to, "windows", context) : null;
  if (again?.bind.answer.outcome === "ok") {
    plain.connection.close();
    return await accepted(to, again, context);
  }
  again?.connection?.close();
  const after = await afterAcceptance(to, plain.connection, plain.bind.answer.facts, context);
  return { bind, plain: plain.bind, ...after, unprompted: null };
}

/**
 * The first bind is silent so far: the plain one goes out beside it, and if that is accepted, a second like the first.
 * Both together take no longer than the first alone may, unless the plain one is accepted.
 */
async function settleBeside(
  to: SocketAddress,
  { first, binding }: { first: Connection; binding: Promise<BindTry> },
  context: ProbeContext,
): Promise<RpcEvidence> {
  const others = branchOf(context.signal);
  const { settings, roundTripMs = 0 } = context;
  const { rpcTimeoutMs } = settings;
  // The answer has as long a way on this connection: it is never waited for less than that.
  const leftMs = Math.max(rpcTimeoutMs - silentAfterMs(context), Math.min(rpcTimeoutMs, 3 * roundTripMs));
  const beside = { ...context, signal: others.signal };
  const hurried = { ...settings, rpcTimeoutMs: leftMs, timeoutMs: Math.min(settings.timeoutMs, leftMs) };
  const plainly = bindAnew(to, "plain", { ...beside, settings: hurried });
  const again = plainly.then(({ bind }) =>
    bind.answer.outcome === "ok" ? bindAnew(to, "windows", beside) : null,
  );
  const bound = binding.then((bind): Bound => ({ bind, connection: first }));
  const decided = await firstOf([
    bound.then((each) => (each.bind.answer.outcome === "no-answer" ? null : each)),
    again.then((each) => (each?.bind.answer.outcome === "ok" ? each : null)),
  ]);
  const closeOthers = async (kept: Connection | null): Promise<void> => {
    others.callOff();
    for (const each of await Promise.all([bound, plainly, again]))
      if (each !== null && each.connection !== kept) each.connection?.close();
  };
  if (decided !== null) {
    void closeOthers(decided.connection);
    return await accepted(to, decided, context);
  }
  const [{ bind }, plain] = await Promise.all([bound, plainly]);
  await closeOthers(plain.connection);
  if (plain.bind.answer.outcome === "ok" && plain.connection !== null) {
    const after = await afterAcceptance(to, plain.connection, plain.bind.answer.facts, context);
    return { bind, plain: plain.bind, ...after, unprompted: null };
  }
  plain.connection?.close();
  return { bind, plain: plain.bind, ...UNASKED };
}

/** The first value that is there, or null once none is. */
function firstOf<Value>(promises: readonly Promise<Value | null>[]): Promise<Value | null> {
  return new Promise((resolve, reject) => {
    const looks = promises.map(async (promise) => {
      const value = await promise;
      if (value !== null) resolve(value);
    });
    Promise.all(looks).then(() => resolve(null), reject);
  });
}

/** A bind, and the connection it was made on, which is the caller's to close. */
type Bound = { bind: BindTry; connection: Connection | null };

/** A bind on a connection of its own. */
async function bindAnew(to: SocketAddress, shape: BindShape, context: ProbeContext): Promise<Bound> {
  const { evidence, connection } = await probeTcp(to, context);
  if (connection !== null) return { bind: await probeBind(connection, shape, context), connection };
  const answer: BindEvidence =
    evidence.outcome === "no-answer"
      ? { outcome: "no-answer", cause: evidence.cause, kernel: null, elapsedMs: evidence.elapsedMs }
      : evidence.outcome === "ok"
        ? { outcome: "skipped", reason: "earlier-layer" }
        : evidence;
  return { bind: { shape, received: "", answer }, connection: null };
}

/** Goes on where a Windows-shaped bind was accepted. */
async function accepted(
  to: SocketAddress,
  { bind, connection }: Bound,
  context: ProbeContext,
): Promise<RpcEvidence> {
  if (bind.answer.outcome !== "ok" || connection === null) return { bind, plain: null, ...UNASKED };
  const after = await afterAcceptance(to, connection, bind.answer.facts, context);
  return { bind, plain: null, ...after, unprompted: null };
}

const UNASKED: Pick<RpcEvidence, "control" | "latency" | "unprompted"> = {
  control: { by: "alter-context", answer: "not-asked" },
  latency: { asked: 0, samplesMs: [] },
  unprompted: null,
};

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
    exchangePdu(connection, encodeAlterContext([element], context.callId(), ack.assocGroupId), context);
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
      const sent = encodeBind([{ ...decoy, id: 0 }], context.callId());
      control = {
        by: "bind",
        answer: controlWord(await exchangePdu(fresh.connection, sent, context), PTYPE.bindAck),
      };
      fresh.connection.close();
    }
  }
  return { control, latency };
}
