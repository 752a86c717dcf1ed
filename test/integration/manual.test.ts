/** The manual pages, read by mandoc: nothing to find fault with, and all that the help says. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { needs, programPath } from "./servers/available.ts";
import { run, startProgram } from "./support/kmsprobe.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const PAGES = path.join(ROOT, "man/man1");
const { skip } = needs("mandoc");
const pages = await readdir(PAGES);

describe.skipIf(skip)("the manual", () => {
  test("has nothing that mandoc finds fault with, nor a reference to a page that is not there", async () => {
    const env = { MANPATH: path.join(ROOT, "man") };
    // Below "style" are conventions of two BSDs for their own pages.
    const args = ["-T", "lint", "-W", "style", ...pages.map((page) => `man/man1/${page}`)];
    const linted = await startProgram(programPath("mandoc"), args, { cwd: ROOT, env }).finished;
    expect(linted).toMatchObject({ code: 0, stdout: "" });
  });

  test("has a page for each command, with the options and operands of its help", async () => {
    const main = (await run(["--help"])).stdout;
    const [, listed = ""] = /^Commands:\n((?: .*\n)+)/m.exec(main) ?? [];
    const commands = [...listed.matchAll(/^ {2}([a-z]+) .*\S {2,}/gm)].map(([, name]) => String(name));
    const wanted = commands.filter((name) => name !== "help");
    expect(wanted).toContain("completion");
    expect(pages).toEqual(
      ["kmsprobe.1", ...wanted.map((name) => `kmsprobe-${name}.1`)].toSorted(compareBytes),
    );
    for (const name of wanted) {
      const { stdout: help } = await run([name, "--help"]);
      const page = await printed(`kmsprobe-${name}.1`);
      // Paragraphs, which may begin with an option, stand before the groups of options.
      const groups = page.slice(page.search(/^ {3}\S/m));
      expect(termsOf(groups, /^ {5}(--?[a-z0-9].*?)(?: {2,}|$)/gm), name).toEqual(
        termsOf(help, /^ {2}(--?[a-z0-9].*?)(?: {2,}|$)/gm).map((term) => term.replaceAll(/[<>]/g, "")),
      );
      const examples = [...help.matchAll(/^ {2}kmsprobe .*$/gm)].map(([line]) => line.trim());
      for (const example of examples) expect(page, name).toContain(example);
    }
  });

  test("is what the npm package installs as manual pages", async () => {
    const { man } = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8"));
    expect(man).toEqual(pages.map((page) => `./man/man1/${page}`));
  });
});

/** Plain text, as on a terminal without bold. */
async function printed(page: string): Promise<string> {
  const args = ["-T", "ascii", "-O", "width=300", path.join(PAGES, page)];
  const { code, stdout } = await startProgram(programPath("mandoc"), args).finished;
  expect(code).toBe(0);
  // A letter, back, and the letter again is bold.
  return stdout.replaceAll(new RegExp(`.${String.fromCharCode(8)}`, "gu"), "");
}

function termsOf(text: string, term: RegExp): string[] {
  return [...text.matchAll(term)].map(([, found]) => String(found)).toSorted(compareBytes);
}

function compareBytes(a: string, b: string): number {
  return a < b ? -1 : 1;
}
