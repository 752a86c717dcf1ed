import { Box, Text, useInput } from "ink";
import { createElement as h, useEffect, useState } from "react";
import type { ReactElement } from "react";
import type { Watch } from "../run/watch/watch.ts";
import { nextOrder, sortHosts } from "./order.ts";
import type { Order } from "./order.ts";
import { createPalette } from "./palette.ts";
import { Details, Footer, Header, HostTable, lastScroll, LogPane, Waiting } from "./panes.ts";

export type AppProps = {
  watch: Watch;
  color: boolean;
  stdout: NodeJS.WriteStream;
  /** Told by Ctrl-C, which a terminal in raw mode makes no signal of. */
  interrupt: () => void;
};

/** Often enough for the eye; rounds may come ten times as often. */
const REFRESH_MS = 500;

/** Lines that are neither table nor log: header and footer, and where there is room a blank before each of the panes. */
const OTHER_LINES = 2;
const BLANKS = 2;
const SMALLEST_LOG = 4;
/** Its head and a host. */
const SMALLEST_TABLE = 2;

export function App({ watch, color, stdout, interrupt }: AppProps): ReactElement {
  const { columns, rows } = useScreen(stdout);
  const [order, setOrder] = useState<Order>("listed");
  const [selectedKey, setSelectedKey] = useState<string | null>(null);
  const [scroll, setScroll] = useState<number | null>(null);
  const palette = createPalette(color);
  const hosts = sortHosts(watch.state.hosts(), order);
  const selected = hosts.find(({ key }) => key === selectedKey) ?? hosts[0];
  const opened = scroll === null ? undefined : selected;
  // The last line stays empty: ink clears the whole screen for each frame that fills it.
  const height = Math.max(OTHER_LINES + SMALLEST_TABLE, rows - 1);
  const blanks = height >= OTHER_LINES + BLANKS + SMALLEST_TABLE + SMALLEST_LOG ? BLANKS : 0;
  const others = OTHER_LINES + blanks;
  const paneHeight = height - OTHER_LINES - Math.sign(blanks);

  const move = (by: number): void => {
    if (opened === undefined) {
      const at = selected === undefined ? 0 : hosts.indexOf(selected) + by;
      setSelectedKey(hosts[Math.max(0, Math.min(at, hosts.length - 1))]?.key ?? null);
    } else setScroll(Math.max(0, Math.min((scroll ?? 0) + by, lastScroll(opened, columns, paneHeight))));
  };

  useInput((input, key) => {
    if (key.ctrl && input === "c") interrupt();
    else if (key.upArrow || input === "k") move(-1);
    else if (key.downArrow || input === "j") move(1);
    else if (key.return) setScroll(opened === undefined && selected !== undefined ? 0 : null);
    else if (key.escape) setScroll(null);
    else if (input === "p") watch.togglePause();
    else if (input === "s") setOrder(nextOrder);
    else if (input === "q") watch.stop();
  });

  const { rounds, startedMs, paused, plan, clock, state } = watch;
  const nowMs = clock.nowMs();
  const header = {
    rounds,
    intervalMs: plan.intervalMs,
    elapsedMs: nowMs - startedMs,
    paused,
    hosts,
    width: columns,
    palette,
  };
  // Hosts before what happened to them.
  const forLog = blanks > 0 ? SMALLEST_LOG : 0;
  const tableHeight = Math.min(hosts.length + 1, height - others - forLog);
  const logHeight = height - others - tableHeight;
  const panes =
    opened === undefined
      ? [
          hosts.length === 0
            ? h(Waiting, { key: "waiting", places: watch.places, height: tableHeight })
            : h(HostTable, {
                key: "table",
                hosts,
                selected,
                nowMs,
                width: columns,
                height: tableHeight,
                palette,
              }),
          ...(blanks > 0 ? [h(Text, { key: "blank" }, " ")] : []),
          h(LogPane, { key: "log", events: state.events.latest(logHeight), height: logHeight, palette }),
        ]
      : [
          h(Details, {
            key: "details",
            host: opened,
            scroll: scroll ?? 0,
            width: columns,
            height: paneHeight,
            palette,
          }),
        ];
  return h(
    Box,
    { flexDirection: "column", width: columns, height },
    h(Header, header),
    blanks > 0 ? h(Text, null, " ") : null,
    ...panes,
    h(Footer, { order, details: opened !== undefined, width: columns }),
  );
}

/** The size of the terminal; draws again when it changes, and every now and then. */
function useScreen(stdout: NodeJS.WriteStream): { columns: number; rows: number } {
  const [, draw] = useState(0);
  useEffect(() => {
    const again = (): void => draw((count) => (count + 1) % 1_000_000);
    const timer = setInterval(again, REFRESH_MS);
    stdout.on("resize", again);
    return () => {
      clearInterval(timer);
      stdout.off("resize", again);
    };
  }, [stdout]);
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}
