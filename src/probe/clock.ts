/**
 * Looks at a host's clock where a service shows it before any logon: SMB2, SNTP, HTTP. These are ports beside the one
 * that KMS listens on, so this runs only where it was asked for.
 */
import type { ClockAnswer, ClockEvidence, ClockReading, OwnClockEvidence } from "../model/clock.ts";
import type { SocketAddress } from "../model/dns.ts";
import { isoOf } from "../protocol/calendar.ts";
import * as http from "../protocol/http-date.ts";
import { ipFamily } from "../protocol/ip.ts";
import * as smb2 from "../protocol/smb2.ts";
import * as sntp from "../protocol/sntp.ts";
import { interfaceOf } from "../system/interfaces.ts";
import { isOurs } from "../transport/errno.ts";
import { skipReason } from "../transport/patience.ts";
import { exchangeDatagrams } from "../transport/udp.ts";
import { localAddressFor, NO_SUCH_FAMILY } from "./context.ts";
import type { ProbeContext } from "./context.ts";
import { probeTcp } from "./tcp.ts";

/** Where to look. HTTP's ports are tried in turn until one shows a clock: 5985 is WinRM, which is HTTP as well. */
export type ClockPorts = { smb2: number; sntp: number; http: readonly number[] };

const CLOCK_PORTS: ClockPorts = { smb2: 445, sntp: 123, http: [80, 5985] };

export type ClockSettings = {
  /** This machine's clock: milliseconds since 1970, UTC. Asked once an exchange; the rest is the monotonic clock. */
  wallNowMs: () => number;
  ports?: ClockPorts;
};

/** A wall clock in whole milliseconds, cut off below. */
const OUR_RESOLUTION_MS = 1;

/** A host's clock at one moment: `offsetMs` from ours, true to `uncertaintyMs`. */
type Glance = { unixMs: number; offsetMs: number; uncertaintyMs: number; detail: string | null };

/** All signals at once, each on its own connection, closed right after. Never rejects. */
export async function probeClock(
  address: string,
  context: ProbeContext,
  settings: ClockSettings,
): Promise<ClockEvidence> {
  const { wallNowMs, ports = CLOCK_PORTS } = settings;
  const [bySmb2, bySntp, byHttp] = await Promise.all([
    askSmb2({ address, port: ports.smb2 }, context, wallNowMs),
    askSntp({ address, port: ports.sntp }, context, wallNowMs),
    askHttpInTurn(address, ports.http, context, wallNowMs),
  ]);
  return {
    readings: [
      { by: "smb2", port: ports.smb2, answer: bySmb2 },
      { by: "sntp", port: ports.sntp, answer: bySntp },
      ...byHttp,
    ],
  };
}

/**
 * Looks at the clocks of the resolvers: often domain controllers, whose time is the domain's. Those that run on this
 * machine are left out, since they show its own clock. Never rejects.
 * @param isHere which addresses are this machine's own
 */
export async function probeOwnClock(
  resolvers: readonly SocketAddress[],
  context: ProbeContext,
  settings: ClockSettings,
  isHere: (address: string) => boolean = (address) => interfaceOf(address) !== null,
): Promise<OwnClockEvidence> {
  const addresses = new Set(resolvers.map(({ address }) => address).filter((address) => !isHere(address)));
  const peers = await Promise.all(
    Array.from(addresses, async (address) => ({
      address,
      clock: await probeClock(address, context, settings),
    })),
  );
  return { peers };
}

type Ask = (to: SocketAddress, context: ProbeContext, wallNowMs: () => number) => Promise<ClockAnswer>;

async function askHttpInTurn(
  address: string,
  ports: readonly number[],
  context: ProbeContext,
  wallNowMs: () => number,
): Promise<ClockReading[]> {
  const readings: ClockReading[] = [];
  for (const port of ports) {
    const answer = await askHttp({ address, port }, context, wallNowMs);
    readings.push({ by: "http", port, answer });
    if (answer.outcome === "ok" || context.signal.aborted) break;
  }
  return readings;
}

/** Windows reads its clock at the last of 64 ticks a second, however fine a FILETIME is. */
const FILETIME_RESOLUTION_MS = 16;

const askSmb2: Ask = async (to, context, wallNowMs) => {
  const guid = randomBytes(16, context);
  const result = await exchangeOnce(
    to,
    { request: smb2.encodeNegotiate(guid), frame: smb2.frame, limit: smb2.MAX_ANSWER },
    {
      context,
      wallNowMs,
    },
  );
  if ("answer" in result) return result.answer;
  const { middleMs, roundTripMs: elapsedMs } = result;
  const decoded = smb2.decodeNegotiateResponse(result.received);
  if (!decoded.ok) return { outcome: "malformed", fault: decoded.fault, elapsedMs };
  const { value } = decoded;
  switch (value.kind) {
    case "time":
      return ok(elapsedMs, {
        unixMs: value.unixMs,
        offsetMs: value.unixMs - middleMs,
        uncertaintyMs: elapsedMs / 2 + FILETIME_RESOLUTION_MS + OUR_RESOLUTION_MS,
        detail: null,
      });
    case "no-time":
      return denied("keeps its time to itself", elapsedMs);
    case "refused":
      return denied(
        value.status === smb2.STATUS.notSupported
          ? "takes none of SMB 2.0.2 to 3.0.2 (3.1.1 only, perhaps)"
          : `refuses with status 0x${value.status.toString(16).padStart(8, "0")}`,
        elapsedMs,
      );
    default:
      return value satisfies never;
  }
};

/** Dates are whole seconds, cut off below: the clock is half a second on. A server may keep one for a while. */
const HTTP_RESOLUTION_MS = 1000;

const askHttp: Ask = async (to, context, wallNowMs) => {
  const address = to.address.replace(/%.*$/, "");
  const host = ipFamily(address) === 6 ? `[${address}]` : address;
  const result = await exchangeOnce(
    to,
    { request: http.encodeDateRequest(host), frame: http.frame, limit: http.MAX_HEAD },
    {
      context,
      wallNowMs,
    },
  );
  if ("answer" in result) return result.answer;
  const { middleMs, roundTripMs: elapsedMs } = result;
  const decoded = http.decodeDateResponse(result.received, middleMs);
  if (!decoded.ok) return { outcome: "malformed", fault: decoded.fault, elapsedMs };
  const { value } = decoded;
  switch (value.kind) {
    case "time": {
      const unixMs = value.unixMs + HTTP_RESOLUTION_MS / 2;
      return ok(elapsedMs, {
        unixMs: value.unixMs,
        offsetMs: unixMs - middleMs,
        uncertaintyMs: elapsedMs / 2 + HTTP_RESOLUTION_MS + OUR_RESOLUTION_MS,
        detail: null,
      });
    }
    case "no-date":
      return denied(`answers HTTP (${value.status}) without a date`, elapsedMs);
    case "cached":
      return denied("answers out of a cache, with an old date", elapsedMs);
    default:
      return value satisfies never;
  }
};

/** How the patience for SNTP is shared among two requests, each with a cookie of its own. */
const SNTP_SHARES = [0.4, 0.6];

const askSntp: Ask = async (to, context, wallNowMs) => {
  let last: ClockAnswer = { outcome: "no-answer", cause: "deadline", elapsedMs: 0 };
  for (const share of SNTP_SHARES) {
    last = await askSntpOnce(to, share * context.settings.dnsTimeoutMs, context, wallNowMs);
    if (last.outcome !== "no-answer") break;
  }
  return last;
};

async function askSntpOnce(
  to: SocketAddress,
  waitMs: number,
  context: ProbeContext,
  wallNowMs: () => number,
): Promise<ClockAnswer> {
  const { signal, clock } = context;
  const localAddress = localAddressFor(context, to.address);
  if (localAddress === null) return { outcome: "not-sent", errno: NO_SUCH_FAMILY };
  const cookie = randomBytes(sntp.COOKIE_LENGTH, context);
  const seen: { reply?: sntp.SntpReply; fault?: { at: number; what: string }; atMs: number } = { atMs: 0 };
  const sentMs = wallNowMs();
  const startedMs = clock.nowMs();
  const result = await exchangeDatagrams(to, sntp.encodeRequest(cookie), {
    waitsMs: [waitMs],
    signal,
    clock,
    localAddress,
    accept: (bytes) => {
      seen.atMs = clock.nowMs();
      const decoded = sntp.decodeReply(bytes, cookie, sentMs);
      if (decoded.ok) seen.reply = decoded.value;
      else seen.fault = decoded.fault;
      return decoded.ok;
    },
  });
  const { elapsedMs } = result;
  if (result.end === "aborted") return { outcome: "skipped", reason: skipReason(signal) };
  if (result.end === "failed") return failure(result.errno, elapsedMs);
  const { reply, fault } = seen;
  if (reply === undefined) {
    return fault === undefined
      ? { outcome: "no-answer", cause: "deadline", elapsedMs }
      : { outcome: "malformed", fault, elapsedMs };
  }
  if (reply.kind === "kiss")
    return denied(`sends no time (kiss-o'-death ${reply.code ?? "of no registered code"})`, elapsedMs);
  const arrivedMs = sentMs + (seen.atMs - startedMs);
  const { offsetMs, delayMs } = sntp.offsetOf(sentMs, reply.receivedMs, reply.sentMs, arrivedMs);
  return ok(elapsedMs, {
    unixMs: reply.sentMs,
    offsetMs,
    // A delay below zero is a server that spent more time by its own clock than passed by ours.
    uncertaintyMs: Math.abs(delayMs) / 2 + reply.resolutionMs + OUR_RESOLUTION_MS,
    detail: reply.synchronised ? null : "by its own word set by nobody",
  });
}

type Answered = { received: Uint8Array; middleMs: number; roundTripMs: number };

/** `length` where the answer is whole; "incomplete" waits for more, and any other state can become no answer. */
type Framing = { state: string; length?: number };

/** `limit`: the most bytes of an answer that are read. */
type Exchange = { request: Uint8Array; frame: (bytes: Uint8Array) => Framing; limit: number };

/**
 * One connection, one request in one write, one answer. `middleMs` is halfway between request and answer by our wall
 * clock, asked once: a step of it in between does no harm.
 */
async function exchangeOnce(
  to: SocketAddress,
  { request, frame, limit }: Exchange,
  { context, wallNowMs }: { context: ProbeContext; wallNowMs: () => number },
): Promise<Answered | { answer: ClockAnswer }> {
  const { settings, signal } = context;
  // A SYN that was lost is sent again by the system; the next signal is worth more than another try.
  const { evidence, connection } = await probeTcp(to, { ...context, settings: { ...settings, retries: 0 } });
  if (connection === null) return { answer: unconnected(evidence) };
  try {
    const sentMs = wallNowMs();
    const { end, received, elapsedMs } = await connection.exchange(request, {
      enough: (bytes) => {
        const framing = frame(bytes);
        if (framing.state === "incomplete") return null;
        return framing.length ?? bytes.length;
      },
      limit,
      timeoutMs: settings.timeoutMs,
      signal,
    });
    if (end === "aborted") return { answer: { outcome: "skipped", reason: skipReason(signal) } };
    if (end === "enough" || received.length > 0)
      return { received, middleMs: sentMs + elapsedMs / 2, roundTripMs: elapsedMs };
    const cause = typeof end === "object" ? end.errno : end === "closed" ? "closed" : "deadline";
    return { answer: failure(cause, elapsedMs) };
  } finally {
    connection.close();
  }
}

type NotConnected = Awaited<ReturnType<typeof probeTcp>>["evidence"];

function unconnected(evidence: NotConnected): ClockAnswer {
  switch (evidence.outcome) {
    case "no-answer":
      return { outcome: "no-answer", cause: evidence.cause, elapsedMs: evidence.elapsedMs };
    case "ok":
      return { outcome: "skipped", reason: "earlier-layer" };
    default:
      return evidence;
  }
}

function ok(elapsedMs: number, { unixMs, ...facts }: Glance): ClockAnswer {
  return { outcome: "ok", facts: { ...facts, at: isoOf(unixMs) }, elapsedMs };
}

function denied(what: string, elapsedMs: number): ClockAnswer {
  return { outcome: "denied", denial: { what }, elapsedMs };
}

function failure(errno: string, elapsedMs: number): ClockAnswer {
  return isOurs(errno) ? { outcome: "not-sent", errno } : { outcome: "no-answer", cause: errno, elapsedMs };
}

function randomBytes(length: number, { randomU16 }: ProbeContext): Uint8Array {
  return Uint8Array.from({ length }, () => randomU16() & 0xff);
}
