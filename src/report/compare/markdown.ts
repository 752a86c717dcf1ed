/** The comparison for a ticket or a wiki: what follows first, then the tables it rests on. */
import type { Cell, Comparison, Suffix } from "../../compare/comparison.ts";
import { places as placeList } from "../../compare/phrase.ts";
import { subnetLabel } from "../../verdict/subnet.ts";
import { hostPort } from "../../verdict/words.ts";
import { markdownText as md } from "../markdown-escape.ts";
import {
  cellWords,
  differenceWords,
  legendWords,
  marksOf,
  printableComparison,
  summaryWords,
} from "./words.ts";
import { SIGNS } from "../style.ts";

export function renderCompareMarkdown(given: Comparison): string {
  const comparison = printableComparison(given);
  const labels = comparison.places.map(({ label }) => label);
  const blocks = [
    `# KMS hosts seen from ${md(placeList(labels))}`,
    `**${md(summaryWords(comparison))}.**`,
    comparison.conclusions.map(({ text }) => `- ${md(text)}`).join("\n"),
    ...matrix(comparison),
    ...suffixes(comparison.suffixes),
    ...differences(comparison),
    "## Places",
    table(
      ["place", "machine", "source", "when", "kmsprobe", "report"],
      comparison.places.map((place) => [
        place.label,
        place.host,
        place.source ?? "–",
        place.startedAt,
        place.toolVersion,
        place.file + (place.interrupted ? ", interrupted" : ""),
      ]),
    ),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function matrix(comparison: Comparison): string[] {
  if (comparison.groups.length === 0) return [];
  const marked = marksOf(comparison);
  const legend = legendWords(comparison);
  const head = ["", "host", "address", ...comparison.places.map(({ label }) => label)];
  return [
    "## Hosts",
    ...(legend === "" ? [] : [`${legend}.`]),
    ...comparison.groups.flatMap(({ network, rows }) => [
      `### ${md(network === null ? "no address" : subnetLabel(network))}`,
      table(
        head,
        rows.map((row) => [
          marked(row) ? "≠" : "",
          hostPort(row.host, row.port),
          row.address ?? "–",
          ...row.cells.map(cellText),
        ]),
      ),
    ]),
  ];
}

function cellText(cell: Cell): string {
  const { severity, text } = cellWords(cell);
  return severity === null ? `– ${text}` : `${SIGNS[severity]} ${text}`;
}

function suffixes(all: readonly Suffix[]): string[] {
  if (all.length === 0) return [];
  const rows = all.flatMap(({ domain, places }) =>
    places.flatMap(({ place, answers }) =>
      answers.map(({ resolver, said, hosts }) => {
        const names = hosts.map(({ host, port }) => hostPort(host, port)).join(", ");
        return [domain, place, resolver, names === "" ? said : `${said}: ${names}`];
      }),
    ),
  );
  return ["## DNS", table(["suffix", "place", "resolver", "lists"], rows)];
}

function differences(comparison: Comparison): string[] {
  if (comparison.differences.length === 0) return [];
  const lines = comparison.differences
    .map(differenceWords)
    .map(({ about, text }) => `- ${about}: ${md(text)}`);
  return ["## What differs", lines.join("\n")];
}

/** Cells are escaped here, and nowhere before. */
function table(head: readonly string[], rows: readonly string[][]): string {
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(md).join(" | ")} |`;
}
