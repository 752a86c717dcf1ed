/** The sentences about sources that can't be used: nothing left by them, so that no host, route or rule is to blame. */
import type { Conclusion } from "../model/conclusion.ts";
import type { LookedCell, Row } from "./comparison.ts";
import { groupBy } from "./ordering.ts";
import { clip, countRows, listOf, places, reasons, rowNames } from "./phrase.ts";
import { having, isLooked, isOfSource } from "./status.ts";

/** A place, and all that was not reached from it for want of a source. */
type Unusable = { place: string; cells: LookedCell[]; rows: Row[] };

/** Names beyond that are counted: the sentence is about the source. */
const ROWS_NAMED = 3;

const STATES = new Map([
  ["down", "is down"],
  ["no-carrier", "has no carrier"],
  ["no-address", "has no address"],
]);

/** Places whose own source can't be used: what failed there says nothing of a host. */
export function concludeSources(rows: readonly Row[]): Conclusion[] {
  const [first] = rows;
  const found = (first?.cells ?? []).flatMap(({ place }, index): Unusable[] => {
    const met = rows.flatMap((row) => {
      const cell = row.cells[index];
      return cell !== undefined && isLooked(cell) && isOfSource(cell) ? [{ row, cell }] : [];
    });
    if (met.length === 0) return [];
    return [{ place, cells: met.map(({ cell }) => cell), rows: met.map(({ row }) => row) }];
  });
  return groupBy(found, keyOf).map(conclude);
}

function keyOf({ cells, rows }: Unusable): string {
  const names = rows.map(({ host, port, address }) => [host, port, address]);
  return JSON.stringify([names, cells.map(({ code }) => code)]);
}

function conclude(alike: readonly Unusable[]): Conclusion {
  const labels = alike.map(({ place }) => place);
  const { rows = [], cells = [] } = alike[0] ?? {};
  const what = rows.length > ROWS_NAMED ? countRows(rows) : rowNames(rows);
  const unsent = cells.every(({ code }) => code === "tcp-source-unusable");
  const happened = unsent ? `nothing was sent to ${what}` : `nothing came of connects to ${what}`;
  const whose = alike.length === 1 ? "the source itself" : "the sources themselves";
  return {
    rule: "source-unusable",
    places: labels,
    hosts: rows.map(({ host, port, address }) => ({ host, port, address })),
    asks: [],
    text: `From ${places(labels)} ${happened} (${reasons(cells)})${servesElsewhere(rows)}. Look at ${whose} first, before any route or firewall rule: ${statesOf(alike)}.`,
  };
}

function statesOf(alike: readonly Unusable[]): string {
  const states = alike.map(({ cells }) => {
    const fault = cells.flatMap((cell) => (cell.seen === "probed" ? (cell.sourceFault ?? []) : []))[0];
    return fault && `${clip(fault.interface)} ${STATES.get(fault.state) ?? "can't be used"}`;
  });
  const known = states.filter((state) => state !== undefined);
  if (alike.length === 1)
    return known[0] === undefined
      ? "its interface is down, or has no carrier or no address"
      : `its interface ${known[0]}`;
  return known.length === states.length
    ? `of their interfaces ${listOf([...new Set(known)], known.length)}`
    : "their interfaces are down, or have no carrier or no address";
}

function servesElsewhere(rows: readonly Row[]): string {
  const serving = rows.filter((row) => having(row, "serves").length > 0);
  const [first] = serving;
  if (first === undefined) return "";
  if (serving.length < rows.length)
    return `; elsewhere ${serving.length} of them ${serving.length === 1 ? "serves" : "serve"}`;
  const all = having(first, "serves")
    .map(({ place }) => place)
    .filter((label) => rows.every((row) => having(row, "serves").some(({ place }) => place === label)));
  if (rows.length === 1) return `; from ${places(all)} it serves`;
  const they = rows.length === 2 ? "both" : `all ${rows.length}`;
  return all.length > 0 ? `; from ${places(all)} ${they} serve` : `; each of them serves elsewhere`;
}
