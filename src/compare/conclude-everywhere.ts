/** The sentences about hosts that serve from nowhere, and were looked at from several places. */
import type { Conclusion } from "../model/conclusion.ts";
import type { Network } from "../model/source.ts";
import type { LookedCell, Row } from "./comparison.ts";
import { groupBy, subnetOfText } from "./ordering.ts";
import { clip, countRows, places, rowName, rowNames } from "./phrase.ts";
import { failingOnTheWay, having } from "./status.ts";

/** A row that fails wherever it was looked at. `sources`: the subnets it was looked at from. */
type Failing = { row: Row; cells: LookedCell[]; sources: string[] };

/** Hosts that fail on the way from two places or more, and serve none: hosts that fail alike are one conclusion. */
export function concludeEverywhere(rows: readonly Row[], networks: readonly Network[]): Conclusion[] {
  const failing = rows.flatMap((row): Failing[] => {
    const cells = failingOnTheWay(row);
    if (cells.length < 2 || having(row, "serves").length > 0) return [];
    return [{ row, cells, sources: sourcesOf(cells, networks) }];
  });
  return groupBy(failing, keyOf).flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    return [conclude(first, rowNames(alike.map(({ row }) => row)), alike)];
  });
}

/** What failed alike at the same places is one sentence; so is all seen from one subnet only, and all not alike. */
function keyOf({ cells, sources }: Failing): string {
  const labels = cells.map(({ place }) => place);
  if (isUndecided({ cells, sources })) return JSON.stringify([labels, sources]);
  return JSON.stringify([labels, sources.length > 1, isAlike(cells) ? cells[0]?.code : null]);
}

/** One subnet, looked from twice, tells nothing of host and path; DNS needs neither. */
function isUndecided({ cells, sources }: Pick<Failing, "cells" | "sources">): boolean {
  return isAlike(cells) && sources.length < 2 && cells[0]?.layer !== "address";
}

function conclude(failing: Failing, names: string, alike: readonly Failing[]): Conclusion {
  const { row, cells, sources } = failing;
  const labels = cells.map(({ place }) => place);
  const where = cells.length === row.cells.length ? `everywhere (${places(labels)})` : places(labels);
  const one = alike.length === 1;
  const common = {
    places: labels,
    hosts: alike.map(({ row: { host, port, address } }) => ({ host, port, address })),
    asks: [],
  };
  if (!isAlike(cells)) {
    const said = cells.map(({ place, title }) => `${clip(title)} from ${place}`).join(", ");
    const meant =
      sources.length < 2
        ? "Seen from one subnet: something changed in between, or one address is treated otherwise"
        : "That is two faults, or one seen through different paths";
    const who = one
      ? `${names} serves from nowhere, and not for one reason`
      : `${countRows(alike.map((each) => each.row))} serve from nowhere, each not for one reason, such as ${rowName(row)}`;
    const text = `${who}: ${said}. ${meant}.`;
    return { ...common, rule: "differs-everywhere", text };
  }
  const verb = isUndecided(failing) && !one ? "fail, each alike," : verbOf(cells[0], one);
  const text = `${names} ${verb} from ${where}: ${meaning(failing, one)}.`;
  return { ...common, rule: "same-everywhere", text };
}

function verbOf(cell: LookedCell | undefined, one: boolean): string {
  const s = one ? "s" : "";
  switch (cell?.code) {
    case "tcp-refused":
      return `refuse${s}`;
    case "tcp-no-answer":
      return `give${s} no answer`;
    default:
      return `fail${s} alike (${clip(cell?.title ?? "")})`;
  }
}

/** What several subnets see alike points at what they share: the host, or the last of the way. */
function meaning(failing: Failing, one: boolean): string {
  const [host, them] = one ? ["the host", "it"] : ["the hosts", "them"];
  const { layer, code } = failing.cells[0] ?? { layer: "", code: "" };
  if (layer === "address") return "DNS, before any network";
  if (isUndecided(failing)) {
    const subnet = failing.sources[0] ?? "unknown";
    return `seen from one subnet only (${subnet}), which does not tell ${host} from the path; look from another one`;
  }
  if (code === "tcp-no-answer")
    return `off, filtered at ${host}, or behind something that these paths share, rather than on one path`;
  if (layer === "rpc" || code === "tcp-refused" || code === "tcp-reset")
    return `${host}, or what stands in front of ${them}, not the path`;
  return `${host}, or what these paths share`;
}

function isAlike(cells: readonly LookedCell[]): boolean {
  return new Set(cells.map(({ code }) => code)).size === 1;
}

function sourcesOf(cells: readonly LookedCell[], networks: readonly Network[]): string[] {
  const cidrs = cells.flatMap((cell) => {
    const via = cell.seen === "probed" ? cell.via : null;
    return subnetOfText(via?.address ?? null, networks)?.cidr ?? [];
  });
  return [...new Set(cidrs)].toSorted();
}
