/** The latest that is known of everything: what DNS said of each target, and the latest attempt at each address. */
import type { AttemptEvidence, Evidence } from "../model/evidence.ts";
import { COMMAND_LINE } from "../verdict/asked.ts";
import { keyOf } from "./samples.ts";

/** One address and port as one source sees it, whatever names lead there. */
export type Place = { address: string; port: number; source: string | null };

export type Looks = {
  /** Takes what DNS says of one target, seen from one source. */
  found: (evidence: Evidence) => void;
  /** These are all the targets there are. */
  replace: (all: readonly Evidence[]) => void;
  record: (place: Place, attempt: AttemptEvidence) => void;
  has: (place: Place) => boolean;
  /** Of other places nothing is kept. */
  keep: (places: readonly Place[]) => void;
  /** Every place that DNS, or the user, leads to. */
  places: () => Place[];
  /** As a check would have found it by now; of an address that was not probed yet there is no attempt. */
  evidence: () => Evidence[];
  /** The addresses that nothing leads to any more, a list for each source. */
  strays: () => Evidence[];
};

/** Equal for equal places. */
export function placeKey({ address, port, source }: Place): string {
  return keyOf(address, port, source);
}

export function createLooks(): Looks {
  const targets = new Map<string, Evidence>();
  const attempts = new Map<string, { place: Place; attempt: AttemptEvidence }>();
  const places = (): Place[] => unique([...targets.values()].flatMap(placesOf));
  return {
    found(evidence) {
      targets.set(targetKey(evidence), evidence);
    },
    record(place, attempt) {
      attempts.set(placeKey(place), { place, attempt });
    },
    has: (place) => attempts.has(placeKey(place)),
    replace(all) {
      targets.clear();
      for (const evidence of all) targets.set(targetKey(evidence), evidence);
    },
    keep(kept) {
      const keys = new Set(kept.map(placeKey));
      for (const key of attempts.keys()) if (!keys.has(key)) attempts.delete(key);
    },
    places,
    evidence: () => [...targets.values()].map((target) => withAttempts(target, attempts)),
    strays() {
      const led = new Set(places().map(placeKey));
      const left = [...attempts].flatMap(([key, known]) => (led.has(key) ? [] : [known]));
      return [...new Set(left.map(({ place }) => place.source))].map((source) =>
        listFrom(
          source,
          left.filter(({ place }) => place.source === source),
        ),
      );
    },
  };
}

type Known = { place: Place; attempt: AttemptEvidence };

function withAttempts(target: Evidence, attempts: ReadonlyMap<string, Known>): Evidence {
  const endpoints = target.endpoints.map((endpoint) => ({
    ...endpoint,
    attempts: placesAt(endpoint, target.source).flatMap(
      (place) => attempts.get(placeKey(place))?.attempt ?? [],
    ),
  }));
  return { ...target, endpoints };
}

function listFrom(source: string | null, known: readonly Known[]): Evidence {
  return {
    target: { kind: "list", source: COMMAND_LINE },
    source,
    srv: [],
    udpTwin: [],
    configuration: null,
    ownClock: null,
    recordsDropped: 0,
    endpoints: known.map(({ place: { address, port }, attempt }) => ({
      endpoint: { host: address, port },
      listedBy: [],
      address: {
        literal: true,
        validName: true,
        lookups: [],
        glue: [],
        addresses: [address],
        dropped: 0,
        special: [],
        nobody: null,
      },
      attempts: [attempt],
    })),
  };
}

function placesOf({ endpoints, source }: Evidence): Place[] {
  return endpoints.flatMap((endpoint) => placesAt(endpoint, source));
}

function placesAt({ endpoint, address }: Evidence["endpoints"][number], source: string | null): Place[] {
  return address.addresses.map((each) => ({ address: each, port: endpoint.port, source }));
}

function targetKey({ target, source }: Evidence): string {
  return JSON.stringify([target, source]);
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}
