import { describe, expect, test } from "vitest";
import { cellText, layoutFor } from "../../../src/tui/columns.ts";
import { nextOrder, ORDERS, sortHosts } from "../../../src/tui/order.ts";
import { runsOf, sparkline } from "../../../src/tui/spark.ts";
import type { Host } from "../../../src/watch/host.ts";
import { createWatchState } from "../../../src/watch/state.ts";
import type { Cell } from "../../../src/watch/timeline.ts";
import { connected, isRefused, isServing, listed, serving, zone } from "../verdict/builders.ts";
import { isoOf, lookInto } from "./rounds.ts";

function hosts(): Host[] {
  const state = createWatchState(1_000, () => {});
  const slow = serving({ latency: { asked: 1, samplesMs: [80] } });
  const rounds = [
    [listed(3, isServing), listed(1, isRefused), listed(2, (over) => connected(slow, over))],
    [listed(3, isServing), listed(1, isRefused), listed(2, isRefused)],
  ];
  rounds.forEach((each, index) => lookInto(state, [zone(each)], { at: isoOf(index), nowMs: index }));
  return state.hosts();
}

describe("the table", () => {
  test.each([40, 60, 64, 80, 100, 120, 200])("fits %i columns", (width) => {
    const all = hosts();
    const { columns, spark } = layoutFor(width, all);
    for (const host of all) {
      const line = columns.map((column) => cellText(column, column.cell(host))).join("");
      expect(line.length + spark).toBeLessThanOrEqual(Math.max(width, 50));
    }
  });

  test("shows more where there is more room", () => {
    const titles = (width: number): string =>
      layoutFor(width, hosts())
        .columns.map(({ title }) => title.trim())
        .join(" ");
    expect(titles(64)).toBe("HOST STATE LAST ms MED LOSS");
    expect(titles(80)).toBe("HOST STATE LAST ms MED LOSS");
    expect(layoutFor(80, hosts()).spark).toBeGreaterThanOrEqual(10);
    expect(titles(160)).toBe("HOST STATE SINCE LAST ms MIN MED P95 JITTER LOSS");
  });

  test("does not cut a name for the sake of blanks behind what a host does", () => {
    const all = hosts();
    const long = all.map((host) => ({
      ...host,
      subject: { ...host.subject, host: "kms1.branch.corp.example" },
    }));
    const { columns } = layoutFor(100, long);
    const [name, state] = columns;
    const lines = long.map((host) => columns.map((column) => cellText(column, column.cell(host))).join(""));
    expect(lines.every((line) => line.includes("kms1.branch.corp.example:1688"))).toBe(true);
    expect(name?.width).toBeGreaterThan(30);
    // What they do is whole all the same.
    expect(
      long.map((host) => state?.cell(host) ?? "").every((said) => said.length <= (state?.width ?? 0)),
    ).toBe(true);
  });

  test.each([64, 80, 100])(
    "tells the rows of one host apart in %i columns: its name is cut, no address",
    (width) => {
      const [one] = hosts();
      const rows = ["127.0.0.11", "127.0.0.12"].flatMap((address) =>
        one === undefined
          ? []
          : { ...one, subject: { host: "kms1.branch.lab.test", port: 43_053, address, source: null } },
      );
      const [name] = layoutFor(width, rows).columns;
      const cells = rows.map((host) => (name === undefined ? "" : cellText(name, name.cell(host))));
      expect(cells.map((cell) => /\(127\.0\.0\.1[12]\)/.exec(cell)?.[0])).toEqual([
        "(127.0.0.11)",
        "(127.0.0.12)",
      ]);
      expect(cells.every((cell) => /^. kms1/.test(cell))).toBe(true);
    },
  );

  test("cells are cut or filled to their width", () => {
    const column = { title: "", width: 5, right: true, cell: () => "" };
    expect(cellText(column, "1.5")).toBe("  1.5 ");
    expect(cellText({ ...column, right: false }, "too long")).toBe("too … ");
  });
});

describe("sorting", () => {
  test("goes through every order and starts again", () => {
    expect(ORDERS.map(nextOrder)).toEqual([...ORDERS.slice(1), ORDERS[0]]);
  });

  test.each([
    ["listed", "3 1 2"],
    ["state", "1 2 3"],
    ["changed", "2 3 1"],
    ["loss", "1 2 3"],
    ["median", "3 2 1"],
    ["name", "1 2 3"],
  ] as const)("by %s: %s", (order, expected) => {
    const sorted = sortHosts(hosts(), order).map(({ subject }) => subject.host.slice(3, 4));
    expect(sorted.join(" ")).toBe(expected);
  });
});

const cell = (meanMs: number | null, served = 1, rounds = 1): Cell => ({ rounds, served, meanMs });

describe("the sparkline", () => {
  test("is as high as the latency, within the host's own range", () => {
    const marks = sparkline([cell(1), cell(4.5), cell(8.5), cell(9)]);
    expect(marks.map(({ glyph }) => glyph).join("")).toBe("▁▄██");
  });

  test("draws noise flat", () => {
    const marks = sparkline([cell(20), cell(20.4), cell(21)]);
    expect(marks.map(({ glyph }) => glyph).join("")).toBe("▁▁▁");
  });

  test("has a cross where nothing served, a gap where nothing was asked, a tone where some was lost", () => {
    const marks = sparkline([cell(null, 0), cell(null, 0, 0), cell(1, 1, 2), cell(1)]);
    expect(marks.map(({ glyph }) => glyph).join("")).toBe("× ▁▁");
    expect(runsOf(marks).map(({ tone }) => tone)).toEqual(["lost", "none", "partly", "fine"]);
    expect(runsOf(sparkline([cell(1), cell(1)]))).toEqual([{ text: "▁▁", tone: "fine" }]);
  });

  test("is there before anything was measured", () => {
    expect(sparkline([cell(null, 0), cell(null, 1)]).map(({ glyph }) => glyph)).toEqual(["×", "▁"]);
  });
});
