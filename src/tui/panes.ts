/** The parts of the screen. Each takes whole lines, as many as it is given, and cuts what is too long. */
import { Box, Text } from "ink";
import { createElement as h } from "react";
import type { TextProps } from "ink";
import type { ReactElement } from "react";
import { SIGNS } from "../report/style.ts";
import { detailLines } from "../report/watch/details.ts";
import { NOTE_SIGN, paceWords, subjectName, tell } from "../report/watch/words.ts";
import { durationWords } from "../verdict/duration.ts";
import { plural } from "../verdict/figures.ts";
import type { WatchEvent } from "../watch/event.ts";
import type { Host } from "../watch/host.ts";
import { cellText, clock, HISTORY, layoutFor } from "./columns.ts";
import { fitted } from "./fit.ts";
import type { Part } from "./fit.ts";
import type { Order } from "./order.ts";
import type { Palette } from "./palette.ts";
import { runsOf, sparkline } from "./spark.ts";

const CUT = { wrap: "truncate-end" } as const;

export type HeaderProps = {
  rounds: number;
  intervalMs: number;
  elapsedMs: number;
  paused: boolean;
  hosts: readonly Host[];
  width: number;
  palette: Palette;
};

export function Header(props: HeaderProps): ReactElement {
  const { rounds, intervalMs, elapsedMs, paused, hosts, width, palette } = props;
  const listed = hosts.filter((host) => host.listed);
  const serving = listed.filter(({ verdict }) => verdict.serves).length;
  const slowestMs = Math.max(
    0,
    ...listed.map(({ pace, subject }) => (subject.address === null ? 0 : (pace.everyMs() ?? 0))),
  );
  const tone = serving === 0 ? "failed" : serving < listed.length ? "degraded" : "ok";
  const parts = [
    part("kmsprobe watch", 2, { bold: true }),
    ...(paused ? [part(" PAUSED ", 5, { bold: true, inverse: true })] : []),
    part(`round ${rounds}`, 3),
    part(paceWords(intervalMs, slowestMs), 1),
    part(`for ${durationWords(elapsedMs)}`, 4),
    hosts.length === 0
      ? part("no answer yet", 6)
      : part(`${serving} of ${listed.length} serve`, 6, palette.tone(tone)),
  ];
  return h(Text, CUT, ...apart(fitted(parts, width)));
}

function part(text: string, keep: number, style: TextProps = {}): Part<TextProps> {
  return { text, keep, content: style };
}

/** The parts of a line, each in its own style, with blanks between them. */
function apart(parts: readonly Part<TextProps>[]): (ReactElement | string)[] {
  return parts.flatMap(({ text, content }, index) => [
    index === 0 ? "" : "  ",
    h(Text, { key: text, ...content }, text),
  ]);
}

/** Before anything is known: what is waited for, so that nobody takes it for a list of no hosts. */
export function Waiting({ places, height }: { places: number; height: number }): ReactElement {
  const text =
    places === 0
      ? "  Asking DNS for hosts and addresses ..."
      : `  Waiting for the first answer of ${plural(places, "address", "addresses")} ...`;
  return h(Box, { flexDirection: "column", height }, h(Text, CUT, text));
}

export type TableProps = {
  hosts: readonly Host[];
  selected: Host | undefined;
  nowMs: number;
  width: number;
  /** Lines, the head among them. */
  height: number;
  palette: Palette;
};

export function HostTable({ hosts, selected, nowMs, width, height, palette }: TableProps): ReactElement {
  const { columns, spark } = layoutFor(width, hosts);
  const room = Math.max(1, height - 1);
  const at = selected === undefined ? 0 : hosts.indexOf(selected);
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), hosts.length - room));
  const titles = columns.map((column) => cellText(column, column.title)).join("");
  const head = spark >= HISTORY.length ? titles + HISTORY : titles;
  const rows = hosts.slice(first, first + room).map((host) => {
    const [name, state, ...rest] = columns.map((column) => cellText(column, column.cell(host)));
    const marks = sparkline(host.timeline.cells(nowMs, spark));
    const chosen = host === selected;
    return h(
      Text,
      { ...CUT, key: host.key, dimColor: !host.listed },
      h(Text, { inverse: chosen, ...palette.tone(host.verdict.severity) }, name),
      h(Text, palette.tone(host.verdict.severity), state),
      rest.join(""),
      ...runsOf(marks).map(({ text, tone }, index) => h(Text, { key: index, ...palette.mark(tone) }, text)),
    );
  });
  return h(Box, { flexDirection: "column", height }, h(Text, { ...CUT, dimColor: true }, head), ...rows);
}

export type LogProps = { events: readonly WatchEvent[]; height: number; palette: Palette };

/** The latest at the bottom, as in any log. */
export function LogPane({ events, height, palette }: LogProps): ReactElement | null {
  if (height <= 0) return null;
  const lines = events.slice(-height).map((event, index) => {
    const { tone, text } = tell(event);
    const sign = tone === "note" ? NOTE_SIGN : SIGNS[tone];
    return h(
      Text,
      { ...CUT, key: index },
      h(Text, { dimColor: true }, `${clock(event.at)} `),
      h(Text, palette.tone(tone), `${sign} `),
      text,
    );
  });
  return h(Box, { flexDirection: "column", height }, ...lines);
}

export type DetailsProps = { host: Host; scroll: number; width: number; height: number; palette: Palette };

export function Details({ host, scroll, width, height, palette }: DetailsProps): ReactElement {
  const lines = detailLines(host, width);
  const title = h(
    Text,
    { ...CUT, key: "title", bold: true, ...palette.tone(host.verdict.severity) },
    subjectName(host.subject),
  );
  const shown = lines.slice(scroll, scroll + height - 1);
  const body = shown.map((line, index) => h(Text, { ...CUT, key: index }, line === "" ? " " : line));
  return h(Box, { flexDirection: "column", height }, title, ...body);
}

/** How far the details of a host can be scrolled. */
export function lastScroll(host: Host, width: number, height: number): number {
  return Math.max(0, detailLines(host, width).length - (height - 1));
}

export type FooterProps = { order: Order; details: boolean; width: number };

export function Footer({ order, details, width }: FooterProps): ReactElement {
  const keys = details
    ? [part("↑↓ scroll", 1), part("enter back", 3), part("p pause", 2), part("q quit", 4)]
    : [
        part("↑↓ select", 2),
        part("enter details", 4),
        part(`s sort: ${order}`, 1),
        part("p pause", 3),
        part("q quit", 5),
      ];
  return h(Text, { ...CUT, dimColor: true }, ...apart(fitted(keys, width)));
}
