/** What on this machine decides in place of the network: looked for, so that the network is not blamed. */
import type { SocketAddress } from "../model/dns.ts";
import type { AttemptEvidence } from "../model/evidence.ts";
import type { DecidesHere } from "../model/here.ts";
import { deadLinks, isWithoutCarrier, sourceFaultOf } from "../system/interfaces.ts";
import { packetsWithoutState } from "../system/ipsec.ts";
import { nextHopTowards } from "../system/next-hop.ts";
import { preloadedProxy } from "../system/preload.ts";
import { defaultGateways, viaTowards } from "../system/route.ts";
import { localAddressTowards } from "../transport/udp.ts";
import { localAddressFor } from "./context.ts";
import type { ProbeContext } from "./context.ts";
import { probeTcp } from "./tcp.ts";

export const NOTHING_HERE: DecidesHere = {
  noCarrier: false,
  preloaded: null,
  refusedSource: null,
  userModeGateway: false,
  ipsecWithoutState: false,
  sourceFault: null,
  deadLinks: [],
  nextHop: null,
  ownBridge: false,
};

/** @returns null where nothing of it is seen */
export async function decidesHere(
  to: SocketAddress,
  { via, routeErrno, tcp, rpc }: Pick<AttemptEvidence, "via" | "routeErrno" | "tcp" | "rpc">,
  context: ProbeContext,
): Promise<DecidesHere | null> {
  const name = via?.interface ?? null;
  // A link that brought an answer has something at its other end: nothing needs to be read to know that.
  const answered = tcp.outcome === "ok" && (rpc === null || rpc.bind.answer.outcome === "ok");
  const noCarrier = name !== null && !answered && (await isWithoutCarrier(name));
  const refused = routeErrno !== null && SOURCE_ERRNOS.includes(routeErrno);
  const refusedSource = refused ? await refusedSourceFor(to, context) : null;
  const preloaded = preloadedProxy();
  const userModeGateway =
    name !== null && via?.link === "user-mode" && (await defaultGateways(name)).includes(to.address);
  const { source } = context;
  const sourceFault = tcp.outcome !== "ok" && source !== null ? await sourceFaultOf(source) : null;
  const dead = routeErrno === "ENETUNREACH" ? await deadLinks() : [];
  const unreachable = tcp.outcome === "no-answer" && tcp.cause === "EHOSTUNREACH" && via !== null;
  const nextHop = unreachable ? await nextHopTowards(to.address, via.address) : null;
  const ownBridge = !answered && (await isOwnBridge(to.address, via));
  const local = { noCarrier, preloaded, refusedSource, userModeGateway, sourceFault };
  const found: DecidesHere = { ...NOTHING_HERE, ...local, deadLinks: dead, nextHop, ownBridge };
  return Object.values(found).some((each) => !isNothing(each)) ? found : null;
}

function isNothing(each: DecidesHere[keyof DecidesHere]): boolean {
  return each === null || each === false || (Array.isArray(each) && each.length === 0);
}

/** A bridge that carries this machine's own way out is none of containers. */
async function isOwnBridge(address: string, via: AttemptEvidence["via"]): Promise<boolean> {
  if (via === null || via.link !== "bridge" || via.interface === null || via.address === address)
    return false;
  if ((await defaultGateways(via.interface)).length > 0) return false;
  return (await nextHopTowards(address, via.address))?.gateway === null;
}

/** The interface that leads there, where nothing is at its other end; null for any other, and where there is no way. */
export async function deadLinkTowards(to: SocketAddress, context: ProbeContext): Promise<string | null> {
  const from = localAddressFor(context, to.address);
  if (from === null) return null;
  const way = await localAddressTowards(to, from);
  if ("errno" in way) return null;
  const { interface: name } = await viaTowards(way.address, to.address);
  return name !== null && (await isWithoutCarrier(name)) ? name : null;
}

/** Said of a source that never leaves this machine, and of one that has gone from it since the run began. */
const SOURCE_ERRNOS = ["EINVAL", "EADDRNOTAVAIL"];

/** EINVAL is a blackhole route as well: where it is the source, the table has a way without it. */
async function refusedSourceFor(to: SocketAddress, context: ProbeContext): Promise<string | null> {
  const source = localAddressFor(context, to.address) ?? null;
  return source !== null && !("errno" in (await localAddressTowards(to))) ? source : null;
}

/** Patience for a connect that only shows whether a packet leaves. */
const LEAVES_MS = 300;

/** After silence: whether a further SYN is thrown away here for want of a security association. */
export async function lacksIpsecState(
  to: SocketAddress,
  tcp: AttemptEvidence["tcp"],
  parent: ProbeContext,
): Promise<boolean> {
  if (tcp.outcome !== "no-answer" || tcp.cause !== "deadline" || parent.signal.aborted) return false;
  const before = await packetsWithoutState();
  // The SYNs that went unanswered would have been counted.
  if (before === null || before === 0) return false;
  const settings = { ...parent.settings, timeoutMs: LEAVES_MS, retries: 0 };
  (await probeTcp(to, { ...parent, settings })).connection?.close();
  return ((await packetsWithoutState()) ?? 0) > before;
}
