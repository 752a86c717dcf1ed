import type { VerdictCode } from "../model/verdict.ts";
import { catalog, entryOf } from "../verdict/catalog.ts";
import type { CodeCounts } from "./model.ts";

/** Every code, in the catalogue's order: from DNS to the bind. */
const CODES = Object.keys(catalog).filter((code): code is VerdictCode => Object.hasOwn(catalog, code));

/** Codes that were met, and how often. */
export function entriesOf(counts: CodeCounts): { code: VerdictCode; count: number }[] {
  return CODES.flatMap((code) => {
    const count = counts[code] ?? 0;
    return count > 0 ? [{ code, count }] : [];
  });
}

/** How many addresses have a code of this kind; without one, all. */
export function sumOf(counts: CodeCounts, wanted: (code: VerdictCode) => boolean = () => true): number {
  return entriesOf(counts).reduce((sum, { code, count }) => sum + (wanted(code) ? count : 0), 0);
}

export function addCounts(all: readonly CodeCounts[]): CodeCounts {
  const sums: CodeCounts = {};
  for (const counts of all)
    for (const { code, count } of entriesOf(counts)) sums[code] = (sums[code] ?? 0) + count;
  return sums;
}

export function countsWith(counts: CodeCounts, wanted: (code: VerdictCode) => boolean): CodeCounts {
  const kept: CodeCounts = {};
  for (const { code, count } of entriesOf(counts)) if (wanted(code)) kept[code] = count;
  return kept;
}

/** TCP connected, whatever came of the bind. A reset at once is one of a connection that was there. */
export function connects(code: VerdictCode): boolean {
  return entryOf(code).layer === "rpc" || code === "tcp-reset";
}

/** The code of one address that would serve a client at RPC level. */
export function isServing(code: VerdictCode): boolean {
  const { layer, severity } = entryOf(code);
  return layer === "rpc" && (severity === "ok" || severity === "degraded");
}

/** `16,384`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}
