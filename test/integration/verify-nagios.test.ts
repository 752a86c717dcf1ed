import { describe, expect, test } from "vitest";
import { renderNagiosUnknown, renderVerifyNagios } from "../../src/report/verify/nagios.ts";
import { readPluginOutput } from "../unit/report/verify/plugin-output.ts";
import { sampled } from "../unit/report/verify/arbitrary.ts";
import { HOSTILE, verifyScenes } from "../unit/report/verify/scenes.ts";
import { needs } from "./servers/available.ts";
import { checkedByNagios } from "./servers/nagios.ts";
import type { Checked, Plugin } from "./servers/nagios.ts";

const PLUGINS: readonly Plugin[] = [
  ...[...Object.values(verifyScenes), ...sampled(40)].map(renderVerifyNagios),
  ...HOSTILE.map((text) => ({ text: renderNagiosUnknown(text), code: 3 })),
];

/** The core writes its status file in lines: line ends and backslashes are escaped in it. */
function unescaped(text: string): string {
  return text.replace(/\\([n\\])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}

describe.skipIf(needs("root", "nagios4").skip)("a monitoring core that runs us as a plugin", () => {
  test("sees our state, our one line, our figures and our further lines, whatever the texts", async () => {
    const checked = await checkedByNagios(PLUGINS);
    expect(checked).toHaveLength(PLUGINS.length);
    PLUGINS.forEach(({ text, code }, index) => {
      const [first = "", ...long] = text.trimEnd().split("\n");
      const [line = "", performance = ""] = first.split("|");
      const seen: Checked | undefined = checked[index];
      expect(seen?.state).toBe(code);
      // A semicolon parts the fields of its own files: the core makes a colon of it.
      expect(seen?.output).toBe(line.trim().replaceAll(";", ":"));
      expect(seen?.performance).toBe(performance.trim());
      expect(unescaped(seen?.long ?? "").trimEnd()).toBe(long.join("\n"));
      // Nothing was cut, and the figures are still figures.
      expect(readPluginOutput(text).long.join("\n").trimEnd()).toBe(long.join("\n"));
    });
  });

  test("would take a bar of a further line for figures, which is why ours has none", async () => {
    const [seen] = await checkedByNagios([{ text: "KMS OK - x | 'a'=1\nhost | 'b'=2\n", code: 0 }]);
    expect(seen?.performance).toMatch(/^'a'=1 +'b'=2$/);
  });
});
