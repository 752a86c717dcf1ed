import type { Group, LookedCell, Row } from "./comparison.ts";
import { groupBy } from "./ordering.ts";
import { having, isLooked, isOfSource, statusOf } from "./status.ts";
import type { Vantage } from "./vantage.ts";

/** Which part of the way a failure speaks of; what to do depends on it. */
export type FailureClass =
  | "changed"
  | "no-name"
  | "no-route"
  | "neighbour"
  | "blocked"
  | "rpc-blocked"
  | "other-failure";

/**
 * Hosts of one subnet that fail in one manner from one or more places, and serve from another. The host itself runs,
 * then: what differs is the way, or how the host treats who asks.
 */
export type Failure = {
  kind: FailureClass;
  group: Group;
  rows: Row[];
  /** Of the places where it fails, with their cells of these rows. */
  from: { place: string; cells: LookedCell[] }[];
  /** No address of the subnet connects from these places; `rows` are all of it that serves elsewhere. */
  whole: boolean;
  /** Places where all of the rows serve; where there are none, places where some do. */
  serving: { places: string[]; all: boolean };
  /** Local ends by which the very machine is served where it fails by another: `wg0 (10.8.0.6)`. */
  otherWays: string[];
};

/** What fails in one part of a group of hosts, or from one part of the places, and works in the other. */
export function failuresOf(group: Group, vantages: readonly Vantage[]): Failure[] {
  const found = vantages.flatMap((vantage, index) => failuresFrom(group, vantages, vantage, index));
  // What fails alike from several places is one thing to say.
  return groupBy(found, keyOf).flatMap((alike) => {
    const [first] = alike;
    return first === undefined ? [] : [{ ...first, from: alike.flatMap(({ from }) => from) }];
  });
}

function failuresFrom(
  group: Group,
  vantages: readonly Vantage[],
  vantage: Vantage,
  index: number,
): Failure[] {
  const failed = group.rows.flatMap((row) => {
    const cell = row.cells[index];
    if (cell === undefined || !isLooked(cell) || statusOf(cell) !== "fails") return [];
    // Said of the source, once for all hosts.
    if (isOfSource(cell)) return [];
    if (having(row, "serves").length === 0) return [];
    const same = sameSource(row, cell, vantage, vantages);
    return [{ row, cell, same, kind: same.length > 0 ? ("changed" as const) : classOf(cell) }];
  });
  const connects = group.rows.some((row) => {
    const cell = row.cells[index];
    return cell?.seen === "probed" && cell.tcpMs !== null;
  });
  return groupBy(failed, ({ kind }) => kind).flatMap((ofKind): Failure[] => {
    const [first] = ofKind;
    if (first === undefined) return [];
    const rows = ofKind.map(({ row }) => row);
    const candidates = ofKind.map(({ row, same }) =>
      same.length > 0 ? same : having(row, "serves").map(({ place }) => place),
    );
    return [
      {
        kind: first.kind,
        group,
        rows,
        from: [{ place: vantage.place.label, cells: ofKind.map(({ cell }) => cell) }],
        whole: !connects,
        serving: servingOf(candidates, vantages),
        otherWays: otherWaysOf(rows, vantage, vantages),
      },
    ];
  });
}

/** Places that looked from the same machine and address at another time, and were served. */
function sameSource(row: Row, cell: LookedCell, { place }: Vantage, vantages: readonly Vantage[]): string[] {
  const own = cell.seen === "probed" ? cell.via?.address : undefined;
  if (own === undefined) return [];
  return having(row, "serves").flatMap((other) => {
    const their = vantages.find((each) => each.place.label === other.place)?.place;
    const same = other.seen === "probed" && other.via?.address === own && their?.host === place.host;
    return same && !isSameRun(their, place) ? [other.place] : [];
  });
}

/** Sources of one run look at the same time, and each has its name in what is said. */
function isSameRun(one: Vantage["place"], other: Vantage["place"]): boolean {
  return one.file === other.file && one.startedAt === other.startedAt;
}

/** A VPN that is up serves what the bare line does not: the same machine, another way out. Of all rows or none. */
function otherWaysOf(rows: readonly Row[], { place }: Vantage, vantages: readonly Vantage[]): string[] {
  const own = new Set(
    vantages
      .filter((each) => each.place.host === place.host && !isSameRun(each.place, place))
      .map((each) => each.place.label),
  );
  const ways = rows.map((row) =>
    having(row, "serves").flatMap((cell) => {
      if (!own.has(cell.place) || cell.seen !== "probed" || cell.via === null) return [];
      return [cell.via.interface === null ? cell.via.address : `${cell.via.interface} (${cell.via.address})`];
    }),
  );
  const [first = []] = ways;
  return [...new Set(first)].filter((way) => ways.every((each) => each.includes(way))).toSorted();
}

function servingOf(candidates: readonly string[][], vantages: readonly Vantage[]): Failure["serving"] {
  const labels = vantages.map(({ place }) => place.label);
  const all = labels.filter((label) => candidates.every((each) => each.includes(label)));
  if (all.length > 0) return { places: all, all: true };
  return { places: labels.filter((label) => candidates.some((each) => each.includes(label))), all: false };
}

/** By layer first, so that codes of a newer version fall into place. */
function classOf(cell: LookedCell): FailureClass {
  switch (cell.layer) {
    case "address":
      return "no-name";
    case "rpc":
      return "rpc-blocked";
    case "tcp":
      if (cell.seen === "probed" && cell.noRoute) return "no-route";
      if (["tcp-net-unreachable", "tcp-blackhole-route", "tcp-no-local-address"].includes(cell.code))
        return "no-route";
      return cell.code === "tcp-neighbour-silent" ? "neighbour" : "blocked";
    default:
      return "other-failure";
  }
}

function keyOf({ kind, rows, from, whole, serving, otherWays }: Failure): string {
  const names = rows.map(({ host, port, address }) => [host, port, address]);
  const codes = from.flatMap(({ cells }) => cells.map(({ code }) => code));
  return JSON.stringify([kind, names, codes, whole, serving.places.toSorted(), otherWays]);
}
