/** One address of one endpoint: evidence in, verdict out. The first layer that is not `ok` speaks. */
import type { AttemptEvidence, Endpoint } from "../model/evidence.ts";
import type {
  BindEvidence,
  BindTry,
  ContextResult,
  KernelView,
  RpcDenial,
  RpcEvidence,
} from "../model/rpc.ts";
import type { TcpEvidence } from "../model/tcp.ts";
import type { Verdict } from "../model/verdict.ts";
import { faultHints, faultValues } from "./source-fault.ts";
import { specialUse } from "../protocol/special-use.ts";
import type { Hint } from "./catalog/entry.ts";
import { NOTHING_GIVEN } from "./given.ts";
import type { Given } from "./given.ts";
import { knownLimit } from "./limits.ts";
import { hostPort, seconds, verdictOf } from "./words.ts";
import type { Sighted, Values } from "./words.ts";
import { plural } from "./figures.ts";

type Clue = Hint | Sighted;

/** An unanswered ARP or neighbour query ends after 3.05 s on Linux; ICMP errors come within a round trip, or 1 s. */
const NEIGHBOUR_MS = 2_500;

/** One connect that ends before the kernel's second SYN, sent after 1 s, can be answered. */
const FAST_LOOK_MS = 1_200;

/**
 * No host takes so long to refuse: three retransmitted SYNs are over by then. Proxies (15 s) and slirp4netns (75 s) say
 * so when they give up.
 */
const GIVES_UP_MS = 10_000;

/** nca_unk_if, the fault some stacks send for an unknown interface (C706 appendix E). */
const NCA_UNK_IF = 0x1c010003;

/**
 * @param pointer RFC 6901 pointer to this attempt
 * @param beside whose the address is by DNS, and what other sources of the run saw of it
 */
export function judgeAttempt(
  attempt: AttemptEvidence,
  endpoint: Endpoint,
  pointer: string,
  beside: { given?: Given; seen?: readonly Sighted[] } = {},
): Verdict {
  const { given = NOTHING_GIVEN } = beside;
  const seen: readonly Clue[] = [...given.hints, ...(beside.seen ?? [])];
  const values: Values = {
    host: endpoint.host,
    port: String(endpoint.port),
    address: attempt.address,
    target: hostPort(attempt.address, endpoint.port),
    source: attempt.via?.address ?? "this machine",
    takenHere: String(attempt.takenHere ?? "PORT"),
    interface: attempt.via?.interface ?? "the link",
    refusedSource: attempt.here?.refusedSource ?? "",
    preloaded: attempt.here?.preloaded ?? "",
    embedded: given.embedded ?? "",
  };
  const { tcp } = attempt;
  if (tcp.outcome !== "ok") return judgeTcp({ ...attempt, tcp }, `${pointer}/tcp`, values, seen);
  if (attempt.rpc === null) return cutShort(`${pointer}/rpc`, values, "deadline");
  return judgeRpc(attempt.rpc, `${pointer}/rpc`, values, [...betweenHints(attempt), ...seen]);
}

/** What stands between this process and the host, as far as it was seen. */
function betweenHints({ address, via, controlPort, takenHere, here }: Omit<AttemptEvidence, "tcp">): Hint[] {
  const itself = isLoopback(address) || via?.address === address;
  // A connection to another machine never leaves over loopback by itself.
  const led = via?.link === "loopback" && !itself;
  return [
    ...(controlPort?.answer === "connected" ? (["every-port"] as const) : []),
    ...(takenHere !== null || led ? (["taken-here"] as const) : []),
    ...(itself ? (["loopback"] as const) : []),
    ...(via?.link === "user-mode" ? (["user-mode"] as const) : []),
    ...(here?.noCarrier === true ? (["no-carrier"] as const) : []),
    ...(here?.userModeGateway === true ? (["user-mode-gateway"] as const) : []),
    ...(here?.ipsecWithoutState === true ? (["ipsec-without-state"] as const) : []),
  ];
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

export function cutShort(because: string, values: Values, reason: string): Verdict {
  const detail = reason === "deadline" ? "the deadline for this address passed" : "the run was interrupted";
  return verdictOf("run-cut-short", because, { ...values, detail });
}

function judgeTcp(
  attempt: Omit<AttemptEvidence, "tcp"> & { tcp: Exclude<TcpEvidence, { outcome: "ok" }> },
  because: string,
  values: Values,
  seen: readonly Clue[],
): Verdict {
  const { tcp, via, routeErrno } = attempt;
  const hints: Clue[] = [...seen, ...(routeErrno === null ? betweenHints(attempt) : [])];
  if (routeErrno !== null) hints.push("no-local-route");
  if (via?.link === "tunnel") hints.push("via-tunnel");
  if (tcp.outcome === "skipped") return cutShort(because, values, tcp.reason);
  const sourceFault = attempt.here?.sourceFault ?? null;
  const unusable = (errno: string): Verdict =>
    verdictOf("tcp-source-unusable", because, { ...values, errno, ...faultValues(sourceFault) }, [
      ...seen,
      ...faultHints(sourceFault),
    ]);
  if (tcp.outcome === "not-sent") {
    if (sourceFault !== null) return unusable(tcp.errno);
    const filled = { ...values, errno: tcp.errno };
    const refused = attempt.here?.refusedSource ?? null;
    if (refused !== null && (tcp.errno === "EINVAL" || tcp.errno === "EADDRNOTAVAIL"))
      return verdictOf("tcp-source-refused", because, filled, [...hints, ...sourceHints(refused, tcp.errno)]);
    return verdictOf(localCode(tcp.errno, attempt), because, filled, hints);
  }
  const { cause, elapsedMs, tries } = tcp;
  if (sourceFault !== null && routeErrno !== null) return unusable(cause);
  // Where packets leave by that very interface, its state is told already.
  if (sourceFault?.interface !== via?.interface || !hints.includes("no-carrier"))
    hints.push(...faultHints(sourceFault));
  const filled = {
    ...values,
    errno: cause,
    ms: elapsedMs.toFixed(1),
    seconds: seconds(elapsedMs),
    tries: plural(tries, "connect"),
    detail: "",
    ...faultValues(sourceFault),
  };
  if (cause === "deadline" && tries === 1 && elapsedMs < FAST_LOOK_MS) {
    hints.push("fast-look");
    filled.detail = ": a fast look, which one lost packet is enough to fail";
  }
  const gaveUp = cause === "ECONNREFUSED" && elapsedMs >= GIVES_UP_MS;
  if (gaveUp) hints.push("gave-up");
  if (isNotOneHost(attempt, cause)) hints.push("not-one-host");
  const code = ((): Verdict["code"] => {
    if (typeof attempt.here?.preloaded === "string" && cause === "ECONNREFUSED") return "tcp-proxy-failed";
    if (gaveUp) return "tcp-no-answer";
    switch (cause) {
      case "deadline":
      case "ETIMEDOUT":
        return "tcp-no-answer";
      case "ECONNREFUSED":
        return "tcp-refused";
      case "ECONNRESET":
      case "EPIPE":
      case "closed":
        return "tcp-reset";
      case "EHOSTUNREACH":
        return elapsedMs >= NEIGHBOUR_MS && routeErrno === null
          ? "tcp-neighbour-silent"
          : "tcp-host-unreachable";
      case "ENETUNREACH":
        return "tcp-net-unreachable";
      case "EACCES":
        return "tcp-not-permitted";
      default:
        return "tcp-other-error";
    }
  })();
  return verdictOf(code, because, filled, hints);
}

/** What of the chosen source is at fault: where neither is seen, a rule of the routing policy may be. */
function sourceHints(source: string, errno: string): Hint[] {
  if (errno === "EADDRNOTAVAIL") return ["source-gone"];
  const plain = source.replace(/%.*$/, "");
  return isLoopback(plain) || specialUse(plain) === "link-local" ? ["confined-source"] : [];
}

/**
 * TCP connects to one host only. Linux says ENETUNREACH to a broadcast address, for which datagrams need a permission
 * (EACCES), and to a multicast group, to which it has a way.
 */
function isNotOneHost(
  { address, routeErrno }: Pick<AttemptEvidence, "address" | "routeErrno">,
  cause: string,
) {
  if (cause !== "ENETUNREACH") return false;
  const use = specialUse(address);
  return routeErrno === "EACCES" || use === "multicast" || use === "broadcast";
}

/** Nothing was sent. The routing table, asked on its own, tells a missing address from missing ports. */
function localCode(
  errno: string,
  { address, routeErrno }: Pick<AttemptEvidence, "address" | "routeErrno">,
): Verdict["code"] {
  switch (errno) {
    case "EPERM":
      return "tcp-not-permitted";
    case "EAFNOSUPPORT":
      return "tcp-no-local-address";
    case "EADDRNOTAVAIL":
      return routeErrno === null ? "tcp-local-resources" : "tcp-no-local-address";
    case "EINVAL":
      // Linux refuses 0.0.0.0/8 with the same errno, and there is no route to be found.
      return routeErrno === null || address.startsWith("0.") ? "tcp-other-error" : "tcp-blackhole-route";
    default:
      return "tcp-local-resources";
  }
}

function judgeRpc(rpc: RpcEvidence, pointer: string, values: Values, hints: readonly Clue[]): Verdict {
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
        : verdictOf("rpc-plain-bind-only", `${pointer}/plain`, values, hints);
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
      const detail = `${looks} (begins ${received.slice(0, 32) || "with nothing"})`;
      const code = answer.looksLike === "dcerpc" ? "rpc-malformed" : "rpc-not-dcerpc";
      return verdictOf(code, pointer, { ...values, detail }, hints);
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
const NAK_REASONS: Readonly<Record<number, string>> = {
  0: "not specified",
  1: "temporary congestion",
  2: "local limit exceeded",
  4: "protocol version not supported",
  8: "authentication type not recognised",
  9: "invalid checksum",
};

function judgeDenial(denial: RpcDenial, pointer: string, values: Values, hints: readonly Clue[]): Verdict {
  switch (denial.kind) {
    case "bind-nak": {
      const detail = `a bind_nak: reason ${denial.reason}, ${NAK_REASONS[denial.reason] ?? "unknown"}`;
      return verdictOf("rpc-bind-nak", pointer, { ...values, detail }, hints);
    }
    case "fault": {
      if (denial.status === NCA_UNK_IF) return verdictOf("rpc-interface-unknown", pointer, values, hints);
      const detail =
        denial.status === null
          ? "without a status"
          : `status 0x${denial.status.toString(16).padStart(8, "0")}`;
      return verdictOf("rpc-fault", pointer, { ...values, detail }, hints);
    }
    case "contexts": {
      const kms = denial.ack.contexts.filter(({ offered }) => offered !== "BTFN");
      if (kms.some(isUnknownInterface)) return verdictOf("rpc-interface-unknown", pointer, values, hints);
      if (kms.length > 0 && kms.every(({ reason }) => reason === 2))
        return verdictOf("rpc-syntax-refused", pointer, values, hints);
      const results = kms.map(({ offered, result, reason }) => `${offered} ${result}/${reason}`).join(", ");
      const detail = `a bind_ack that accepts no context: ${results || "none is answered"}`;
      return verdictOf("rpc-bind-nak", pointer, { ...values, detail }, hints);
    }
    default:
      return denial satisfies never;
  }
}

/** Windows, Samba and Wine say 2/1; impacket says 1/1. */
function isUnknownInterface({ result, reason }: ContextResult): boolean {
  return (result === 1 || result === 2) && reason === 1;
}
