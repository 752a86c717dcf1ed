/** The table as text: what stands in each column, and which columns a terminal has room for. */
import { printable } from "../report/escape.ts";
import { SIGNS } from "../report/style.ts";
import { subjectName } from "../report/watch/words.ts";
import { entryOf } from "../verdict/catalog.ts";
import { lossOf } from "../watch/host.ts";
import type { Host } from "../watch/host.ts";
import { TIMELINE_CELLS } from "../watch/timeline.ts";

export type Column = { title: string; width: number; right: boolean; cell: (host: Host) => string };

/** `spark`: characters left for the sparkline at the end of the line; 0 where there is no room. */
export type Layout = { columns: Column[]; spark: number };

/** Over the sparkline. */
export const HISTORY = "HISTORY";

/** Times are those of RPC where the host ever accepted a bind, else of TCP. */
const figuresOf = ({ rpc, tcp }: Host) => rpc.figures() ?? tcp.figures();

const ms = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : value.toFixed(value < 100 ? 1 : 0);

const STATE: Column = {
  title: "STATE",
  width: 22,
  right: false,
  cell: ({ verdict, listed }) => (listed ? entryOf(verdict.code).title : "not listed any more"),
};
const SINCE: Column = { title: "SINCE", width: 9, right: true, cell: ({ since }) => clock(since) };
/** The first of the times wherever there are any: it has the unit of all. */
const LAST: Column = {
  title: "LAST ms",
  width: 7,
  right: true,
  cell: (host) => ms(figuresOf(host)?.lastMs),
};
const MIN: Column = { title: "MIN", width: 6, right: true, cell: (host) => ms(figuresOf(host)?.minMs) };
const MEDIAN: Column = { title: "MED", width: 6, right: true, cell: (host) => ms(figuresOf(host)?.medianMs) };
const P95: Column = { title: "P95", width: 6, right: true, cell: (host) => ms(figuresOf(host)?.p95Ms) };
const JITTER: Column = {
  title: "JITTER",
  width: 6,
  right: true,
  cell: (host) => ms(figuresOf(host)?.jitterMs),
};
const LOSS: Column = { title: "LOSS", width: 6, right: true, cell: lossWords };

/** From the widest to what fits 60 columns. */
const CHOICES: readonly Column[][] = [
  [STATE, SINCE, LAST, MIN, MEDIAN, P95, JITTER, LOSS],
  [STATE, SINCE, LAST, MEDIAN, P95, LOSS],
  [STATE, LAST, MEDIAN, LOSS],
  [STATE, LOSS],
];

const SMALLEST_SPARK = 10;
const NARROWEST_NAME = 16;
const FAIR_NAME = 24;
const WIDEST_NAME = 44;
const GAP = 1;

/** Of a name that is cut so that the address behind it stays whole. */
const SHORTEST_NAME = 4;

/**
 * Figures before whole names, the sparkline before more figures; a narrow terminal does without it.
 * @param width columns of the terminal
 */
export function layoutFor(width: number, hosts: readonly Host[]): Layout {
  const wanted = Math.min(WIDEST_NAME, Math.max(12, ...hosts.map((host) => nameOf(host).length)));
  const roomIn = (columns: readonly Column[]): number =>
    width - GAP - columns.reduce((sum, column) => sum + column.width + GAP, 0);
  const withSpark = CHOICES.find(
    (columns) => roomIn(columns) >= Math.min(wanted, FAIR_NAME) + SMALLEST_SPARK,
  );
  const chosen = withSpark ??
    CHOICES.find((columns) => roomIn(columns) >= NARROWEST_NAME) ??
    CHOICES.at(-1) ?? [STATE];
  const reserved = withSpark === undefined ? 0 : SMALLEST_SPARK;
  const columns = narrowed(chosen, wanted - (roomIn(chosen) - reserved), hosts);
  const room = roomIn(columns);
  const name = Math.max(NARROWEST_NAME, Math.min(wanted, room - reserved));
  const spark = withSpark === undefined ? 0 : Math.min(TIMELINE_CELLS, room - name);
  return {
    columns: [{ title: "  HOST", width: name, right: false, cell: nameCell(name, hosts) }, ...columns],
    spark,
  };
}

/** No name is cut for the sake of blanks behind what the hosts do. */
function narrowed(chosen: readonly Column[], missing: number, hosts: readonly Host[]): readonly Column[] {
  if (missing <= 0) return chosen;
  const widest = Math.max(STATE.title.length, ...hosts.map((host) => STATE.cell(host).length));
  const width = Math.max(STATE.width - missing, Math.min(STATE.width, widest));
  return chosen.map((column) => (column === STATE ? { ...STATE, width } : column));
}

export function cellText({ width, right }: Column, text: string): string {
  const clipped = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return `${right ? clipped.padStart(width) : clipped.padEnd(width)}${" ".repeat(GAP)}`;
}

/** Where a host has several rows, what tells them apart is behind its name: then the name is cut, else the end is. */
function nameCell(width: number, hosts: readonly Host[]): Column["cell"] {
  const rows = new Map<string, number>();
  for (const host of hosts) rows.set(endpointOf(host), (rows.get(endpointOf(host)) ?? 0) + 1);
  return (host) => {
    const text = nameOf(host);
    const { subject } = host;
    const left = subject.host.length - (text.length - width);
    const isAlone = (rows.get(endpointOf(host)) ?? 0) < 2;
    if (text.length <= width || isAlone || subject.host === subject.address || left < SHORTEST_NAME)
      return text;
    const cut = `${subject.host.slice(0, left - 1)}…`;
    return nameOf({ ...host, subject: { ...subject, host: cut } });
  };
}

function endpointOf({ subject }: Host): string {
  return `${subject.host} ${subject.port ?? ""}`;
}

function nameOf({ verdict, subject }: Pick<Host, "verdict" | "subject">): string {
  return `${SIGNS[verdict.severity]} ${subjectName(subject)}`;
}

/** Time of day, UTC, of an ISO 8601 string. */
export function clock(iso: string): string {
  return `${printable(iso).slice(11, 19)}Z`;
}

/** One lost round in thousands is not nothing. */
function lossWords(host: Host): string {
  const loss = lossOf(host);
  if (loss === null) return "–";
  return loss > 0 && loss < 0.001 ? "<0.1%" : `${(loss * 100).toFixed(loss === 1 ? 0 : 1)}%`;
}
