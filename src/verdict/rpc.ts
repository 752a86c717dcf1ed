/** The binds of an open connection: evidence in, verdict out. */
import type {
  BindEvidence,
  BindTry,
  ContextResult,
  KernelView,
  RpcDenial,
  RpcEvidence,
} from "../model/rpc.ts";
import type { Verdict } from "../model/verdict.ts";
import { fromHex } from "../protocol/bytes.ts";
import { frame } from "../protocol/dcerpc/answer.ts";
import type { Hint } from "./catalog/entry.ts";
import { cutShort } from "./cut-short.ts";
import { knownLimit } from "./limits.ts";
import { seconds, verdictOf } from "./words.ts";
import type { Clue, Values } from "./words.ts";

/** nca_unk_if, the fault some stacks send for an unknown interface (C706 appendix E). */
const NCA_UNK_IF = 0x1c010003;

/**
 * @param pointer to this evidence
 * @param hints strike or add causes: see catalog/entry.ts
 */
export function judgeRpc(rpc: RpcEvidence, pointer: string, values: Values, hints: readonly Clue[]): Verdict {
  const { bind, plain } = rpc;
  if (bind.answer.outcome === "ok") {
    if (rpc.control.answer === "accepted") {
      return verdictOf("rpc-accepts-anything", `${pointer}/control`, values);
    }
    const rejected = rpc.control.answer === "rejected";
    const detail = rejected
      ? "and an unknown interface UUID was rejected"
      : `and the control with an unknown interface UUID got no clear answer (${rpc.control.answer})`;
    return verdictOf(
      "rpc-serves",
      `${pointer}/bind`,
      { ...values, detail: `${values["target"] ?? ""} accepted the KMS interface, ${detail}.` },
      [rejected ? "control-rejected" : "control-unanswered"],
    );
  }
  if (bind.answer.outcome !== "no-answer" || plain === null) {
    return judgeBind([bind], `${pointer}/bind`, values, hints);
  }
  switch (plain.answer.outcome) {
    case "ok":
      return rpc.control.answer === "accepted"
        ? verdictOf("rpc-accepts-anything", `${pointer}/control`, values)
        : verdictOf("rpc-plain-bind-only", `${pointer}/plain`, values, [
            ...hints,
            ...(rpc.control.answer === "silent" ? (["control-silent"] as const) : []),
          ]);
    case "denied":
    case "malformed":
      return judgeBind([plain], `${pointer}/plain`, values, hints);
    default:
      // Both went unanswered, or the second could not be asked: the first, which a client would send, decides.
      return (
        judgeUnprompted(rpc, pointer, values, hints) ??
        judgeBind([bind, plain], `${pointer}/bind`, values, hints)
      );
  }
}

/**
 * Who ends a connection on which nothing is said is seen to close or to reset on a bind by chance, even before the
 * connect is seen: what it does when left alone is what it does. Null where it waits.
 */
function judgeUnprompted(
  { unprompted, plain }: RpcEvidence,
  pointer: string,
  values: Values,
  hints: readonly Clue[],
): Verdict | null {
  if (unprompted?.end !== "closed" && unprompted?.end !== "reset") return null;
  const { elapsedMs } = unprompted;
  const filled = {
    ...values,
    again: plainWords(plain ?? undefined),
    errno: "ECONNRESET",
    moment: "without waiting for a bind",
    ...limitValues(elapsedMs),
  };
  const code = unprompted.end === "reset" ? "tcp-reset" : "rpc-closed";
  return verdictOf(code, `${pointer}/unprompted`, filled, [...hints, "unprompted", ...limitHints(elapsedMs)]);
}

function limitHints(elapsedMs: number): Hint[] {
  return knownLimit(elapsedMs) === null ? [] : ["known-limit"];
}

function limitValues(elapsedMs: number): Values {
  return { ended: seconds(elapsedMs), limit: knownLimit(elapsedMs) ?? "" };
}

type Unbound = Exclude<BindEvidence, { outcome: "ok" }>;

/** @param all the bind that decides, then the one that was tried after it */
function judgeBind(
  all: readonly [BindTry, ...BindTry[]],
  pointer: string,
  values: Values,
  hints: readonly Clue[],
): Verdict {
  const [{ answer, received }] = all;
  switch (answer.outcome) {
    case "ok":
      // Callers come here with what is not accepted.
      return verdictOf("rpc-serves", pointer, { ...values, detail: "accepted" });
    case "denied":
      return judgeDenial(answer.denial, pointer, values, hints);
    case "malformed": {
      const named = answer.looksLike !== "unknown" && answer.looksLike !== "dcerpc";
      const looks = named ? `it looks like ${answer.looksLike}` : answer.fault.what;
      const begins = `(begins ${received.slice(0, 32) || "with nothing"})`;
      if (answer.looksLike !== "dcerpc")
        return verdictOf("rpc-not-dcerpc", pointer, { ...values, detail: `${looks} ${begins}` }, hints);
      const cut = isCut(received);
      const detail = `${cut ? looks : `is none that can answer a bind: ${looks}`} ${begins}`;
      return verdictOf("rpc-malformed", pointer, { ...values, detail }, cut ? [...hints, "cut"] : hints);
    }
    case "no-answer":
      return judgeSilence(
        answer,
        pointer,
        { ...values, again: plainWords(all[1]) },
        {
          hints,
          causes: all.flatMap((each) => (each.answer.outcome === "no-answer" ? [each.answer.cause] : [])),
        },
      );
    case "not-sent":
      return verdictOf("tcp-local-resources", pointer, { ...values, errno: answer.errno });
    case "skipped":
      return cutShort(pointer, values, answer.reason);
    default:
      return answer satisfies never;
  }
}

/** What is kept of an answer (model/rpc.ts). */
const KEPT_BYTES = 256;

/** Whether what came is the beginning of a PDU, and no more. Of longer ones only the beginning is kept. */
function isCut(received: string): boolean {
  const whole = received.slice(0, 2 * Math.floor(received.length / 2));
  return whole.length < 2 * KEPT_BYTES && frame(fromHex(whole)).state === "incomplete";
}

function judgeSilence(
  answer: Extract<Unbound, { outcome: "no-answer" }>,
  pointer: string,
  values: Values,
  { hints, causes }: { hints: readonly Clue[]; causes: readonly string[] },
): Verdict {
  const ended = { ...values, ...limitValues(answer.elapsedMs), moment: "when a bind comes" };
  const endHints = [...hints, ...limitHints(answer.elapsedMs)];
  // A peer that accepts and closes is seen as a FIN or as a reset, by chance: one FIN settles it.
  if (answer.cause === "closed" || (isReset(answer.cause) && causes.includes("closed"))) {
    return verdictOf("rpc-closed", pointer, ended, endHints);
  }
  if (isReset(answer.cause)) return verdictOf("rpc-reset", pointer, ended, endHints);
  const seen = kernelHint(answer.kernel);
  const detail = answer.cause === "deadline" ? (seen?.detail ?? "") : `: ${answer.cause}`;
  const filled = { ...values, seconds: seconds(answer.elapsedMs), detail };
  return verdictOf("rpc-no-answer", pointer, filled, seen === null ? hints : [...hints, seen.hint]);
}

/** How the plain bind fared, which is tried after the other met no answer. */
function plainWords(plain: BindTry | undefined): string {
  if (plain?.answer.outcome !== "no-answer") return "a plain bind was not tried";
  const { cause } = plain.answer;
  if (cause === "closed") return "a plain bind was closed on, too";
  if (isReset(cause)) return "a plain bind was reset, too";
  return cause === "deadline" ? "a plain bind was not answered, either" : `a plain bind met ${cause}`;
}

/** Three kinds of silence, told apart by what our own socket still holds (measured on Linux 6.18). */
function kernelHint(kernel: KernelView | null): { hint: Hint; detail: string } | null {
  if (kernel === null) return null;
  const { unacknowledgedBytes, retransmissions, probesWindow } = kernel;
  if (unacknowledgedBytes === 0) {
    return { hint: "acknowledged", detail: "; the peer's TCP acknowledged our bytes" };
  }
  if (probesWindow) {
    return { hint: "zero-window", detail: "; the peer's TCP window stays shut, so our bytes never left" };
  }
  // On a slow path the patience may end before the first retransmission is due.
  const again = retransmissions > 0 ? ", and sent again" : "";
  return {
    hint: "unacknowledged",
    detail: `; our ${unacknowledgedBytes} bytes were not acknowledged${again}`,
  };
}

function isReset(cause: string): boolean {
  return cause === "ECONNRESET" || cause === "EPIPE";
}

/** provider_reject_reason of a bind_nak (C706 12.6.3.1, MS-RPCE 2.2.2.5). */
const NAK_REASONS: Readonly<Record<number, { words: string; hint: Hint | null }>> = {
  0: { words: "not specified", hint: null },
  1: { words: "temporary congestion", hint: "too-busy" },
  2: { words: "local limit exceeded", hint: "too-busy" },
  4: { words: "protocol version not supported", hint: "other-version" },
  8: { words: "authentication type not recognised", hint: "wants-authentication" },
  9: { words: "invalid checksum", hint: "wants-authentication" },
};

/** What the status of a fault comes to (C706 appendix E; Windows also puts plain Win32 errors there). */
const FAULTS: Readonly<Record<number, { words: string; hint: Hint }>> = {
  0x00000005: { words: "access denied", hint: "access-denied" },
  0x1c010014: { words: "server too busy", hint: "too-busy" },
  0x1c010013: { words: "out of memory", hint: "too-busy" },
  0x1c00001d: { words: "unsupported authentication level", hint: "wants-authentication" },
  0x1c01000b: { words: "protocol error", hint: "other-version" },
  0x1c000008: { words: "RPC version mismatch", hint: "other-version" },
};

function judgeDenial(denial: RpcDenial, pointer: string, values: Values, hints: readonly Clue[]): Verdict {
  switch (denial.kind) {
    case "bind-nak": {
      const { words, hint } = NAK_REASONS[denial.reason] ?? { words: "unknown", hint: null };
      const detail = `a bind_nak: reason ${denial.reason}, ${words}`;
      return verdictOf(
        "rpc-bind-nak",
        pointer,
        { ...values, detail },
        hint === null ? hints : [...hints, hint],
      );
    }
    case "fault": {
      if (denial.status === NCA_UNK_IF) return verdictOf("rpc-interface-unknown", pointer, values, hints);
      const said = FAULTS[denial.status ?? 0];
      const detail =
        denial.status === null
          ? "without a status"
          : `status 0x${denial.status.toString(16).padStart(8, "0")}${said === undefined ? "" : `, ${said.words}`}`;
      return verdictOf(
        "rpc-fault",
        pointer,
        { ...values, detail },
        said === undefined ? hints : [...hints, said.hint],
      );
    }
    case "contexts": {
      const kms = denial.ack.contexts.filter(({ offered }) => offered !== "BTFN");
      if (kms.some(isUnknownInterface)) return verdictOf("rpc-interface-unknown", pointer, values, hints);
      if (kms.length > 0 && kms.every(({ reason }) => reason === 2))
        return verdictOf("rpc-syntax-refused", pointer, values, hints);
      const results = kms.map(({ offered, result, reason }) => `${offered} ${result}/${reason}`).join(", ");
      const detail = `a bind_ack that accepts no context: ${results || "none is answered"}`;
      const full = kms.some(({ result, reason }) => result === 2 && reason === 3);
      return verdictOf("rpc-bind-nak", pointer, { ...values, detail }, full ? [...hints, "too-busy"] : hints);
    }
    default:
      return denial satisfies never;
  }
}

/** Windows, Samba and Wine say 2/1; impacket says 1/1. */
function isUnknownInterface({ result, reason }: ContextResult): boolean {
  return (result === 1 || result === 2) && reason === 1;
}
