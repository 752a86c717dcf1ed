import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { asciiScreen, asciiText } from "../../../src/report/ascii.ts";

const GOLDEN = path.join(import.meta.dirname, "../../fixtures/golden");

/** Every report that is text. */
const texts = fs
  .readdirSync(GOLDEN, { recursive: true, encoding: "utf8" })
  .filter((file) => /(?:text\S*|verbose)\.golden$/.test(file))
  .toSorted();

const FOREIGN = /[\u0080-\u{10ffff}]/u;

function widths(text: string): number[] {
  return text.split("\n").map((line) => Array.from(line).length);
}

describe("a report in ASCII", () => {
  it("is tried with every text of the golden scenes", () => {
    const signed = texts.filter((file) => FOREIGN.test(fs.readFileSync(path.join(GOLDEN, file), "utf8")));
    expect(signed.length).toBeGreaterThan(50);
  });

  it.each(texts)("%s: every sign has its own, and no column moves", (file) => {
    const text = fs.readFileSync(path.join(GOLDEN, file), "utf8");
    const spelt = asciiText(text);
    const screen = asciiScreen(text);
    expect(spelt).not.toMatch(FOREIGN);
    expect(screen).not.toMatch(FOREIGN);
    expect(widths(screen)).toEqual(widths(text));
    // The network of these speaks in other scripts.
    if (file.includes("hostile")) return;
    expect(spelt.split("\\u{").length).toBe(text.split("\\u{").length);
    expect(screen.split("?").length).toBe(text.split("?").length);
    // Only an ellipsis in running text takes more than its own column.
    const lines = text.split("\n");
    expect(widths(spelt)).toEqual(lines.map((line) => Array.from(line).length + 2 * inProse(line)));
  });

  it("tells the signs apart", () => {
    expect(asciiText("✓ serves, ! some, ✗ none, ? unknown – • → ≠")).toBe(
      "+ serves, ! some, x none, ? unknown - * > #",
    );
    expect(asciiScreen("▁▂▃▄▅▆▇█×")).toBe("_.:-=+*#x");
    expect(asciiScreen("↑↓ select")).toBe("^v select");
  });

  it("keeps columns behind what was cut off, coloured or not", () => {
    expect(asciiText("kms1.corp.ex…  10.0.0.1\nand so on…")).toBe("kms1.corp.ex~  10.0.0.1\nand so on...");
    expect(asciiText("\u001B[2mkms1.corp.ex…\u001B[22m  10.0.0.1")).toBe(
      "\u001B[2mkms1.corp.ex~\u001B[22m  10.0.0.1",
    );
  });

  it("escapes what others wrote in other scripts", () => {
    expect(asciiText("bücher.example (± 5 ms)")).toBe("b\\u{fc}cher.example (+-5 ms)");
    expect(asciiText("名 😀")).toBe("\\u{540d} \\u{1f600}");
    expect(asciiScreen("名 😀")).toBe("? ?");
  });
});

function inProse(line: string): number {
  return line.split(/…(?! {2})/).length - 1;
}
