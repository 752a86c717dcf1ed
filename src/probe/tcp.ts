import type { SocketAddress } from "../model/dns.ts";
import type { TcpEvidence } from "../model/tcp.ts";
import { isOurs } from "../transport/errno.ts";
import { skipReason } from "../transport/patience.ts";
import { connect } from "../transport/tcp.ts";
import type { Connection } from "../transport/tcp.ts";
import { localAddressFor, NO_SUCH_FAMILY } from "./context.ts";
import type { ProbeContext } from "./context.ts";

/** The connection is there exactly when the evidence is `ok`; the caller closes it. */
export type TcpProbe = { evidence: TcpEvidence; connection: Connection | null };

/**
 * Connects to one literal address, and tries again after silence: one lost SYN must not condemn a host. An errno is
 * an answer and is not asked for twice. `elapsedMs` is that of the last try. Never rejects.
 */
export async function probeTcp(to: SocketAddress, context: ProbeContext): Promise<TcpProbe> {
  const { settings, signal, clock } = context;
  const localAddress = localAddressFor(context, to.address);
  if (localAddress === null)
    return { evidence: { outcome: "not-sent", errno: NO_SUCH_FAMILY }, connection: null };
  for (let tries = 1; ; tries++) {
    const result = await connect(to, { timeoutMs: settings.timeoutMs, signal, clock, localAddress });
    switch (result.end) {
      case "connected":
        return {
          evidence: { outcome: "ok", facts: { tries }, elapsedMs: result.elapsedMs },
          connection: result.connection,
        };
      case "aborted":
        return { evidence: { outcome: "skipped", reason: skipReason(signal) }, connection: null };
      case "failed":
        return { evidence: failed(result.errno, result.elapsedMs, tries), connection: null };
      case "silent":
        if (tries <= settings.retries) continue;
        return {
          evidence: { outcome: "no-answer", cause: "deadline", tries, elapsedMs: result.elapsedMs },
          connection: null,
        };
      default:
        return result satisfies never;
    }
  }
}

/** What an errno says as evidence: of this machine, or of the way there. */
export function failed(errno: string, elapsedMs: number, tries: number): TcpEvidence {
  return isOurs(errno)
    ? { outcome: "not-sent", errno }
    : { outcome: "no-answer", cause: errno, tries, elapsedMs };
}
