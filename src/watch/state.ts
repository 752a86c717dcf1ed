/** All that a watch knows: rounds go in, hosts and events come out. Of bounded size however long it runs. */
import type { Endpoint } from "../model/evidence.ts";
import type { Report } from "../model/report.ts";
import type { NetworkState } from "../system/network-changes.ts";
import { diffNetwork } from "../system/network-changes.ts";
import { diffDns, dnsViewOf } from "./dns.ts";
import type { DnsView } from "./dns.ts";
import type { Happening, WatchEvent } from "./event.ts";
import type { Gap } from "./gap.ts";
import { createHost, updateHost, verdictHappening } from "./host.ts";
import type { Host, Moment } from "./host.ts";
import { createRing } from "./ring.ts";
import type { Ring } from "./ring.ts";
import { doubtsOf, keyOf, samplesOf } from "./samples.ts";
import { cellMsFor } from "./timeline.ts";

/** Events kept for the log pane; `--log` has them all. */
export const EVENTS_KEPT = 500;

/** Hosts kept for the summary after DNS stopped listing them. */
const MAX_GONE = 100;

/** Hosts still probed while those who listed them can't be asked: a zone that changes with every answer has more. */
const MAX_DOUBTFUL = 256;

/** A full round asks DNS and finds the hosts; a light one probes the addresses that are known. */
export type RoundKind = "full" | "light";

export type WatchState = {
  readonly events: Ring<WatchEvent>;
  /** Every host, those gone as well, in the order they were first seen. */
  hosts: () => Host[];
  /** What a light round probes. */
  addresses: () => Endpoint[];
  /** Those of them that the latest round did not reach, because DNS could not be asked for them. */
  leftOut: () => Endpoint[];
  round: (report: Report, kind: RoundKind, moment: Moment) => void;
  network: (now: NetworkState, at: string) => void;
  gap: (gap: Gap, at: string) => void;
  configuration: (what: "resolvers" | "suffixes", now: readonly string[], at: string) => void;
};

/** @param onEvent told every event as it happens, in order */
export function createWatchState(intervalMs: number, onEvent: (event: WatchEvent) => void): WatchState {
  const events = createRing<WatchEvent>(EVENTS_KEPT);
  const hosts = new Map<string, Host>();
  const configured = new Map<string, readonly string[]>();
  let dns: DnsView = new Map();
  /** Keys of the latest round. */
  let seen: ReadonlySet<string> = new Set();
  let network: NetworkState | null = null;

  const tell = (at: string, happening: Happening | null): void => {
    if (happening === null) return;
    const event = { at, ...happening };
    events.push(event);
    onEvent(event);
  };

  const forget = (host: Host, at: string): void => {
    host.listed = false;
    tell(at, { kind: "unlisted", subject: host.subject });
    const gone = [...hosts.values()].filter(({ listed }) => !listed);
    for (const oldest of gone.slice(0, Math.max(0, gone.length - MAX_GONE))) hosts.delete(oldest.key);
  };

  /** Where DNS can't be asked properly, nobody is forgotten: that is just when the hosts should be watched. */
  const dropUnlisted = (report: Report, atIso: string): void => {
    const doubts = doubtsOf(report);
    const missing = [...hosts.values()].filter(({ key, listed }) => listed && !seen.has(key));
    let kept = 0;
    for (const host of missing.toReversed()) {
      const { host: name, port, address, source } = host.subject;
      const doubtful =
        host.listedBy.some((at) => doubts.resolvers.has(keyOf(at.address, at.port, source))) ||
        doubts.hosts.has(keyOf(name, port, source));
      // A line without an address only said that there is none: whatever comes now has a line of its own.
      if (address === null) hosts.delete(host.key);
      else if (doubtful && kept < MAX_DOUBTFUL) kept += 1;
      else forget(host, atIso);
    }
  };

  return {
    events,
    hosts: () => [...hosts.values()],
    addresses: () => endpointsOf([...hosts.values()]),
    leftOut: () => endpointsOf([...hosts.values()].filter(({ key }) => !seen.has(key))),
    round(report, kind, moment) {
      const samples = samplesOf(report);
      seen = new Set(samples.map(({ key }) => key));
      if (kind === "full") {
        const now = dnsViewOf(report);
        for (const happening of diffDns(dns, now)) tell(moment.at, happening);
        dns = now;
      }
      for (const sample of samples) {
        const known = hosts.get(sample.key);
        if (known === undefined) {
          // Several sources share a light round; one of them need not know what the others were told.
          if (kind === "light") continue;
          const host = createHost(sample, cellMsFor(intervalMs), moment);
          hosts.set(sample.key, host);
          updateHost(host, sample, moment);
          tell(moment.at, verdictHappening(sample, null));
        } else {
          // A light round knows no names: the one it was found by stays.
          const named = { ...sample, subject: known.subject };
          const wasListed = known.listed;
          const change = updateHost(known, named, moment);
          tell(moment.at, change ?? (wasListed ? null : verdictHappening(named, null)));
        }
      }
      if (kind === "full") dropUnlisted(report, moment.at);
    },
    network(now, at) {
      if (network !== null) {
        for (const change of diffNetwork(network, now)) tell(at, { kind: "network", ...change });
      }
      network = now;
    },
    gap(gap, at) {
      tell(at, { kind: "gap", gap });
    },
    configuration(what, now, at) {
      const before = configured.get(what);
      configured.set(what, now);
      if (before === undefined || before.join(" ") === now.join(" ")) return;
      tell(at, { kind: "configuration", what, from: [...before], to: [...now] });
    },
  };
}

/** Each address and port once. */
function endpointsOf(hosts: readonly Host[]): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const { listed, subject } of hosts) {
    const { address, port } = subject;
    if (listed && address !== null && port !== null)
      found.set(keyOf(address, port, null), { host: address, port });
  }
  return [...found.values()];
}
