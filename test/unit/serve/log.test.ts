import { expect, it } from "vitest";
import { createLog } from "../../../src/serve/log.ts";

const NOW = "2026-01-02T03:04:05.678Z";

it("a line of log is logfmt or JSON, whatever the network put into its values", () => {
  const lines: string[] = [];
  const write = (text: string): void => void lines.push(text);
  const values = { target: 'a b="c"\nlevel=error', count: 3, ok: true };
  createLog("info", "logfmt", () => NOW, write).warn("could not look", values);
  createLog("info", "json", () => NOW, write).warn("could not look", values);
  expect(lines).toEqual([
    `ts=${NOW} level=warn msg="could not look" target="a b=\\"c\\"\\\\u{a}level=error" count=3 ok=true\n`,
    `{"ts":"${NOW}","level":"warn","msg":"could not look","target":"a b=\\"c\\"\\\\u{a}level=error","count":3,"ok":true}\n`,
  ]);
});

it("a line below the level isn't written", () => {
  const lines: string[] = [];
  const log = createLog(
    "warn",
    "logfmt",
    () => NOW,
    (text) => void lines.push(text),
  );
  log.debug("a");
  log.info("b");
  log.error("c");
  expect(lines).toEqual([`ts=${NOW} level=error msg=c\n`]);
});
