/** What is left to say: that nothing differs, that nothing was compared, and what a reader must know to believe it. */
import type { Conclusion } from "../model/conclusion.ts";
import type { Difference, LookedCell, Place, Row, Suffix } from "./comparison.ts";
import { count, countRows, listOf, places as listPlaces } from "./phrase.ts";
import { failingOnTheWay, having, isLooked } from "./status.ts";
import { durationWords } from "../verdict/duration.ts";

/** Reports that are further apart in time may have seen different states of one host. */
const APART_MS = 15 * 60_000;

/** Where nothing differs: whether that means anything, by how much was seen from more than one place. */
export function concludeNothing(
  rows: readonly Row[],
  suffixes: readonly Suffix[],
  differences: readonly Difference[],
  labels: readonly string[],
): Conclusion[] {
  if (differences.length > 0) return [];
  const common = rows.filter((row) => row.cells.filter(isLooked).length > 1);
  const say = (rule: Conclusion["rule"], text: string): Conclusion[] => [
    { rule, places: [...labels], hosts: [], asks: [], text },
  ];
  if (common.length === 0 && !suffixes.some(({ places }) => places.length > 1))
    return say(
      "nothing-in-common",
      "No host and no suffix was looked at from two places: there is nothing to compare.",
    );
  if (common.length === 0)
    return say("nothing-differs", "Nothing differs: no host is listed, wherever it was asked.");
  // What came to no result is like nothing else.
  const known = common.filter((row) => resultsOf(row).length > 1);
  if (known.length === 0)
    return say("nothing-in-common", "No host came to a result at two places: there is nothing to compare.");
  const serving = known.filter((row) => having(row, "serves").length > 0).length;
  const some = rows.some((row) => !row.cells.every(isLooked)) ? " among what two places looked at" : "";
  const finished = common.some((row) => unfinished(row).length > 0) ? ", as far as it was finished" : "";
  const from = labels.filter((label) => known.some((row) => resultsOf(row).includes(label)));
  return say(
    "nothing-differs",
    `Nothing differs${some}${finished}: of ${countRows(known)}, ${serving === 0 ? "none serves" : `${serving} ${serving === 1 ? "serves" : "serve"}`}, from ${listPlaces(from)} alike.`,
  );
}

/** The places at which a row came to a result. */
function resultsOf(row: Row): string[] {
  return [...having(row, "serves"), ...failingOnTheWay(row)].map(({ place }) => place);
}

/** What a reader should know of the comparison itself: versions, times that lie apart, how places are named. */
export function notes(places: readonly Place[], rows: readonly Row[], asked: boolean): Conclusion[] {
  const all = places.map(({ label }) => label);
  const found: Conclusion[] = [];
  const versions = places.map(({ label, toolVersion }) => `${label} ${toolVersion}`);
  if (new Set(places.map(({ toolVersion }) => toolVersion)).size > 1)
    found.push(about(all, `Made by different versions of kmsprobe: ${listPlaces(versions)}.`));
  const sorted = places.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  const [first, last] = [sorted[0], sorted.at(-1)];
  const apartMs = Date.parse(last?.startedAt ?? "") - Date.parse(first?.startedAt ?? "");
  if (apartMs > APART_MS)
    found.push(
      about(
        all,
        `The reports are up to ${durationWords(apartMs)} apart: a host or a path may have changed in between.`,
      ),
    );
  const stopped = places.filter(({ interrupted }) => interrupted).map(({ label }) => label);
  if (stopped.length > 0)
    found.push(
      about(stopped, `Interrupted at ${listPlaces(stopped)}: what was not reached there is not compared.`),
    );
  found.push(
    ...undecided(rows, all, unfinished, () => "came to no result at some place"),
    ...undecided(rows, all, unclear, (one) => `${one ? "answers" : "answer"}, and may serve or not`),
  );
  if (asked)
    found.push(
      about(
        all,
        "Subnets are /24 (IPv6: /64) where --network names none; the source is the probe's own address, which NAT on the way may change.",
      ),
    );
  return found;
}

/** Cells of what was looked at, and is known neither to serve nor to fail: nobody got so far as to have an answer. */
function unfinished(row: Row): LookedCell[] {
  return having(row, "unknown").filter(({ layer }) => layer !== "rpc");
}

/** ... or somebody answered, and what he said tells neither. */
function unclear(row: Row): LookedCell[] {
  return having(row, "unknown").filter(({ layer }) => layer === "rpc");
}

function undecided(
  rows: readonly Row[],
  labels: readonly string[],
  cellsOf: (row: Row) => LookedCell[],
  words: (one: boolean) => string,
): Conclusion[] {
  const found = rows.filter((row) => cellsOf(row).length > 0);
  if (found.length === 0) return [];
  const cells = found.flatMap(cellsOf);
  const titles = listOf([...new Set(cells.map(({ title }) => title))]);
  return [
    about(
      labels.filter((label) => cells.some(({ place }) => place === label)),
      `${count(found.length, "address", "es")} ${words(found.length === 1)} (${titles}): nothing is concluded from that.`,
    ),
  ];
}

function about(labels: readonly string[], text: string): Conclusion {
  return { rule: "note", places: [...labels], hosts: [], asks: [], text };
}
