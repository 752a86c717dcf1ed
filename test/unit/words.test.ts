/** The words of docs/glossary.md are used, and those in its last column are not: neither in output nor in a document. */
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = path.join(import.meta.dirname, "../..");
const GLOSSARY = "docs/glossary.md";

const rows = Array.from(
  read(GLOSSARY).matchAll(/^\| (.+?) \| (.+) \|(.*)\|$/gm),
  ([, term = "", , not = ""]) => ({
    term,
    not: not
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  }),
).filter(({ term }) => term !== "term");
const retired = rows.flatMap(({ not }) => not);

function read(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), "utf8");
}

function files(folder: string, ends: RegExp): string[] {
  return fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((file) => path.posix.join(folder, file.replaceAll(path.sep, "/")))
    .filter((file) => ends.test(file));
}

/** Strings, templates and text between tags: what may be printed. Names of files that are imported are not. */
function printedBy(file: string): string {
  const code = read(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1")
    .replace(/^(?:import|export)\b[^;]*\bfrom "[^"]*";$/gm, "")
    .replace(/\bimport\("[^"]*"\)/g, "");
  return Array.from(
    code.matchAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|>[^<>{}]+</g),
    ([text]) => text,
  ).join("\n");
}

function holding(text: string): string[] {
  const words = text.replaceAll(/\s+/g, " ");
  // Where the word ends in a letter, more letters make another word.
  return retired.filter((word) => new RegExp(`\\b${word}${/\w$/.test(word) ? "\\b" : ""}`, "i").test(words));
}

describe("the words that are not used", () => {
  it("are a few, each beside the one that is", () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(retired).toEqual(expect.arrayContaining(["patience", "Fits:", "interface that nobody has"]));
  });

  it("are found where they are", () => {
    expect(holding("A Patience\nof 5 s")).toEqual(["patience"]);
    expect(holding("an interface\n  nobody has")).toEqual(["interface nobody has"]);
    expect(holding("it benefits: all")).toEqual([]);
  });

  it.each(files("src", /\.tsx?$/))("are in nothing that %s prints", (file) => {
    expect(holding(printedBy(file))).toEqual([]);
  });

  it.each(
    ["README.md", "CONTRIBUTING.md", ...files("docs", /\.(?:md|ya?ml)$/)].filter((file) => file !== GLOSSARY),
  )("are nowhere in %s", (file) => {
    expect(holding(read(file))).toEqual([]);
  });
});
