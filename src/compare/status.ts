import { entryOf, isVerdictCode } from "../verdict/catalog.ts";
import type { Cell, LookedCell, Row } from "./comparison.ts";
import type { ReadVerdict } from "./reading.ts";

/** `unknown`: looked at, and nothing learnt. `unlooked`: not looked at, or at other addresses only. */
export type Status = "serves" | "fails" | "unknown" | "unlooked";

/** Inconclusive about the host, and yet a client at that place gets nowhere. */
const NOT_SERVED_ANYWAY: readonly string[] = [
  "address-lookup-failed",
  "tcp-no-local-address",
  "tcp-source-unusable",
];

/** What comes of packets that leave by another interface than that of their source address. */
const GOT_NOWHERE: readonly string[] = ["tcp-no-answer", "tcp-host-unreachable", "tcp-net-unreachable"];

/** Whether the source's own interface comes before the host and the way there: it can't be used, and nobody answered. */
export function isOfSource(cell: LookedCell): boolean {
  if (cell.code === "tcp-source-unusable") return true;
  return cell.seen === "probed" && cell.sourceFault !== null && GOT_NOWHERE.includes(cell.code);
}

export function statusOfVerdict({
  serves,
  severity,
  code,
}: Pick<ReadVerdict, "serves" | "severity" | "code">): Status {
  if (serves) return "serves";
  return severity === "inconclusive" && !NOT_SERVED_ANYWAY.includes(code) ? "unknown" : "fails";
}

export function statusOf(cell: Cell): Status {
  return isLooked(cell) ? statusOfVerdict(cell) : "unlooked";
}

/** Whether anything was seen of the host from there: a cell may be empty, or come from a report without it. */
export function isLooked(cell: Cell): cell is LookedCell {
  return cell.seen === "probed" || cell.seen === "unprobed";
}

/** The cells with one status. */
export function having(row: Row, status: Status): LookedCell[] {
  return row.cells.filter(isLooked).filter((cell) => statusOfVerdict(cell) === status);
}

/** The cells in which the host, or the way there, was seen to fail. */
export function failingOnTheWay(row: Row): LookedCell[] {
  return having(row, "fails").filter((cell) => !isOfSource(cell));
}

/** The best of several: one that serves, one that fails, one that isn't known. */
export function bestStatus(all: readonly Status[]): Status {
  const order = ["serves", "fails", "unknown"] as const;
  return order.find((status) => all.includes(status)) ?? "unlooked";
}

/** A code in a few words; one of a newer version stands for itself. */
export function titleOf(code: string): string {
  return isVerdictCode(code) ? entryOf(code).title : code;
}
