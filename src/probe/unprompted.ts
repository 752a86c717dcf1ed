/**
 * Where binds met a close or a reset: whether the peer ends a connection on which nothing is said, too. Who closes
 * without waiting is seen to close or to reset on a bind by chance, since bytes that nobody read make a reset out of a
 * close. Left alone, it does the same each time.
 */
import type { SocketAddress } from "../model/dns.ts";
import type { AttemptEvidence } from "../model/evidence.ts";
import type { RpcEvidence, Unprompted } from "../model/rpc.ts";
import { takenHere } from "../system/kernel.ts";
import type { Connection } from "../transport/tcp.ts";
import type { ProbeContext } from "./context.ts";
import { probeTcp } from "./tcp.ts";

/** A peer that ends it at once is seen to do so within this, on a busy machine as well. */
const LEAST_MS = 500;

/** And one that took its time on a bind is given this many times as long. */
const TIMES = 3;

/** Whether a bind ended in a close or a reset, without a word. */
export function endedWordless(bind: RpcEvidence["bind"] | null): boolean {
  return bind?.answer.outcome === "no-answer" && bind.answer.cause !== "deadline";
}

/**
 * One connection, on which nothing is sent. Never rejects.
 * @returns null where the binds ended in another way: nothing is asked then
 */
export async function probeUnprompted(
  to: SocketAddress,
  { bind, plain }: RpcEvidence,
  context: ProbeContext,
): Promise<{ unprompted: Unprompted; takenHere: AttemptEvidence["takenHere"] } | null> {
  if (!endedWordless(bind) || plain?.answer.outcome !== "no-answer" || context.signal.aborted) return null;
  const { evidence, connection } = await probeTcp(to, context);
  if (connection === null) {
    const elapsedMs = evidence.outcome === "no-answer" ? evidence.elapsedMs : 0;
    return { unprompted: { end: "not-connected", elapsedMs }, takenHere: null };
  }
  const took = [bind, plain].map(({ answer }) => (answer.outcome === "no-answer" ? answer.elapsedMs : 0));
  const patienceMs = Math.min(context.settings.rpcTimeoutMs, Math.max(LEAST_MS, TIMES * Math.max(...took)));
  const [unprompted, here] = await Promise.all([
    waitForEnd(connection, patienceMs, context),
    takenHere(connection.local, connection.remote),
  ]);
  connection.close();
  return { unprompted, takenHere: here };
}

async function waitForEnd(
  connection: Connection,
  patienceMs: number,
  context: ProbeContext,
): Promise<Unprompted> {
  const { end, elapsedMs } = await connection.linger(patienceMs, 1, context.signal);
  if (end === "closed") return { end, elapsedMs };
  return { end: typeof end === "object" ? "reset" : "silent", elapsedMs };
}
