import type { AttemptEvidence } from "../model.ts";
import { viaOf } from "../system/interfaces.ts";
import { withDeadline } from "../transport/patience.ts";
import { localAddressTowards } from "../transport/udp.ts";
import { localAddressFor, NO_SUCH_FAMILY } from "./context.ts";
import type { ProbeContext } from "./context.ts";
import { probeControlPort } from "./control-port.ts";
import { probeLadder } from "./ladder.ts";
import { probeRpc } from "./rpc.ts";
import { probeTcp } from "./tcp.ts";
import { ipFamily } from "../protocol/ip.ts";

/**
 * Walks TCP and RPC at one literal address, under one deadline for all of it. Never rejects: whatever the network
 * does is in the evidence.
 */
export async function probeAddress(
  address: string,
  port: number,
  parent: ProbeContext,
): Promise<AttemptEvidence> {
  const family = ipFamily(address) === 6 ? 6 : 4;
  const { signal, cancel } = withDeadline(parent.signal, parent.settings.deadlineMs);
  const context = { ...parent, signal };
  const to = { address, port };
  try {
    const { evidence: tcp, connection } = await probeTcp(to, context);
    if (connection !== null) {
      const rpc = await probeRpc(to, connection, context);
      const controlPort = await probeControlPort(to, rpc, context);
      const ladder = context.settings.ladder ? await probeLadder(to, context) : null;
      const via = await viaOf(connection.local.address);
      return { address, family, via, routeErrno: null, tcp, rpc, controlPort, ladder };
    }
    // A failed socket has forgotten where it left from; the routing table still knows.
    const localAddress = localAddressFor(context, address);
    const route =
      localAddress === null ? { errno: NO_SUCH_FAMILY } : await localAddressTowards(to, localAddress);
    const via = "errno" in route ? null : await viaOf(route.address);
    const routeErrno = "errno" in route ? route.errno : null;
    return { address, family, via, routeErrno, tcp, rpc: null, controlPort: null, ladder: null };
  } finally {
    cancel();
  }
}
