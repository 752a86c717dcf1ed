import type { SocketAddress } from "../model/dns.ts";
import type { AttemptEvidence } from "../model/evidence.ts";
import type { RpcEvidence } from "../model/rpc.ts";
import type { TcpEvidence } from "../model/tcp.ts";
import { takenHere } from "../system/kernel.ts";
import { connect } from "../transport/tcp.ts";
import { localAddressFor } from "./context.ts";
import type { ProbeContext } from "./context.ts";
import { endedWordless } from "./unprompted.ts";

/** No service is registered on either, and neither is in the ephemeral range of Windows. */
const UNLIKELY_PORTS = [47_113, 47_114];

/** Whoever accepts for everybody does it about as soon as for the port that was asked for. */
const LEAST_MS = 1_000;
const TIMES = 10;

/** What a control port said, and whether this machine itself took the connection. */
export type Controlled = Pick<AttemptEvidence, "controlPort" | "takenHere">;

/**
 * Where TCP connects and RPC comes to nothing (silence, a close, a reset), one connect to a port nobody listens on
 * tells whether something accepts for every port. Null where the RPC layer got any other answer.
 *
 * @param early the same, where it was asked while RPC was silent
 */
export async function probeControlPort(
  to: SocketAddress,
  { tcp, rpc, early }: { tcp: TcpEvidence; rpc: RpcEvidence; early: Promise<Controlled> | null },
  context: ProbeContext,
): Promise<Controlled> {
  const silent = [rpc.bind, rpc.plain].every(
    (bind) => bind?.answer.outcome === "no-answer" && bind.answer.cause === "deadline",
  );
  if (silent) return await (early ?? askControlPort(to, context));
  const wordless = endedWordless(rpc.bind) && rpc.plain?.answer.outcome === "no-answer";
  if (!wordless) return { controlPort: null, takenHere: null };
  if (early !== null) return await early;
  const tookMs = "elapsedMs" in tcp ? tcp.elapsedMs : 0;
  return await askControlPort(to, context, Math.max(LEAST_MS, TIMES * tookMs));
}

/** One connect to a port of that address which nobody has a reason to listen on. */
export async function askControlPort(
  to: SocketAddress,
  context: ProbeContext,
  patienceMs = Number.POSITIVE_INFINITY,
): Promise<Controlled> {
  const port = UNLIKELY_PORTS.find((each) => each !== to.port) ?? 0;
  const { settings, signal, clock } = context;
  const localAddress = localAddressFor(context, to.address) ?? undefined;
  const timeoutMs = Math.min(settings.timeoutMs, patienceMs);
  const result = await connect({ ...to, port }, { timeoutMs, signal, clock, localAddress });
  switch (result.end) {
    case "connected": {
      const { local, remote } = result.connection;
      const here = await takenHere(local, remote);
      result.connection.close();
      return { controlPort: { port, answer: "connected" }, takenHere: here };
    }
    case "failed":
      return { controlPort: { port, answer: result.errno }, takenHere: null };
    case "silent":
      return { controlPort: { port, answer: "silent" }, takenHere: null };
    case "aborted":
      return { controlPort: { port, answer: "not-asked" }, takenHere: null };
    default:
      return result satisfies never;
  }
}
