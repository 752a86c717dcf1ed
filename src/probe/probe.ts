import type { SocketAddress } from "../model/dns.ts";
import type { AttemptEvidence } from "../model/evidence.ts";
import type { RpcEvidence } from "../model/rpc.ts";
import type { Via } from "../model/source.ts";
import { viaOf } from "../system/interfaces.ts";
import { viaTowards } from "../system/route.ts";
import { tracePath } from "../system/trace.ts";
import { isExhausted } from "../transport/errno.ts";
import { branchOf, withDeadline } from "../transport/patience.ts";
import { abortSignalOf } from "../transport/stop.ts";
import type { StopSignal } from "../transport/stop.ts";
import type { Connection } from "../transport/tcp.ts";
import { localAddressTowards } from "../transport/udp.ts";
import { probeClock } from "./clock.ts";
import { localAddressFor, NO_SUCH_FAMILY } from "./context.ts";
import type { ProbeContext } from "./context.ts";
import { askControlPort, probeControlPort } from "./control-port.ts";
import type { Controlled } from "./control-port.ts";
import { decidesHere, lacksIpsecState, NOTHING_HERE } from "./here.ts";
import { probeLadder } from "./ladder.ts";
import { probeRpc } from "./rpc.ts";
import { probeTcp } from "./tcp.ts";
import { probeUnprompted } from "./unprompted.ts";
import type { TcpProbe } from "./tcp.ts";
import { ipFamily } from "../protocol/ip.ts";

/** Asked for the local end by a caller that probes often, which remembers what it said. @param served whether it serves */
type Describe = (local: string, served: boolean) => Promise<Via>;

/**
 * Walks TCP and RPC at one literal address, under one deadline for all of it. Never rejects: whatever the network
 * does is in the evidence.
 */
export async function probeAddress(
  address: string,
  port: number,
  parent: ProbeContext,
  describe: Describe | null = null,
): Promise<AttemptEvidence> {
  const to = { address, port };
  const found = await probeOnward(to, (context) => probeTcp(to, context), parent, describe);
  if (!(await lacksIpsecState(to, found.tcp, parent))) return found;
  return { ...found, here: { ...(found.here ?? NOTHING_HERE), ipsecWithoutState: true } };
}

/** The same from where the connect has ended, for whoever connects on its own. */
export async function probeOnward(
  to: SocketAddress,
  connect: (context: ProbeContext) => Promise<TcpProbe> | TcpProbe,
  parent: ProbeContext,
  describe: Describe | null = null,
): Promise<AttemptEvidence> {
  const { address } = to;
  const family = ipFamily(address) === 6 ? 6 : 4;
  const { signal, cancel } = withDeadline(parent.signal, parent.settings.deadlineMs);
  try {
    const { evidence: tcp, connection } = await connect({ ...parent, signal });
    const roundTripMs = tcp.outcome === "ok" ? tcp.elapsedMs : 0;
    const context = { ...parent, signal, roundTripMs };
    const { rpc, controlPort, takenHere } =
      connection === null
        ? { rpc: null, controlPort: null, takenHere: null }
        : await bindAndAsk(to, { evidence: tcp, connection }, context);
    const ladder = rpc !== null && context.settings.ladder ? await probeLadder(to, context) : null;
    const way = await wayOf(connection, to, context);
    // Where nothing came of it, which way it would have left matters as well.
    const served = rpc?.bind.answer.outcome === "ok";
    const plain: Describe = (local) => (served ? viaOf(local) : viaTowards(local, address));
    const { via, routeErrno } = await describeWay(way, (local) => (describe ?? plain)(local, served));
    const here = await decidesHere(to, { via, routeErrno, tcp, rpc }, context);
    const wanted = parent.settings.trace && rpc?.bind.answer.outcome !== "ok" && via !== null;
    const from = localAddressFor(context, address) ?? undefined;
    const trace = wanted ? await traceUntil(signal, to, from) : null;
    // Other ports, with bounds of their own: what the host's own port cost must not cut it short.
    const clock = parent.settings.clock ? await probeClock(address, parent, parent) : null;
    return {
      address,
      family,
      via,
      routeErrno,
      tcp,
      rpc,
      controlPort,
      takenHere,
      ladder,
      trace,
      clock,
      here,
    };
  } finally {
    cancel();
  }
}

/** The binds, and where those came to nothing, what else is asked because of it. */
async function bindAndAsk(
  to: SocketAddress,
  { evidence: tcp, connection }: TcpProbe & { connection: Connection },
  context: ProbeContext,
): Promise<Controlled & { rpc: RpcEvidence }> {
  const asking = branchOf(context.signal);
  let early: Promise<Controlled> | null = null;
  const rpc = await probeRpc(to, connection, context, (patienceMs) => {
    early = askControlPort(to, { ...context, signal: asking.signal }, patienceMs);
  });
  // Most hosts serve, and an exporter looks at hundreds a second.
  if (rpc.bind.answer.outcome === "ok" && early === null) {
    asking.cancel();
    return { rpc, controlPort: null, takenHere: null };
  }
  const [left, control] = await Promise.all([
    probeUnprompted(to, rpc, context),
    probeControlPort(to, { tcp, rpc, early }, context),
  ]);
  // Where something answered after all, nobody waits for it any more.
  asking.callOff();
  return {
    rpc: { ...rpc, unprompted: left?.unprompted ?? null },
    controlPort: control.controlPort,
    takenHere: left?.takenHere ?? control.takenHere,
  };
}

/**
 * Whether one literal address takes a connection: one connect, closed at once, and nothing sent on it. The evidence is
 * that of an attempt that goes no further. Where it connects, one more port tells whether a device answers for all.
 */
export async function probeReach(
  address: string,
  port: number,
  parent: ProbeContext,
): Promise<AttemptEvidence> {
  const { signal, cancel } = withDeadline(parent.signal, parent.settings.deadlineMs);
  const context = { ...parent, signal };
  const to = { address, port };
  try {
    const { evidence: tcp, connection } = await probeTcp(to, context);
    connection?.close();
    const control = connection === null ? null : await askControlPort(to, context);
    const way = await wayOf(connection, to, context);
    const described = await describeWay(way, (local) => viaTowards(local, address));
    return {
      address,
      family: ipFamily(address) === 6 ? 6 : 4,
      ...described,
      here: await decidesHere(to, { ...described, tcp, rpc: null }, context),
      tcp,
      rpc: null,
      controlPort: control?.controlPort ?? null,
      takenHere: control?.takenHere ?? null,
      ladder: null,
      trace: null,
      clock: null,
    };
  } finally {
    cancel();
  }
}

async function traceUntil(
  stop: StopSignal,
  to: SocketAddress,
  from: string | undefined,
): Promise<AttemptEvidence["trace"]> {
  const { signal, release } = abortSignalOf(stop);
  try {
    return await tracePath(to, from, signal);
  } finally {
    release();
  }
}

type Way = { address: string } | { errno: string };

async function describeWay(
  way: Way,
  describe: (address: string) => Promise<Via>,
): Promise<Pick<AttemptEvidence, "via" | "routeErrno">> {
  if (!("errno" in way)) return { via: await describe(way.address), routeErrno: null };
  // Without a descriptor the routing table could not be asked, and has not answered.
  return { via: null, routeErrno: isExhausted(way.errno) ? null : way.errno };
}

/** A connection that was reset at once has no ends any more. */
async function wayOf(
  connection: TcpProbe["connection"],
  to: SocketAddress,
  context: ProbeContext,
): Promise<Way> {
  const address = connection?.local.address ?? "";
  return address === "" ? await wayTowards(to, context) : { address };
}

/** A failed socket has forgotten where it left from; the routing table still knows. */
async function wayTowards(to: SocketAddress, context: ProbeContext): Promise<Way> {
  const localAddress = localAddressFor(context, to.address);
  return localAddress === null ? { errno: NO_SUCH_FAMILY } : await localAddressTowards(to, localAddress);
}
