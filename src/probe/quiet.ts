/**
 * A few connections to one host, one after the other: latency that is nobody's queue but the host's own, and two
 * answers that tell RPC stacks apart. Made once it is known to accept the bind, so that what it dislikes costs nothing.
 */
import type { SocketAddress } from "../model/dns.ts";
import type { QuietEvidence } from "../model/fingerprint.ts";
import { decodeAnswer } from "../protocol/dcerpc/answer.ts";
import { encodeAlterContext, encodeBind, WINDOWS_CONTEXTS } from "../protocol/dcerpc/bind.ts";
import { PTYPE } from "../protocol/dcerpc/header.ts";
import { KMS_OTHER_VERSION, NDR32 } from "../protocol/dcerpc/syntax.ts";
import { nextTurn, withDeadline } from "../transport/patience.ts";
import type { Connection } from "../transport/tcp.ts";
import type { ProbeContext } from "./context.ts";
import { answerWord, controlWord, exchangePdu } from "./pdu.ts";
import { probeTcp } from "./tcp.ts";

/** The largest fragment a bind can offer. Windows and Samba hold it to 5840 bytes; simpler servers copy it. */
const LARGEST_FRAG = 0xffff;

/**
 * Connects, binds and closes `count` times, under one deadline for all of it. The first connection also asks what
 * tells stacks apart; a server that closes on that is asked again plainly. What fails later ends it, with what is known
 * by then. Never rejects.
 *
 * @param count connections; 0 sends nothing
 */
export async function probeQuietly(
  to: SocketAddress,
  count: number,
  parent: ProbeContext,
): Promise<QuietEvidence> {
  const found: QuietEvidence = { tcpMs: [], bindMs: [], fragments: null, otherVersion: "not-asked" };
  const { signal, cancel } = withDeadline(parent.signal, parent.settings.deadlineMs);
  const context = { ...parent, signal };
  try {
    for (let index = 0; index < count; index++) {
      await nextTurn();
      const { evidence, connection } = await probeTcp(to, context);
      if (evidence.outcome !== "ok" || connection === null) break;
      found.tcpMs.push(evidence.elapsedMs);
      const answered =
        index === 0
          ? await askMore(connection, found, context)
          : await askPlainly(connection, found, context);
      connection.close();
      if (!answered && index > 0) break;
    }
  } finally {
    cancel();
  }
  return found;
}

/** The bind of a Windows client, timed. @returns whether a bind_ack came, whatever is in it */
async function askPlainly(
  connection: Connection,
  found: QuietEvidence,
  context: ProbeContext,
): Promise<boolean> {
  const sent = encodeBind(WINDOWS_CONTEXTS, context.callId());
  const exchange = await exchangePdu(connection, sent, context);
  const word = answerWord(exchange, PTYPE.bindAck);
  if (word !== "accepted" && word !== "rejected") return false;
  found.bindMs.push(exchange.elapsedMs);
  return true;
}

/** The same with the largest fragments; and, where it is accepted, the interface in a version that nobody has. */
async function askMore(
  connection: Connection,
  found: QuietEvidence,
  context: ProbeContext,
): Promise<boolean> {
  const sent = encodeBind(WINDOWS_CONTEXTS, context.callId(), LARGEST_FRAG);
  const exchange = await exchangePdu(connection, sent, context);
  const word = answerWord(exchange, PTYPE.bindAck);
  if (word !== "accepted" && word !== "rejected") return false;
  found.bindMs.push(exchange.elapsedMs);
  const decoded = decodeAnswer(exchange.received);
  if (!decoded.ok || decoded.value.kind !== "accepted-pdu") return false;
  const { maxXmitFrag, maxRecvFrag, assocGroupId } = decoded.value;
  found.fragments = { offered: LARGEST_FRAG, maxXmitFrag, maxRecvFrag };
  if (word === "rejected") return true;
  const element = { id: WINDOWS_CONTEXTS.length, abstract: KMS_OTHER_VERSION, transfer: NDR32 };
  const alter = encodeAlterContext([element], context.callId(), assocGroupId);
  found.otherVersion = controlWord(await exchangePdu(connection, alter, context), PTYPE.alterContextResp);
  return true;
}
