/** Cells and differences of a comparison in words, for every format that is read by people. Nothing is escaped here. */
import type { Cell, Comparison, Difference } from "../../compare/comparison.ts";
import { listOf, places, rowName } from "../../compare/phrase.ts";
import type { Severity } from "../../model/verdict.ts";
import { hostPort } from "../../verdict/words.ts";
import { printable } from "../escape.ts";

/** Severity null: nothing was seen there. */
export type CellWords = { severity: Severity | null; text: string };

/** `serves 3.1 / 3.4`: TCP and RPC, in ms; both can be left out. */
export function cellWords(cell: Cell, withTimes = true): CellWords {
  switch (cell.seen) {
    case "probed": {
      const times =
        cell.tcpMs === null || !withTimes
          ? ""
          : ` ${cell.tcpMs.toFixed(1)} / ${cell.rpcMs?.toFixed(1) ?? "–"}`;
      return { severity: cell.severity, text: `${cell.title}${times}` };
    }
    case "unprobed":
      return { severity: cell.severity, text: cell.title };
    case "other-addresses":
      return { severity: null, text: "other address" };
    case "nothing":
      return { severity: null, text: "not looked at" };
    default:
      return cell satisfies never;
  }
}

/** What it is about, in a word, and the rest of the line. */
export function differenceWords(difference: Difference): { about: string; text: string } {
  switch (difference.kind) {
    case "serving": {
      const fails = difference.fails.map(({ place, title }) => `${place} (${title})`);
      return {
        about: "serving",
        text: `${rowName(difference)}: from ${places(difference.serves)}; not from ${places(fails, "or")}`,
      };
    }
    case "domain":
      return {
        about: "suffix",
        text: `${difference.domain}: some host serves from ${places(difference.serves)}; none from ${places(difference.fails, "or")}`,
      };
    case "verdict":
      return {
        about: "verdict",
        text: `${rowName(difference)}: ${difference.fails.map(({ place, title }) => `${title} from ${place}`).join("; ")}`,
      };
    case "listed":
      return {
        about: "listed",
        text: `${hostPort(difference.host, difference.port)} under ${difference.domain}: at ${places(difference.listed)}; not at ${places(difference.missing, "or")}`,
      };
    case "srv-answer":
      return {
        about: "answer",
        text: `${difference.domain}: ${difference.said.map(({ place, words }) => `${words} at ${place}`).join("; ")}`,
      };
    case "addresses":
      return {
        about: "address",
        text: `${difference.host}: ${difference.said.map(({ place, addresses }) => `${listOf(addresses, 4)} at ${place}`).join("; ")}`,
      };
    case "latency": {
      const { fast, slow, layer } = difference;
      return {
        about: "latency",
        text: `${rowName(difference)}: ${layer.toUpperCase()} ${fast.ms.toFixed(1)} ms from ${fast.place}, ${slow.ms.toFixed(1)} ms from ${slow.place}`,
      };
    }
    default:
      return difference satisfies never;
  }
}

/** The whole in one sentence. */
export function summaryWords({ serving, conclusions }: Comparison): string {
  if (conclusions.some(({ rule }) => rule === "nothing-in-common")) return "Nothing to compare";
  return serving === "differs" ? "What serves differs by place" : "No difference in what serves";
}

/** Whether what serves differs, by row: `host port address`, or without the address for a whole host. */
export function marksOf({
  differences,
}: Comparison): (row: { host: string; port: number; address: string | null }) => boolean {
  const keys = new Set(
    differences.flatMap((each) =>
      each.kind === "serving" ? JSON.stringify([each.host, each.port, each.address]) : [],
    ),
  );
  return ({ host, port, address }) =>
    keys.has(JSON.stringify([host, port, address])) || keys.has(JSON.stringify([host, port, null]));
}

/** What stands under the matrix: of the signs and figures that are in it, and no others. Empty where there are none. */
export function legendWords(comparison: Comparison, withTimes = true): string {
  const rows = comparison.groups.flatMap((group) => group.rows);
  const timed = rows.some(({ cells }) => cells.some((cell) => cell.seen === "probed" && cell.tcpMs !== null));
  return [
    ...(withTimes && timed ? ["TCP / RPC in ms"] : []),
    ...(rows.some(marksOf(comparison)) ? ["≠ serves at some places and not at others"] : []),
  ].join("; ");
}

/** A comparison whose every string is fit for print. A sentence is longer than a name may be, and stays whole. */
export function printableComparison(comparison: Comparison): Comparison {
  return JSON.parse(
    JSON.stringify(comparison, (_, value: unknown) =>
      typeof value === "string" ? printableWhole(value) : value,
    ),
  );
}

/** At most this much of a string is shown; a sentence of many places stays below it. */
const MAX_SHOWN = 4_000;
const PIECE = 100;

function printableWhole(text: string): string {
  const characters = Array.from(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += PIECE)
    pieces.push(printable(characters.slice(at, at + PIECE).join("")));
  return pieces.join("");
}
