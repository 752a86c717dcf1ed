/** A connect that came to nothing: evidence in, verdict out. */
import type { AttemptEvidence } from "../model/evidence.ts";
import type { TcpEvidence } from "../model/tcp.ts";
import type { Verdict } from "../model/verdict.ts";
import { specialUse } from "../protocol/special-use.ts";
import { betweenHints } from "./between.ts";
import type { Hint } from "./catalog/entry.ts";
import { cutShort } from "./cut-short.ts";
import { plural } from "./figures.ts";
import { hopHints, hopValues } from "./next-hop.ts";
import { faultHints, faultValues, linkWords } from "./source-fault.ts";
import { seconds, verdictOf } from "./words.ts";
import type { Clue, Values } from "./words.ts";

/** An unanswered ARP or neighbour query ends after 3.05 s on Linux; ICMP errors come within a round trip, or 1 s. */
const NEIGHBOUR_MS = 2_500;

/** One connect that ends before the kernel's second SYN, sent after 1 s, can be answered. */
const FAST_LOOK_MS = 1_200;

/**
 * No host takes so long to refuse: three retransmitted SYNs are over by then. Proxies (15 s) and slirp4netns (75 s) say
 * so when they give up.
 */
const GIVES_UP_MS = 10_000;

/**
 * A connect that did not come about.
 * @param because the pointer to the evidence that decides
 * @param seen what other evidence of the run tells: hints that strike or add causes
 */
export function judgeTcp(
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
  const deadLinks = attempt.here?.deadLinks ?? [];
  const filled = {
    ...values,
    errno: cause,
    ms: elapsedMs.toFixed(1),
    seconds: seconds(elapsedMs),
    tries: plural(tries, "connect"),
    detail: "",
    deadLinks: linkWords(deadLinks),
    ...hopValues(attempt.here?.nextHop ?? null),
    ...faultValues(sourceFault),
  };
  if (cause === "deadline" && tries === 1 && elapsedMs < FAST_LOOK_MS) {
    hints.push("fast-look");
    filled.detail = ": a fast look, which one lost packet is enough to fail";
  }
  const gaveUp = cause === "ECONNREFUSED" && elapsedMs >= GIVES_UP_MS;
  if (gaveUp) hints.push("gave-up");
  if (isNotOneHost(attempt, cause)) hints.push("not-one-host");
  if (deadLinks.length > 0) hints.push("links-dead");
  const nextHop = attempt.here?.nextHop ?? null;
  hints.push(...hopHints(nextHop));
  if (/^[\d.]+\.(?:0|255)$/.test(attempt.address)) hints.push("edge-address");
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
        return routeErrno === null && (elapsedMs >= NEIGHBOUR_MS || nextHop?.answers === false)
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
  const use = specialUse(plain);
  return use === "loopback" || use === "link-local" ? ["confined-source"] : [];
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
