import type { ControlPort, RpcEvidence, SocketAddress } from "../model.ts";
import { connect } from "../transport/tcp.ts";
import { localAddressFor } from "./context.ts";
import type { ProbeContext } from "./context.ts";

/** No service is registered on either, and neither is in the ephemeral range of Windows. */
const UNLIKELY_PORTS = [47_113, 47_114];

/**
 * Where TCP connects and RPC stays silent, one connect to a port nobody listens on tells whether a device answers for
 * every port. Null where the RPC layer got any other answer.
 */
export async function probeControlPort(
  to: SocketAddress,
  rpc: RpcEvidence,
  context: ProbeContext,
): Promise<ControlPort | null> {
  const silent = [rpc.bind, rpc.plain].every(
    (bind) => bind?.answer.outcome === "no-answer" && bind.answer.cause === "deadline",
  );
  return silent ? await askControlPort(to, context) : null;
}

/** One connect to a port of that address which nobody has a reason to listen on. */
export async function askControlPort(to: SocketAddress, context: ProbeContext): Promise<ControlPort> {
  const port = UNLIKELY_PORTS.find((each) => each !== to.port) ?? 0;
  const { settings, signal, clock } = context;
  const localAddress = localAddressFor(context, to.address) ?? undefined;
  const result = await connect(
    { ...to, port },
    { timeoutMs: settings.timeoutMs, signal, clock, localAddress },
  );
  switch (result.end) {
    case "connected":
      result.connection.close();
      return { port, answer: "connected" };
    case "failed":
      return { port, answer: result.errno };
    case "silent":
      return { port, answer: "silent" };
    case "aborted":
      return { port, answer: "not-asked" };
    default:
      return result satisfies never;
  }
}
