import type { VerdictCode } from "../model/verdict.ts";
import { catalog, entryOf } from "../verdict/catalog.ts";
import type { CodeCounts } from "./model.ts";

/** The place of every code in the catalogue's order: from DNS to the bind. */
const PLACES: ReadonlyMap<string, number> = new Map(Object.keys(catalog).map((code, place) => [code, place]));

/** Codes that were met, and how often. A large sweep asks for tens of thousands of subnets: few codes each. */
export function entriesOf(counts: CodeCounts): { code: VerdictCode; count: number }[] {
  const entries: { code: VerdictCode; count: number }[] = [];
  for (const code in counts) {
    if (!isCode(code)) continue;
    const count = counts[code] ?? 0;
    if (count > 0) entries.push({ code, count });
  }
  if (entries.length > 1) entries.sort((a, b) => placeOf(a.code) - placeOf(b.code));
  return entries;
}

function isCode(code: string): code is VerdictCode {
  return PLACES.has(code);
}

function placeOf(code: VerdictCode): number {
  return PLACES.get(code) ?? 0;
}

/** How many addresses have a code of this kind; without one, all. */
export function sumOf(counts: CodeCounts, wanted: (code: VerdictCode) => boolean = () => true): number {
  let sum = 0;
  for (const { code, count } of entriesOf(counts)) if (wanted(code)) sum += count;
  return sum;
}

/** How often each code was met, in all of them together. */
export function addCounts(all: readonly CodeCounts[]): CodeCounts {
  const [only] = all;
  if (only !== undefined && all.length === 1) return countsWith(only, () => true);
  const sums: CodeCounts = {};
  for (const counts of all)
    for (const { code, count } of entriesOf(counts)) sums[code] = (sums[code] ?? 0) + count;
  return sums;
}

/** The counts of the codes that are wanted. */
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
