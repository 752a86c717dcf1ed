/** Two of three: what is worse in one look only is flapping, and fails nobody. */
import type { BaselineComparison, Change } from "../model.ts";
import type { Compared, Difference } from "./compare.ts";
import type { Baseline } from "./file.ts";

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

/** Counts one more look at what was undecided. */
export function countLook(tally: Tally, asked: readonly Difference[], look: Compared): void {
  const worse = new Set(
    look.differences.filter(({ direction }) => direction === "worse").map((each) => keyOf(each)),
  );
  for (const difference of asked) {
    const count = tally.counts.get(keyOf(difference));
    if (count === undefined) continue;
    count.of += 1;
    if (worse.has(keyOf(difference))) count.worse += 1;
  }
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
