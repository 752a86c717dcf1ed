/** What an errno or evidence means for the address: something of the network, or something that this machine lacked. */
import type { SocketAddress } from "../../model/dns.ts";
import type { AttemptEvidence } from "../../model/evidence.ts";
import { CONNTRACK_FULL, conntrackUse } from "../../system/limits.ts";
import { isExhausted } from "../../transport/errno.ts";
import { localAddressTowards } from "../../transport/udp.ts";

/** Whether an errno tells of something that this machine ran out of, and will have again. */
export async function isShortage(errno: string, to: SocketAddress): Promise<boolean> {
  switch (errno) {
    case "EADDRNOTAVAIL":
    case "EADDRINUSE": {
      // Out of ports; or there is no address towards it, which the routing table says as well.
      const way = await localAddressTowards(to);
      return !("errno" in way) || isExhausted(way.errno);
    }
    case "EPERM":
      // A full connection table, or a filter of our own.
      return (conntrackUse() ?? 0) > CONNTRACK_FULL;
    case "EAGAIN":
      return true;
    default:
      return isExhausted(errno);
  }
}

/** What our own machine lacked while an address was probed, or null. */
export function shortageIn({ tcp, rpc }: AttemptEvidence): string | null {
  const answers = [rpc?.bind.answer, rpc?.plain?.answer];
  for (const answer of [tcp, ...answers])
    if (answer?.outcome === "not-sent" && isExhausted(answer.errno)) return answer.errno;
  return null;
}

/** Both binds went unanswered, and the peer's own system never acknowledged one: silence, but maybe of the path. */
export function isLost({ rpc }: AttemptEvidence): boolean {
  const answers = [rpc?.bind.answer, rpc?.plain?.answer];
  return (
    answers.every((answer) => answer?.outcome === "no-answer" && answer.cause === "deadline") &&
    answers.some((answer) => answer?.outcome === "no-answer" && (answer.kernel?.unacknowledgedBytes ?? 0) > 0)
  );
}

/** Something of it was not asked any more, because the user or a deadline ended it. */
export function wasCutShort({ tcp, rpc }: AttemptEvidence): boolean {
  return [tcp, rpc?.bind.answer, rpc?.plain?.answer].some((answer) => answer?.outcome === "skipped");
}
