/** The hosts that a watch knows, in the order in which something led to them, and which of them are let go. */
import type { Diagnosis } from "../model/diagnosis.ts";
import type { Host } from "./host.ts";
import { doubtsOf, keyOf } from "./samples.ts";

/** Hosts kept for the summary after DNS stopped listing them. */
const MAX_GONE = 100;

/** Hosts still probed while those who listed them can't be asked: a zone that changes with every answer has more. */
const MAX_DOUBTFUL = 256;

export type Roster = {
  get: (key: string) => Host | undefined;
  add: (host: Host) => void;
  all: () => Host[];
  inOrder: () => Host[];
  /** These were led to, the first ones first: those that are new come after all that are known. */
  arrange: (keys: Iterable<string>) => void;
  /**
   * Where DNS can't be asked properly, nobody is dropped: that is just when the hosts should be watched.
   * @param led the keys of all that DNS leads to now
   * @returns those that are listed no more
   */
  dropUnlisted: (diagnoses: readonly Diagnosis[], led: ReadonlySet<string>) => Host[];
};

export function createRoster(): Roster {
  const hosts = new Map<string, Host>();
  /** Of all that was ever led to and is still known. */
  const order = new Map<string, number>();
  let ordered = 0;

  const forget = (host: Host): void => {
    host.listed = false;
    const gone = [...hosts.values()].filter(({ listed }) => !listed);
    for (const oldest of gone.slice(0, Math.max(0, gone.length - MAX_GONE))) hosts.delete(oldest.key);
  };

  return {
    get: (key) => hosts.get(key),
    add: (host) => void hosts.set(host.key, host),
    all: () => [...hosts.values()],
    inOrder: () =>
      [...hosts.values()].toSorted((a, b) => (order.get(a.key) ?? ordered) - (order.get(b.key) ?? ordered)),
    arrange(keys) {
      for (const key of keys) if (!order.has(key)) order.set(key, (ordered += 1));
    },
    dropUnlisted(diagnoses, led) {
      const doubts = doubtsOf(diagnoses);
      const missing = [...hosts.values()].filter(({ key, listed }) => listed && !led.has(key));
      const dropped: Host[] = [];
      let kept = 0;
      for (const host of missing.toReversed()) {
        const { host: name, port, address, source } = host.subject;
        const doubtful =
          host.listedBy.some((at) => doubts.resolvers.has(keyOf(at.address, at.port, source))) ||
          doubts.hosts.has(keyOf(name, port, source));
        // A line without an address only said that there is none: whatever comes now has a line of its own.
        if (address === null) hosts.delete(host.key);
        else if (doubtful && kept < MAX_DOUBTFUL) kept += 1;
        else {
          forget(host);
          dropped.push(host);
        }
      }
      for (const key of order.keys()) if (!led.has(key) && !hosts.has(key)) order.delete(key);
      return dropped;
    },
  };
}
