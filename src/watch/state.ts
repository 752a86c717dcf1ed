/** All that a watch knows: looks go in, hosts and events come out. Of bounded size however long it runs. */
import type { Diagnosis } from "../model/diagnosis.ts";
import type { NetworkState } from "../system/network-changes.ts";
import { diffNetwork } from "../system/network-changes.ts";
import { diffDns, dnsViewOf } from "./dns.ts";
import type { DnsView } from "./dns.ts";
import type { Happening, WatchEvent } from "./event.ts";
import type { Gap } from "./gap.ts";
import { createHost, rejudgeHost, updateHost, verdictHappening } from "./host.ts";
import type { Host, Moment, Sample } from "./host.ts";
import type { Place } from "./looks.ts";
import { createRing } from "./ring.ts";
import type { Ring } from "./ring.ts";
import { addressKeys, doubtsOf, emptySamples, keyOf, keysOf, probedSamples } from "./samples.ts";
import { cellMsFor } from "./timeline.ts";

/** Events kept for the log pane; `--log` has them all. */
export const EVENTS_KEPT = 500;

/** Hosts kept for the summary after DNS stopped listing them. */
const MAX_GONE = 100;

/** Hosts still probed while those who listed them can't be asked: a zone that changes with every answer has more. */
const MAX_DOUBTFUL = 256;

export type WatchState = {
  readonly events: Ring<WatchEvent>;
  /** Every host, those gone as well, in the order in which they were first listed. */
  hosts: () => Host[];
  /** Those that are listed, or in doubt: what is to be probed besides what DNS leads to now. */
  places: () => Place[];
  /**
   * Addresses that were probed, in the light of all that is known by now.
   * @param fresh those that were looked at since, each with its moment; the others are judged anew, and not counted
   */
  looked: (diagnoses: readonly Looked[], fresh: ReadonlyMap<string, Moment>) => void;
  /** DNS was asked for all there is to ask for: what lists nobody is told, and who is listed no more. */
  listed: (diagnoses: readonly Diagnosis[], moment: Moment) => void;
  /** @returns whether anything changed */
  network: (now: NetworkState, at: string) => boolean;
  gap: (gap: Gap, at: string) => void;
  /** What comes next is no interval later. */
  breakPace: () => void;
  configuration: (what: "resolvers" | "suffixes", now: readonly string[], at: string) => void;
};

type Looked = Pick<Diagnosis, "source" | "endpoints">;

/** @param onEvent told every event as it happens, in order */
export function createWatchState(intervalMs: number, onEvent: (event: WatchEvent) => void): WatchState {
  const events = createRing<WatchEvent>(EVENTS_KEPT);
  const hosts = new Map<string, Host>();
  const configured = new Map<string, readonly string[]>();
  let dns: DnsView = new Map();
  let network: NetworkState | null = null;

  /** Of all that was ever led to and is still known. */
  const order = new Map<string, number>();
  let ordered = 0;

  const arrange = (keys: Iterable<string>): void => {
    for (const key of keys) if (!order.has(key)) order.set(key, (ordered += 1));
  };

  const hostsInOrder = (): Host[] =>
    [...hosts.values()].toSorted((a, b) => (order.get(a.key) ?? ordered) - (order.get(b.key) ?? ordered));

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
  const dropUnlisted = (diagnoses: readonly Diagnosis[], led: ReadonlySet<string>, atIso: string): void => {
    const doubts = doubtsOf(diagnoses);
    const missing = [...hosts.values()].filter(({ key, listed }) => listed && !led.has(key));
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

  const take = (sample: Sample, moment: Moment): void => {
    const known = hosts.get(sample.key);
    if (known === undefined) {
      const host = createHost(sample, cellMsFor(intervalMs), moment);
      hosts.set(sample.key, host);
      updateHost(host, sample, moment);
      tell(moment.at, verdictHappening(sample, null));
      return;
    }
    // An address that DNS leads to no more is probed by itself: the name it was found by stays.
    const named = { ...sample, subject: known.subject };
    const wasListed = known.listed;
    const change = updateHost(known, named, moment);
    tell(moment.at, change ?? (wasListed ? null : verdictHappening(named, null)));
    tellLimit(known, moment.at);
  };

  const tellLimit = (host: Host, at: string): void => {
    const picture = host.limitTold ? null : host.turns.picture();
    if (picture === null) return;
    host.limitTold = true;
    const { subject } = host;
    const sourceConnectsPerMinute = paceFrom(subject.source, [...hosts.values()]);
    tell(at, { kind: "rate-limit", subject, ...picture, sourceConnectsPerMinute });
  };

  return {
    events,
    hosts: hostsInOrder,
    places: () =>
      [...hosts.values()].flatMap(({ listed, subject: { address, port, source } }) =>
        listed && address !== null && port !== null ? [{ address, port, source }] : [],
      ),
    looked(diagnoses, fresh) {
      const samples = probedSamples(diagnoses);
      arrange(addressKeys(diagnoses));
      const momentOf = ({ key }: Sample): number => fresh.get(key)?.nowMs ?? 0;
      for (const sample of samples.toSorted((a, b) => momentOf(a) - momentOf(b))) {
        const moment = fresh.get(sample.key);
        const known = hosts.get(sample.key);
        if (moment !== undefined) take(sample, moment);
        else if (known !== undefined) rejudgeHost(known, { ...sample, subject: known.subject });
      }
    },
    listed(diagnoses, moment) {
      const now = dnsViewOf(diagnoses);
      for (const happening of diffDns(dns, now)) tell(moment.at, happening);
      dns = now;
      for (const sample of emptySamples(diagnoses)) take(sample, moment);
      for (const { endpoint, key } of probedSamples(diagnoses)) {
        const known = hosts.get(key);
        const listings = endpoint?.listedBy ?? [];
        if (known !== undefined && listings.length > 0)
          known.listedBy = listings.map(({ resolver }) => resolver);
      }
      const led = keysOf(diagnoses);
      arrange(led);
      dropUnlisted(diagnoses, led, moment.at);
      for (const key of order.keys()) if (!led.has(key) && !hosts.has(key)) order.delete(key);
    },
    network(now, at) {
      const changes = network === null ? [] : diffNetwork(network, now);
      for (const change of changes) tell(at, { kind: "network", ...change });
      network = now;
      return changes.length > 0;
    },
    gap(gap, at) {
      tell(at, { kind: "gap", gap });
    },
    breakPace() {
      for (const { pace } of hosts.values()) pace.breakSeries();
    },
    configuration(what, now, at) {
      const before = configured.get(what);
      configured.set(what, now);
      if (before === undefined || before.join(" ") === now.join(" ")) return;
      tell(at, { kind: "configuration", what, from: [...before], to: [...now] });
    },
  };
}

/** Connects a minute that this watch makes from one source, by what the hosts there cost it. */
function paceFrom(source: string | null, hosts: readonly Host[]): number {
  return hosts
    .filter(({ subject, listed }) => listed && subject.source === source && subject.address !== null)
    .reduce((sum, { pace }) => sum + 60_000 / (pace.everyMs() ?? Number.POSITIVE_INFINITY), 0);
}
