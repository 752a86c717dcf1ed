import type { SocketAddress } from "../model/dns.ts";
import type { TcpEvidence } from "../model/tcp.ts";
import { isOurs } from "../transport/errno.ts";
import { branchOf, skipReason } from "../transport/patience.ts";
import { connect } from "../transport/tcp.ts";
import type { Connection, ConnectResult } from "../transport/tcp.ts";
import { localAddressFor, NO_SUCH_FAMILY } from "./context.ts";
import type { ProbeContext } from "./context.ts";

/** The connection is there exactly when the evidence is `ok`; the caller closes it. */
export type TcpProbe = { evidence: TcpEvidence; connection: Connection | null };

/**
 * How much later than the one before it a further connect begins. Longer than the round trip of nearly every path, so
 * that a host which answers sees one connect; short, since what all of them wait for is silence.
 */
const NEXT_AFTER_MS = 200;

/** And at most this share of the time that one connect lasts. */
const NEXT_AFTER_SHARE = 1 / 4;

const ORDINALS = ["", "first", "second", "third", "fourth", "fifth"];

/**
 * Connects to one literal address, and again beside the first where it stays silent: one lost SYN must not condemn a
 * host. The connects overlap: each lasts for the whole timeout, and so sends as many SYNs as it would alone, while all
 * of them take little longer than one. The first that is answered decides, and the others are called off; an errno is
 * an answer and is not asked for twice. `tries` says which one it was, or how many were silent. Never rejects.
 */
export function probeTcp(to: SocketAddress, context: ProbeContext): Promise<TcpProbe> {
  const localAddress = localAddressFor(context, to.address);
  if (localAddress === null)
    return Promise.resolve({ evidence: { outcome: "not-sent", errno: NO_SUCH_FAMILY }, connection: null });
  const { settings, clock } = context;
  const { signal, callOff } = branchOf(context.signal);
  const nextAfterMs = Math.max(
    Math.min(NEXT_AFTER_MS, settings.timeoutMs * NEXT_AFTER_SHARE),
    2 * (context.roundTripMs ?? 0),
  );
  return new Promise((resolve) => {
    const startedMs = clock.nowMs();
    let begun = 0;
    let left = settings.retries + 1;
    let pending = 0;
    let silent = { tries: 0, elapsedMs: 0 };
    let settled = false;
    let timer: NodeJS.Timeout | undefined;
    const settle = (evidence: TcpEvidence, connection: Connection | null = null): void => {
      settled = true;
      clearTimeout(timer);
      callOff();
      resolve({ evidence, connection });
    };
    const begin = (): void => {
      begun += 1;
      left -= 1;
      pending += 1;
      const number = begun;
      clearTimeout(timer);
      if (left > 0) timer = setTimeout(begin, nextAfterMs);
      const options = { timeoutMs: settings.timeoutMs, signal, clock, localAddress };
      if (number > 1) {
        const untilMs = clock.nowMs() + settings.timeoutMs;
        context.onWait?.({ what: `an answer to the ${ORDINALS[number] ?? `${number}th`} connect`, untilMs });
      }
      void connect(to, options).then((result) => onEnd(number, result));
    };
    const onEnd = (number: number, result: ConnectResult): void => {
      pending -= 1;
      if (settled) {
        if (result.end === "connected") result.connection.close();
        return;
      }
      switch (result.end) {
        case "connected": {
          const { connection, elapsedMs } = result;
          return settle({ outcome: "ok", facts: { tries: number }, elapsedMs }, connection);
        }
        case "aborted":
          return settle({ outcome: "skipped", reason: skipReason(context.signal) });
        case "failed": {
          const { errno, elapsedMs } = result;
          // What this machine lacks for one more connect says nothing of those that are under way.
          if (!isOurs(errno) || pending + silent.tries === 0) {
            // One ARP query serves all connects: who fails of it was waited for since the first.
            const waitedMs = errno === "EHOSTUNREACH" ? clock.nowMs() - startedMs : 0;
            return settle(failed(errno, Math.max(elapsedMs, waitedMs), number));
          }
          clearTimeout(timer);
          left = 0;
          break;
        }
        case "silent":
          silent = { tries: silent.tries + 1, elapsedMs: result.elapsedMs };
          break;
        default:
          return result satisfies never;
      }
      if (pending > 0) return;
      if (left > 0) return begin();
      settle({ outcome: "no-answer", cause: "deadline", ...silent });
    };
    begin();
  });
}

/** What an errno says as evidence: of this machine, or of the way there. */
export function failed(errno: string, elapsedMs: number, tries: number): TcpEvidence {
  return isOurs(errno)
    ? { outcome: "not-sent", errno }
    : { outcome: "no-answer", cause: errno, tries, elapsedMs };
}
