/** Hosts in tables: those that serve, with their figures, and those that do not, by what they do instead. */
import type { SweepHost, SweepReport } from "../../sweep/model.ts";
import { connects, grouped } from "../../sweep/counts.ts";
import { catalog, entryOf } from "../../verdict/catalog.ts";
import { hostPort } from "../../verdict/words.ts";
import { median } from "../../verdict/figures.ts";
import { createStyle, SIGNS, wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { createStandings } from "./standing.ts";
import type { Standing } from "./standing.ts";
import { plainTable, tableLines } from "../table.ts";

/** Lines of hosts that do not serve, without --verbose. */
const OTHERS_SHOWN = 20;

/** What a line can do without, least missed first: a narrow terminal gets the shorter lines. */
const DETAILS = [
  { names: 40, like: 60 },
  { names: 20, like: 60 },
  { names: 20, like: 24 },
  { names: 14, like: 16 },
  { names: 14, like: 0 },
  { names: 0, like: 0 },
] as const;
type Detail = (typeof DETAILS)[number];

type Cell = { head: string; right?: boolean; text: (row: Row) => string };
type Row = { host: SweepHost; standing: Standing };

function rowsOf({ hosts, reconcile }: SweepReport, wanted: (host: SweepHost) => boolean): Row[] {
  const standingOf = createStandings(reconcile);
  return hosts.filter(wanted).map((host) => ({ host, standing: standingOf(host) }));
}

/** With --verbose also what each fingerprint is read from. */
export function renderServing(
  report: SweepReport,
  { width, verbose }: { width: number; verbose: boolean },
  style: Style,
): string {
  const rows = rowsOf(report, ({ verdict }) => verdict.serves);
  if (rows.length === 0) return "";
  const traits = rows.flatMap(({ host }) => {
    const { text, traits: read } = host.fingerprint ?? { text: "", traits: [] };
    return read.length === 0 ? [] : [wrap(`${placeOf(host)}: ${text} (${read.join("; ")})`, width, "  ")];
  });
  return [fitted(rows, width, style, servingCells), ...(verbose ? traits.map(style.dim) : [])].join("\n");
}

/**
 * Hosts that connected, what got furthest first; then those that did not connect and were asked for by name, by DNS or
 * by the list of permitted hosts.
 */
export function renderOthers(
  report: SweepReport,
  { width, verbose }: { width: number; verbose: boolean },
  style: Style,
): string {
  const rows = rowsOf(report, ({ verdict }) => !verdict.serves);
  const connected = rows.filter(({ host }) => connects(host.verdict.code));
  const asked = rows.filter(
    ({ host, standing }) => !connects(host.verdict.code) && (standing.compared || standing.names.length > 0),
  );
  const parts = [
    { title: "Connected, would not serve", rows: connected, dropped: report.hostsDropped },
    { title: "Named or listed, did not connect", rows: asked, dropped: 0 },
  ].map(({ title, rows: all, dropped }) => {
    const ordered = all.toSorted((a, b) => rankOf(b) - rankOf(a));
    const shown = verbose ? ordered : ordered.slice(0, OTHERS_SHOWN);
    const more = all.length - shown.length;
    return shown.length + dropped === 0
      ? ""
      : [
          style.bold(title),
          ...(shown.length > 0 ? [fitted(shown, width, style, otherCells)] : []),
          ...(verbose ? shown.map(({ host }) => style.dim(wrap(observedOf(host), width, "  "))) : []),
          ...(more > 0 ? [style.dim(`  and ${grouped(more)} more: --verbose shows them`)] : []),
          ...(dropped > 0
            ? [
                style.dim(
                  `  and ${grouped(dropped)} more that no report holds: the counts by subnet have them`,
                ),
              ]
            : []),
        ].join("\n");
  });
  return parts.filter((part) => part !== "").join("\n\n");
}

function servingCells(rows: readonly Row[], { names, like }: Detail, style: Style): Cell[] {
  const compares = (of: (standing: Standing) => boolean | null): boolean =>
    rows.some(({ standing }) => of(standing) !== null);
  return [
    addressCell(style),
    ...namesCell(rows, names),
    { head: "TCP ms", right: true, text: ({ host }) => median(host.quiet?.tcpMs ?? [])?.toFixed(1) ?? "–" },
    { head: "BIND ms", right: true, text: ({ host }) => median(host.quiet?.bindMs ?? [])?.toFixed(1) ?? "–" },
    ...onlyIf(
      compares(({ published }) => published),
      {
        head: "IN DNS",
        text: ({ standing }: Row) => yesNo(standing.published, style),
      },
    ),
    ...onlyIf(
      compares(({ permitted }) => permitted),
      {
        head: "PERMITTED",
        text: ({ standing }: Row) => yesNo(standing.permitted, style),
      },
    ),
    ...onlyIf(like > 0, { head: "FINGERPRINT", text: (row) => clip(likeOf(row), like) }),
  ];
}

function otherCells(rows: readonly Row[], { names }: Detail, style: Style): Cell[] {
  return [
    addressCell(style),
    ...namesCell(rows, names),
    ...onlyIf(
      rows.some(({ host }) => tcpMsOf(host) !== null),
      { head: "TCP ms", right: true, text: ({ host }) => tcpMsOf(host)?.toFixed(1) ?? "–" },
    ),
    {
      head: "VERDICT",
      text: ({ host: { verdict } }) => style.severity(verdict.severity, entryOf(verdict.code).title),
    },
  ];
}

function addressCell(style: Style): Cell {
  return {
    head: "  ADDRESS",
    text: ({ host }) =>
      `${style.severity(host.verdict.severity, SIGNS[host.verdict.severity])} ${placeOf(host)}`,
  };
}

function namesCell(rows: readonly Row[], most: number): Cell[] {
  const named = rows.some(({ standing }) => standing.names.length > 0);
  return onlyIf(named && most > 0, {
    head: "NAMES",
    text: ({ standing }) => clip(standing.names.join(", "), most) || "–",
  });
}

/** Draws with as many details as the width takes. */
function fitted(
  rows: readonly Row[],
  width: number,
  style: Style,
  cellsOf: (rows: readonly Row[], detail: Detail, style: Style) => Cell[],
): string {
  const plain = createStyle(false);
  const fits = (detail: Detail): boolean =>
    draw(rows, cellsOf(rows, detail, plain), plain)
      .split("\n")
      .every((line) => line.length <= width);
  return draw(rows, cellsOf(rows, DETAILS.find(fits) ?? DETAILS[5], style), style);
}

function draw(rows: readonly Row[], cells: readonly Cell[], style: Style): string {
  const table = plainTable(
    cells.map(({ head }) => style.dim(head)),
    cells.map(({ right }) => (right === true ? "right" : "left")),
  );
  for (const row of rows) table.push(cells.map(({ text }) => text(row)));
  return tableLines(table).join("\n");
}

/** Hosts of one kind stay together; equals keep their order. */
function rankOf({ host }: Row): number {
  return RANKS.indexOf(host.verdict.code);
}

const RANKS: readonly string[] = Object.keys(catalog);

function placeOf({ attempts, endpoint }: SweepHost): string {
  return hostPort(attempts[0]?.address ?? endpoint.host, endpoint.port);
}

/** Most sentences name the address themselves. */
function observedOf(host: SweepHost): string {
  const { observed } = host.verdict;
  const address = host.attempts[0]?.address ?? host.endpoint.host;
  return observed.includes(address) ? observed : `${placeOf(host)}: ${observed}`;
}

function tcpMsOf({ attempts }: SweepHost): number | null {
  const tcp = attempts[0]?.tcp;
  return tcp?.outcome === "ok" ? tcp.elapsedMs : null;
}

/** `like Samba`: that it answers is known by now. */
function likeOf({ host }: Row): string {
  return host.fingerprint?.text.replace(/^answers (?=like )/, "") ?? "–";
}

function yesNo(said: boolean | null, style: Style): string {
  if (said === null) return "–";
  return said ? "yes" : style.severity("degraded", "no");
}

function clip(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

function onlyIf(wanted: boolean, cell: Cell): Cell[] {
  return wanted ? [cell] : [];
}
