import type { Conclusion } from "../model/conclusion.ts";
import type { Difference } from "./comparison.ts";
import { groupBy } from "./ordering.ts";
import { count, rowName } from "./phrase.ts";

type Latency = Extract<Difference, { kind: "latency" }>;

/** One sentence for each pair of places, with the widest gap as its example. */
export function concludeLatency(differences: readonly Difference[]): Conclusion[] {
  const slower = differences.filter((each): each is Latency => each.kind === "latency");
  const pairs = groupBy(slower, ({ fast, slow, layer }) => JSON.stringify([fast.place, slow.place, layer]));
  return pairs.flatMap((pair): Conclusion[] => {
    const [widest] = pair.toSorted((a, b) => gap(b) - gap(a));
    if (widest === undefined) return [];
    const { layer, fast, slow } = widest;
    const does = layer === "tcp" ? "connects" : "answers RPC";
    const times = `${rowName(widest)} ${does} in ${slow.ms.toFixed(1)} ms from ${slow.place}, in ${fast.ms.toFixed(1)} ms from ${fast.place}`;
    return [
      {
        rule: "latency",
        places: [slow.place],
        hosts: pair.map(({ host, port, address }) => ({ host, port, address })),
        asks: [],
        text:
          pair.length === 1
            ? `${times}.`
            : `${count(pair.length, "address", "es")} are slower from ${slow.place} than from ${fast.place}: at most, ${times}.`,
      },
    ];
  });
}

function gap({ fast, slow }: Latency): number {
  return slow.ms - fast.ms;
}
