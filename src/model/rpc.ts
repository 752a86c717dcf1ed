/** What a bind met, and what was asked on the bound connection. */
import { z } from "zod";
import { decodeFaultSchema, denied, elapsedMs, noAnswer, notSent, ok, skipped } from "./outcome.ts";

/** Shape of a bind: as Windows sends it (NDR32, NDR64, bind-time features), or one plain NDR32 context. */
const bindShape = z.enum(["windows", "plain"]);
export type BindShape = z.infer<typeof bindShape>;

/** One entry of the result list, beside what was offered in that place (C706 12.6.3.1, MS-RPCE 2.2.2.4). */
const contextResult = z
  .strictObject({
    offered: z.enum(["NDR32", "NDR64", "BTFN"]),
    result: z.int().describe("0 acceptance, 1 user rejection, 2 provider rejection, 3 negotiate_ack"),
    reason: z.int().describe("for result 3, the granted feature bits"),
  })
  .meta({ id: "ContextResult" });
export type ContextResult = z.infer<typeof contextResult>;

const bindAckFacts = z
  .strictObject({
    contexts: z.array(contextResult),
    maxXmitFrag: z.int(),
    maxRecvFrag: z.int(),
    assocGroupId: z.int(),
    secondaryAddress: z.string().describe("the port the server says it listens on; may be empty"),
    pfcFlags: z.int(),
    callId: z.int(),
    byteOrder: z.enum(["little", "big"]),
  })
  .meta({ id: "BindAckFacts" });
export type BindAckFacts = z.infer<typeof bindAckFacts>;

const rpcDenial = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("bind-nak"),
    reason: z.int().describe("provider_reject_reason"),
    extendedError: z.boolean(),
  }),
  z.strictObject({ kind: z.literal("contexts"), ack: bindAckFacts }),
  z.strictObject({
    kind: z.literal("fault"),
    status: z.int().nullable().describe("null where the PDU was too short"),
  }),
]);
export type RpcDenial = z.infer<typeof rpcDenial>;

/** What the answer looked like when it was no DCE/RPC: a hint, from its first bytes. */
const protocolGuess = z.enum([
  "http",
  "tls",
  "ssh",
  "smtp-or-ftp",
  "smb",
  "rdp",
  "telnet",
  "mysql",
  "echo",
  "text",
  "dcerpc",
  "unknown",
]);
export type ProtocolGuess = z.infer<typeof protocolGuess>;

/** The kernel's view of our socket while it stayed silent (Linux, /proc/self/net/tcp). */
const kernelView = z
  .strictObject({
    state: z.string().describe("TCP state, such as ESTABLISHED"),
    unacknowledgedBytes: z.int().describe("tx_queue"),
    retransmissions: z.int().describe("retrnsmt"),
    probesWindow: z
      .boolean()
      .describe("tr is 4: the peer's window is shut, and the kernel asks whether it still is"),
  })
  .meta({ id: "KernelView" });
export type KernelView = z.infer<typeof kernelView>;

/** At most 256 bytes of what came back, as hex. */
const receivedHex = z.string().regex(/^[0-9a-f]*$/);

const bindEvidence = z
  .discriminatedUnion("outcome", [
    ok(bindAckFacts),
    denied(rpcDenial),
    z.strictObject({
      outcome: z.literal("malformed"),
      fault: decodeFaultSchema,
      looksLike: protocolGuess,
      elapsedMs,
    }),
    noAnswer({ kernel: kernelView.nullable() }),
    notSent,
    skipped,
  ])
  .meta({ id: "BindEvidence" });
export type BindEvidence = z.infer<typeof bindEvidence>;

/** One bind on a connection of its own. */
const bindTry = z
  .strictObject({ shape: bindShape, received: receivedHex, answer: bindEvidence })
  .meta({ id: "BindTry" });
export type BindTry = z.infer<typeof bindTry>;

export const controlAnswerSchema = z.enum([
  "rejected",
  "accepted",
  "fault",
  "closed",
  "silent",
  "malformed",
  "not-asked",
]);

/**
 * The control: an alter_context (C706 12.6.4.1) that offers an unknown interface UUID. `rejected` is what an RPC server says, `accepted` what a
 * responder says that takes anything, `fault` what some stacks say to every alter_context.
 */
const control = z.strictObject({
  by: z
    .enum(["alter-context", "bind"])
    .describe("a bind on a connection of its own, where the alter_context met a fault or a close"),
  answer: controlAnswerSchema,
});
export type ControlEvidence = z.infer<typeof control>;

/** Round trips of alter_context on the bound connection. Fewer than asked where the peer closed. */
const latency = z.strictObject({
  asked: z.int().nonnegative(),
  samplesMs: z.array(z.number().nonnegative()),
});
export type LatencyEvidence = z.infer<typeof latency>;

/**
 * A connection on which nothing is said. A peer that ends it does so at once or after a limit of its own, whatever it
 * is sent; on a bind the same peer is seen to close or to reset by chance.
 */
const unprompted = z
  .strictObject({
    end: z
      .enum(["closed", "reset", "silent", "not-connected"])
      .describe("silent: still open, or spoken to, when the timeout ended"),
    elapsedMs,
  })
  .meta({ id: "Unprompted" });
export type Unprompted = z.infer<typeof unprompted>;

export const rpcEvidenceSchema = z
  .strictObject({
    bind: bindTry,
    plain: bindTry
      .nullable()
      .describe("asked only where the Windows-shaped bind met a close, a reset or silence"),
    control,
    latency,
    unprompted: unprompted
      .nullable()
      .default(null)
      .describe("asked only where the binds met a close or a reset; null where it was not"),
  })
  .meta({ id: "RpcEvidence" });
export type RpcEvidence = z.infer<typeof rpcEvidenceSchema>;
