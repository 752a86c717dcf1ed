/**
 * The bind ladder: four binds, each on a connection of its own, whose pattern of answers names what stands on the
 * path. Explicit only: the last rung sends one PDU in two segments, which upsets servers that take a read for a PDU.
 */
import type { SocketAddress } from "../model/dns.ts";
import type { Ladder, Rung, RungAnswer } from "../model/ladder.ts";
import { encodeBind, PLAIN_CONTEXTS, WINDOWS_CONTEXTS } from "../protocol/dcerpc/bind.ts";
import type { ContextElement } from "../protocol/dcerpc/bind.ts";
import { PTYPE } from "../protocol/dcerpc/header.ts";
import { DECOY_INTERFACE, NDR32 } from "../protocol/dcerpc/syntax.ts";
import type { ProbeContext } from "./context.ts";
import { answerWord, exchangePdu } from "./pdu.ts";
import { probeTcp } from "./tcp.ts";

/** Within the second context, past what a device needs to see that this is a bind; later than any coalescing. */
const SPLIT = { at: 80, pauseMs: 50 };

const RUNGS: readonly { rung: Rung; contexts: readonly ContextElement[]; split?: typeof SPLIT }[] = [
  { rung: "windows", contexts: WINDOWS_CONTEXTS },
  { rung: "plain", contexts: PLAIN_CONTEXTS },
  { rung: "decoy", contexts: [{ id: 0, abstract: DECOY_INTERFACE, transfer: NDR32 }] },
  { rung: "split", contexts: WINDOWS_CONTEXTS, split: SPLIT },
];

/** One rung after the other, so that a server with one thread is never asked twice at a time. Never rejects. */
export async function probeLadder(to: SocketAddress, context: ProbeContext): Promise<Ladder> {
  const ladder: Ladder = [];
  for (const { rung, contexts, split } of RUNGS) {
    ladder.push({ rung, answer: await climb(to, contexts, split, context) });
  }
  return ladder;
}

async function climb(
  to: SocketAddress,
  contexts: readonly ContextElement[],
  split: typeof SPLIT | undefined,
  context: ProbeContext,
): Promise<RungAnswer> {
  const { connection } = await probeTcp(to, context);
  if (connection === null) return context.signal.aborted ? "not-asked" : "not-connected";
  const exchange = await exchangePdu(connection, encodeBind(contexts, context.callId()), context, split);
  connection.close();
  const word = answerWord(exchange, PTYPE.bindAck);
  return word === "aborted" ? "not-asked" : word;
}
