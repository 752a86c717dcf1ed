import { describe, expect, it } from "vitest";
import { labelsOf } from "../../../src/compare/labels.ts";
import { attempt, compared, diagnosis, endpoint, report } from "./reports.ts";

function labels(files: string[], ...given: string[]): string[] {
  return labelsOf(
    files.map((file) => ({ file, host: "jump01" })),
    given,
  );
}

describe("labels", () => {
  it("are the files' names without folder and ending", () => {
    expect(labels(["reports/office.json", "C:\\runs\\vpn.JSON", "branch", ".json"])).toEqual([
      "office",
      "vpn",
      "branch",
      ".json",
    ]);
  });

  it("are the machine's name for standard input", () => {
    expect(labels(["-", "a.json"])).toEqual(["jump01", "a"]);
    expect(labelsOf([{ file: "-", host: "" }], [])).toEqual(["standard input"]);
  });

  it("are those given, in the order of the files", () => {
    expect(labels(["a.json", "b.json", "c.json"], "office", "vpn")).toEqual(["office", "vpn", "c"]);
  });

  it("get a number where they would be the same, and leave those given alone", () => {
    expect(labels(["x/a.json", "y/a.json", "z/a.json"])).toEqual(["a", "a (2)", "a (3)"]);
    expect(labels(["x/b.json", "b.json"], "b")).toEqual(["b", "b (2)"]);
  });
});

const seen = (source: string | null) =>
  diagnosis([endpoint("kms1", [attempt("10.0.0.1", "rpc-serves")])], { source });

describe("places", () => {
  it("are one for a report without sources, or with a single one", () => {
    const { places } = compared({
      a: report([seen(null)]),
      b: report([seen("wg0")], { sources: [{ label: "wg0" }] }),
    });
    expect(places.map(({ label, source }) => [label, source])).toEqual([
      ["a", null],
      ["b", "wg0"],
    ]);
  });

  it("are one for each source where there are several, also for one that saw nothing", () => {
    const several = report([seen("wg0"), seen("eth0")], {
      sources: [{ label: "eth0" }, { label: "wg0" }, { label: "eth1" }],
    });
    const { places, groups } = compared({ a: several, b: report([]) });
    expect(places.map(({ label }) => label)).toEqual(["a/eth0", "a/wg0", "a/eth1", "b"]);
    expect(groups[0]?.rows[0]?.cells.map((cell) => cell.seen)).toEqual([
      "probed",
      "probed",
      "nothing",
      "nothing",
    ]);
  });

  it("go by the source alone in a lone report: nothing else tells them apart", () => {
    const { places } = compared({ a: report([seen("wg0"), seen("eth0")]) });
    expect(places.map(({ label }) => label)).toEqual(["wg0", "eth0"]);
  });

  it("stay apart when labels would meet", () => {
    const several = report([seen("x"), seen("y")]);
    const { places } = compared({ "a/x": report([]), a: several });
    expect(places.map(({ label }) => label)).toEqual(["a/x", "a/x (2)", "a/y"]);
  });
});
