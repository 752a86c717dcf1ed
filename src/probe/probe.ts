import type { AttemptEvidence, Via } from "../model.ts";
import { interfaceOf } from "../system/interfaces.ts";
import { withDeadline } from "../transport/patience.ts";
import { localAddressTowards } from "../transport/udp.ts";
import type { ProbeContext } from "./context.ts";
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
      const via: Via = {
        address: connection.local.address,
        interface: interfaceOf(connection.local.address),
      };
      return { address, family, via, routeErrno: null, tcp, rpc: await probeRpc(to, connection, context) };
    }
    // A failed socket has forgotten where it left from; the routing table still knows.
    const route = await localAddressTowards(to);
    const via = "errno" in route ? null : { address: route.address, interface: interfaceOf(route.address) };
    return { address, family, via, routeErrno: "errno" in route ? route.errno : null, tcp, rpc: null };
  } finally {
    cancel();
  }
}
