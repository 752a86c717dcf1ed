import { probeAddress } from "../../probe/probe.ts";
import { monotonicClock } from "../../transport/clock.ts";
import { pause } from "../../transport/patience.ts";
import { warmUp } from "../../transport/tcp.ts";
import type { Via } from "../../model/source.ts";
import { readNetwork, reloadResolvers } from "../../system/network-changes.ts";
import { viaTowards } from "../../system/route.ts";
import type { CheckRequest } from "../check.ts";
import { contextOf } from "../context.ts";
import { completeRequest } from "../request.ts";
import type { CheckOptions } from "../request.ts";
import { discover } from "./discovery.ts";
import type { WatchWorld } from "./surroundings.ts";

/** The world as it is: this machine's clocks, timers and network. */
export function realWorld(request: WatchWorld["request"], onEvent: WatchWorld["onEvent"]): WatchWorld {
  const clock = monotonicClock;
  const ways = createWays();
  return {
    clock,
    wall: () => {
      const now = new Date();
      return { ms: now.getTime(), iso: now.toISOString() };
    },
    random: Math.random,
    sleep: pause,
    every(ms, job) {
      const timer = setInterval(job, ms);
      return () => clearInterval(timer);
    },
    discover: (asked, signal, onFound) => discover(asked, { signal, clock }, onFound),
    async probe({ address, port, source }, { settings, sources }, signal) {
      const from = sources.find(({ label }) => label === source) ?? null;
      await warmUp();
      const context = contextOf(settings, from, { signal, clock });
      return await probeAddress(address, port, context, (local, served) =>
        served ? ways.from(local, address) : viaTowards(local, address),
      );
    },
    request,
    async readNetwork() {
      const network = await readNetwork();
      ways.forgetIfChanged(JSON.stringify(network));
      return network;
    },
    onEvent,
  };
}
/** By which interface packets leave: asked once for each address, and again when this machine's network has changed. */
function createWays(): {
  from: (local: string, to: string) => Promise<Via>;
  forgetIfChanged: (network: string) => void;
} {
  const known = new Map<string, Promise<Via>>();
  let last = "";
  return {
    from(local, to) {
      const key = `${local} ${to}`;
      const via = known.get(key) ?? viaTowards(local, to);
      known.set(key, via);
      return via;
    },
    forgetIfChanged(network) {
      if (network !== last) known.clear();
      last = network;
    },
  };
}

/**
 * What to check, from what the user asks for and from what this machine has at the moment: a VPN that comes up brings
 * resolvers and suffixes of its own. Lists are read once.
 * @throws UsageError at once where the options can't be understood
 */
export async function createRequestSource(options: CheckOptions): Promise<() => Promise<CheckRequest>> {
  const first = await completeRequest(options);
  const { hosts = [], files = [], domains = [], resolvers = [], sources = [] } = options;
  const discovers = hosts.length === 0 && files.length === 0 && domains.length === 0;
  if (!discovers && resolvers.length > 0 && sources.length === 0) return () => Promise.resolve(first);
  const again = { ...options, files: [] };
  return async () => {
    reloadResolvers();
    const now = await completeRequest(again).catch(async () => {
      // The interface of a --source is gone for now: its addresses are tried as they were.
      return { ...(await completeRequest({ ...again, sources: [] })), sources: first.sources };
    });
    if (discovers) return now;
    return { ...first, sources: now.sources, resolvers: now.resolvers, suffixes: now.suffixes };
  };
}
