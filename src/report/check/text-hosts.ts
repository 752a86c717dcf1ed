import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Via } from "../../model/source.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { percentWords } from "../../verdict/figures.ts";
import { hostPort } from "../../verdict/words.ts";
import { printable } from "../escape.ts";
import { addressOf, leftOutOf, rowsOf } from "../rows.ts";
import { createStyle, SIGNS } from "../style.ts";
import type { Style } from "../style.ts";
import { plainTable, tableLines } from "../table.ts";

/** Said of a verdict that several causes fit. */
const AMBIGUOUS = "several causes fit";

/**
 * What a line can do without, least missed first: a narrow terminal gets the shorter lines. `inFull`: that several
 * causes fit stands beside the verdict, and not once under the table. `taken`: not the name's.
 */
const DETAILS = [
  { inFull: true, viaAddress: true, via: true, taken: 62 },
  { inFull: false, viaAddress: true, via: true, taken: 62 },
  { inFull: false, viaAddress: false, via: true, taken: 62 },
  { inFull: false, viaAddress: false, via: false, taken: 62 },
  { inFull: false, viaAddress: false, via: false, taken: 66 },
] as const;
type Detail = (typeof DETAILS)[number];

/** A line an address: target, address, the way out, both times, the chance to be picked, the verdict. */
export function renderHosts(diagnosis: Diagnosis, options: { width: number }, style: Style): string {
  const plain = createStyle(false);
  const fits = (detail: Detail): boolean =>
    renderTable(diagnosis, options.width, detail, plain)
      .split("\n")
      .every((line) => line.length <= options.width);
  return renderTable(diagnosis, options.width, DETAILS.find(fits) ?? DETAILS[4], style);
}

function renderTable(diagnosis: Diagnosis, width: number, detail: Detail, style: Style): string {
  const rows = rowsOf(diagnosis);
  const picked = rows.some(({ firstPick }) => firstPick !== null);
  const right = "right" as const;
  const left = "left" as const;
  const head = [
    "  HOST",
    "ADDRESS",
    ...onlyIf(detail.via, "VIA"),
    "TCP ms",
    "RPC ms",
    ...onlyIf(picked, "FIRST"),
    "VERDICT",
  ];
  const aligned = [left, left, ...onlyIf(detail.via, left), right, right, ...onlyIf(picked, right), left];
  const table = plainTable(head.map(style.dim), aligned);
  let shown = "";
  let marked = false;
  for (const [index, row] of rows.entries()) {
    const { endpoint, attempt, tcpMs, rpcMs, firstPick } = row;
    const { verdict } = attempt ?? endpoint;
    const name = hostPort(
      clip(printable(endpoint.endpoint.host), width - detail.taken),
      endpoint.endpoint.port,
    );
    // A host's further addresses stand under its first.
    const again = name === shown;
    shown = name;
    const sign = style.severity(verdict.severity, SIGNS[verdict.severity]);
    const ambiguous = verdict.certainty === "ambiguous";
    marked ||= ambiguous && !detail.inFull;
    const chance = firstPick === null || again ? "" : percentWords(firstPick);
    table.push([
      `${sign} ${again ? "" : name}`,
      addressOf(row) ?? "–",
      ...onlyIf(detail.via, attempt?.via ? viaWords(attempt.via, detail) : "–"),
      tcpMs?.toFixed(1) ?? "–",
      rpcMs?.toFixed(1) ?? "–",
      ...onlyIf(picked, chance),
      style.severity(verdict.severity, entryOf(verdict.code).title) +
        (ambiguous ? style.dim(detail.inFull ? ` (${AMBIGUOUS})` : " *") : ""),
    ]);
    // Beside what was probed, what -4 or -6 leaves out; of a host without more, the verdict says it.
    if (rows[index + 1]?.endpoint === endpoint) continue;
    for (const { address, words } of leftOutOf(endpoint)) {
      const unprobed = ["  ", address, ...onlyIf(detail.via, "–"), "–", "–", ...onlyIf(picked, "")];
      table.push([...unprobed, words].map(style.dim));
    }
  }
  return [...tableLines(table), ...onlyIf(marked, style.dim(`  * ${AMBIGUOUS}`))].join("\n");
}

function viaWords(via: Via, { viaAddress }: Detail): string {
  const name = via.interface ?? "?";
  return printable(viaAddress ? `${name} ${via.address}` : name);
}

/** Host names may be 253 characters long; a table has no room for that. */
function clip(name: string, room: number): string {
  const most = Math.max(14, room);
  return name.length > most ? `${name.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…` : name;
}

function onlyIf<Cell>(wanted: boolean, cell: Cell): Cell[] {
  return wanted ? [cell] : [];
}
