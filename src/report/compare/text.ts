/** The comparison a person reads: the places, host × place, what differs, and what follows from it. */
import type { Comparison, Place, Suffix } from "../../compare/comparison.ts";
import { clip, places as placeList } from "../../compare/phrase.ts";
import { hostPort } from "../../verdict/words.ts";
import { renderCompareMatrix } from "./text-matrix.ts";
import { differenceWords, printableComparison, summaryWords } from "./words.ts";
import { createStyle, SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { plainTable, tableLines } from "../table.ts";

/** Lines of one kind of difference; JSON has all of them. */
const LINES_SHOWN = 12;

export function renderCompareText(given: Comparison, options: { color: boolean; width: number }): string {
  const comparison = printableComparison(given);
  const style = createStyle(options.color);
  const parts = [
    renderSummary(comparison, style),
    renderPlaces(comparison.places, style),
    renderCompareMatrix(comparison, options.width, style),
    renderSuffixes(comparison.suffixes, options.width, style),
    renderDifferences(comparison, options.width, style),
    renderConclusions(comparison, options.width, style),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function renderPlaces(places: readonly Place[], style: Style): string {
  const versions = new Set(places.map(({ toolVersion }) => toolVersion)).size > 1;
  const head = ["  PLACE", "MACHINE", "WHEN", ...(versions ? ["KMSPROBE"] : []), "REPORT"];
  const table = plainTable(
    head.map(style.dim),
    head.map(() => "left"),
  );
  for (const { label, host, source, startedAt, toolVersion, file, interrupted } of places) {
    table.push([
      `  ${style.bold(clip(label))}`,
      clip(source === null ? host : `${host}, from ${source}`),
      startedAt.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC"),
      ...(versions ? [clip(toolVersion)] : []),
      clip(file) + (interrupted ? ", interrupted" : ""),
    ]);
  }
  return tableLines(table).join("\n");
}

function renderSuffixes(suffixes: readonly Suffix[], width: number, style: Style): string {
  const asked = suffixes.filter(({ places }) => places.length > 1);
  return asked
    .flatMap(({ domain, differs, places }) => {
      const title = style.bold(`_vlmcs._tcp.${domain}`);
      const [first] = places;
      if (!differs && first !== undefined) {
        const said = [...new Set(first.answers.map((answer) => answer.said))].join(", ") || "nobody asked";
        return [
          `${title}  ${style.dim(`the same at ${placeList(places.map(({ place }) => place))}: ${said}`)}`,
        ];
      }
      return [
        `${style.severity("degraded", "≠")} ${title}`,
        ...places.flatMap(({ place, answers }) =>
          answers.map(({ resolver, said, hosts }) => {
            const names = hosts.map(({ host, port }) => hostPort(clip(host), port)).join(", ");
            return wrap(
              `${clip(place)}: ${resolver} ${said}${names === "" ? "" : `: ${names}`}`,
              width,
              "    ",
            );
          }),
        ),
      ];
    })
    .join("\n");
}

function renderDifferences({ differences }: Comparison, width: number, style: Style): string {
  const kinds = new Map<string, string[]>();
  for (const { about, text } of differences.map(differenceWords))
    kinds.set(about, [...(kinds.get(about) ?? []), text]);
  const lines = [...kinds].flatMap(([about, texts]) => {
    const shown = texts.slice(0, LINES_SHOWN);
    const more = texts.length - shown.length;
    if (more > 0) shown.push(`and ${more} more (--format json has all)`);
    return shown.map((text, index) => {
      const title = (index === 0 ? about : "").padEnd(8);
      return `  ${style.dim(title)} ${wrap(text, width, " ".repeat(11)).trimStart()}`;
    });
  });
  return lines.length === 0 ? "" : [style.bold("What differs"), ...lines].join("\n");
}

/** The first line, and again above what follows from all. */
function renderSummary(comparison: Comparison, style: Style): string {
  const differs = comparison.serving === "differs";
  const sign = style.severity(differs ? "failed" : "ok", differs ? SIGNS.failed : "=");
  return `${sign} ${style.bold(summaryWords(comparison))}`;
}

function renderConclusions(comparison: Comparison, width: number, style: Style): string {
  const { conclusions } = comparison;
  const [said, notes] = [true, false].map((wanted) =>
    conclusions.filter(({ rule }) => (rule !== "note") === wanted).map(({ text }) => text),
  );
  return [
    renderSummary(comparison, style),
    ...(said ?? []).map((text) => `  • ${wrap(text, width, "    ").trimStart()}`),
    ...(notes ?? []).map((text) => style.dim(wrap(text, width, "  "))),
  ].join("\n");
}
