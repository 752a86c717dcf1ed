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
import { createRoster } from "./roster.ts";
import { addressKeys, emptySamples, keysOf, probedSamples } from "./samples.ts";
import { cellMsFor } from "./timeline.ts";

/** Events kept for the log pane; `--log` has them all. */
export const EVENTS_KEPT = 500;

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
  const roster = createRoster();
  const configured = new Map<string, readonly string[]>();
  let dns: DnsView = new Map();
  let network: NetworkState | null = null;

  const tell = (at: string, happening: Happening | null): void => {
    if (happening === null) return;
    const event = { at, ...happening };
    events.push(event);
    onEvent(event);
  };

  const take = (sample: Sample, moment: Moment): void => {
    const known = roster.get(sample.key);
    if (known === undefined) {
      const host = createHost(sample, cellMsFor(intervalMs), moment);
      roster.add(host);
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
    const sourceConnectsPerMinute = paceFrom(subject.source, roster.all());
    tell(at, { kind: "rate-limit", subject, ...picture, sourceConnectsPerMinute });
  };

  return {
    events,
    hosts: roster.inOrder,
    places: () =>
      roster
        .all()
        .flatMap(({ listed, subject: { address, port, source } }) =>
          listed && address !== null && port !== null ? [{ address, port, source }] : [],
        ),
    looked(diagnoses, fresh) {
      const samples = probedSamples(diagnoses);
      roster.arrange(addressKeys(diagnoses));
      const momentOf = ({ key }: Sample): number => fresh.get(key)?.nowMs ?? 0;
      for (const sample of samples.toSorted((a, b) => momentOf(a) - momentOf(b))) {
        const moment = fresh.get(sample.key);
        const known = roster.get(sample.key);
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
        const known = roster.get(key);
        const listings = endpoint?.listedBy ?? [];
        if (known !== undefined && listings.length > 0)
          known.listedBy = listings.map(({ resolver }) => resolver);
      }
      const led = keysOf(diagnoses);
      roster.arrange(led);
      for (const { subject } of roster.dropUnlisted(diagnoses, led))
        tell(moment.at, { kind: "unlisted", subject });
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
      for (const { pace } of roster.all()) pace.breakSeries();
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
