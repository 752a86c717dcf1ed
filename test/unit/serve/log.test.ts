import { expect, it } from "vitest";
import { createLog } from "../../../src/serve/log.ts";

const NOW = "2026-01-02T03:04:05.678Z";

/** Takes what is written while there is room for it. */
function paper() {
  const lines: string[] = [];
  const state = { room: Infinity, lost: 0 };
  const write = (line: string): boolean => {
    if (state.room <= 0) return false;
    state.room -= 1;
    lines.push(line);
    return true;
  };
  return { lines, state, world: { now: () => NOW, write, onLost: () => void (state.lost += 1) } };
}

it("a line of log is logfmt or JSON, whatever the network put into its values", () => {
  const { lines, world } = paper();
  const values = { target: 'a b="c"\nlevel=error', count: 3, ok: true };
  createLog("info", "logfmt", world).warn("could not look", values);
  createLog("info", "json", world).warn("could not look", values);
  expect(lines).toEqual([
    `ts=${NOW} level=warn msg="could not look" target="a b=\\"c\\"\\\\u{a}level=error" count=3 ok=true\n`,
    `{"ts":"${NOW}","level":"warn","msg":"could not look","target":"a b=\\"c\\"\\\\u{a}level=error","count":3,"ok":true}\n`,
  ]);
});

it("a line below the level isn't written", () => {
  const { lines, world } = paper();
  const log = createLog("warn", "logfmt", world);
  log.debug("a");
  log.info("b");
  log.error("c");
  expect(lines).toEqual([`ts=${NOW} level=error msg=c\n`]);
});

it("how many lines were lost is said before the next one", () => {
  const { lines, state, world } = paper();
  const log = createLog("info", "logfmt", world);
  state.room = 0;
  log.info("a");
  log.info("b");
  // Room for that, and not for the line.
  state.room = 1;
  log.info("c");
  state.room = Infinity;
  log.info("d");
  const said = (lost: number): string =>
    `ts=${NOW} level=warn msg="lines of this log were lost" lines=${lost}\n`;
  expect([lines, state.lost]).toEqual([[said(2), said(1), `ts=${NOW} level=info msg=d\n`], 3]);
});
