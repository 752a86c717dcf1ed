/** Two of three: what is worse in one look only is flapping, and fails nobody. */
import type { BaselineComparison, Change } from "../model.ts";
import type { Compared, Difference } from "./compare.ts";
import type { Baseline } from "./file.ts";
import { keyOf as rowKeyOf } from "./observe.ts";
import type { Observations } from "./observe.ts";

/** Looks at most, the first included. */
export const LOOKS = 3;

/** How often something was worse, in the looks that were taken for it. */
type Count = { difference: Difference; worse: number; of: number };

export type Tally = { first: Compared; counts: Map<string, Count> };

/** Identity of a difference: its row, and in which respect. */
function keyOf({ key, what }: Pick<Difference, "key" | "what">): string {
  return `${what} ${key}`;
}

export function tallyOf(first: Compared): Tally {
  const worse = first.differences.filter(({ direction }) => direction === "worse");
  return {
    first,
    counts: new Map(worse.map((difference) => [keyOf(difference), { difference, worse: 1, of: 1 }])),
  };
}

/** What has to be looked at again: worse once, and no two looks of one mind. */
export function undecided({ counts }: Tally): Difference[] {
  return [...counts.values()]
    .filter(({ worse, of }) => of < LOOKS && worse < 2 && of - worse < 2)
    .map(({ difference }) => difference);
}

/**
 * Counts one more look at what was undecided. A look that did not come to it is none: it may be worse, or well.
 * @param seen what was looked at
 */
export function countLook(
  tally: Tally,
  asked: readonly Difference[],
  look: Compared,
  seen: Observations,
): void {
  const worse = new Set(look.differences.filter(({ direction }) => direction === "worse").flatMap(coveredBy));
  for (const difference of asked) {
    const count = tally.counts.get(keyOf(difference));
    if (count === undefined || !cameTo(seen, difference)) continue;
    count.of += 1;
    if (worse.has(keyOf(difference))) count.worse += 1;
  }
}

/** A host that does not serve is slow as well, and a resolver that does not answer lists nobody. */
function coveredBy(difference: Difference): string[] {
  const { key, what } = difference;
  const lesser = what === "host" ? "latency" : what === "resolver" ? "listing" : null;
  return [keyOf(difference), ...(lesser === null ? [] : [keyOf({ key, what: lesser })])];
}

function cameTo(seen: Observations, { what, key, source, again }: Difference): boolean {
  if (what === "closed") return seen.closed.some((row) => rowKeyOf(row) === key);
  if (what === "listing" || what === "resolver")
    return seen.listings.some((row) => !row.open && rowKeyOf(row) === key);
  const { host, port } = again.host ?? { host: "", port: 0 };
  return seen.hosts.some((row) => row.source === source && row.host === host && row.port === port);
}

/** A run that was stopped before it could look again says what it saw: not enough to call it worse. */
export function settle(tally: Tally, { writtenAt }: Baseline, file: string): BaselineComparison {
  const { differences, unchanged, notCompared } = tally.first;
  const changes = differences.map((difference): Change => {
    const { what, about, source, before, after, pointer } = difference;
    const { worse, of } = tally.counts.get(keyOf(difference)) ?? { worse: 0, of: 1 };
    const flaps = difference.direction === "worse" && worse < 2;
    const direction = flaps ? "flapping" : difference.direction;
    const next = flaps ? [] : difference.next;
    return { what, about, source, direction, before, after, looks: { worse, of }, next, pointer };
  });
  const order: readonly Change["direction"][] = ["worse", "flapping", "changed", "better"];
  return {
    file,
    writtenAt,
    changes: changes.toSorted((a, b) => order.indexOf(a.direction) - order.indexOf(b.direction)),
    unchanged,
    notCompared,
  };
}
