/** README.md, CONTRIBUTING.md and docs/: each command line is one that kmsprobe takes, each link leads somewhere. */
import fs from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import GithubSlugger from "github-slugger";
import { parse } from "shell-quote";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { DOCUMENTS as documents, readDocument as read, shellLines } from "../shell-blocks.ts";

const ROOT = path.join(import.meta.dirname, "../..");

type CommandLine = { file: string; line: string; words: string[] };

/** Lines of shell blocks and spans of code that call kmsprobe, in words as a shell makes them. */
function commandLinesOf(file: string): CommandLine[] {
  const blocks = shellLines(file);
  const spans = Array.from(read(file).matchAll(/`(kmsprobe [^`\n]+)`/g), ([, span = ""]) => span);
  return [...blocks, ...spans].flatMap((line) => callsIn(line).map((words) => ({ file, line, words })));
}

/** The arguments of each call of kmsprobe in one line of shell. What `<…>` and `…` stand for is left to the reader. */
function callsIn(line: string): string[][] {
  if (/<[a-z]+>|…|\.\.\.(?!\w)/.test(line)) return [];
  const calls: string[][] = [[]];
  // Variables become a word that every option with a value takes for one.
  let redirected = false;
  for (const part of parse(line.replace(/^\$ /, ""), (name) => `{${name}}`)) {
    if (typeof part === "string") {
      if (redirected) redirected = false;
      else calls.at(-1)?.push(part);
    } else if ("comment" in part) break;
    else if (part.op === "glob") calls.at(-1)?.push(part.pattern);
    else if (/[<>]/.test(part.op)) redirected = true;
    else calls.push([]);
  }
  return calls.flatMap((words) => {
    const at = words.findIndex((word) => /(?:^|\/)kmsprobe(?:\.cjs)?$/.test(word));
    // `cp -R dist there/kmsprobe` is no call of it; `parallel … kmsprobe sweep` is, with {} for a number.
    if (at === -1 || (at > 0 && words[at + 1] === undefined)) return [];
    return [words.slice(at + 1).map((word) => word.replaceAll("{}", "1"))];
  });
}

/** Parses as the program does, option by option, and does nothing. */
async function parsed(words: readonly string[]): Promise<string> {
  const program = createProgram(new AbortController().signal, () => {});
  let ran = "";
  const idle = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
    command.action(() => {
      ran = command.name();
    });
    for (const each of command.commands) idle(each);
  };
  for (const each of program.commands) idle(each);
  program.configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} });
  await program.parseAsync(words, { from: "user" });
  return ran;
}

const commandNames = createProgram(new AbortController().signal, () => {}).commands.map((each) =>
  each.name(),
);
const commandLines = documents.flatMap(commandLinesOf);

describe("the command lines in documents", () => {
  it("are many, and use every command", () => {
    const used = new Set(commandLines.map(({ words: [command] }) => command));
    expect(commandNames.filter((name) => name !== "help" && !used.has(name))).toEqual([]);
    expect(commandLines.length).toBeGreaterThan(40);
  });

  it.each(commandLines)("$file: $line", async ({ words }) => {
    if (words.some((word) => /^(?:-V|--version|-h|--help|help)$/.test(word))) return;
    // In running text a command's name stands by itself.
    if (words.length === 1) expect(commandNames).toContain(words[0]);
    else expect(await parsed(words)).toBe(words[0]);
  });

  it("would fail with a flag that there is not", async () => {
    await expect(parsed(["check", "--patience", "5s"])).rejects.toThrow("unknown option");
    await expect(parsed(["check", "--timeout", "soon"])).rejects.toThrow("soon");
    await expect(parsed(["chek"])).rejects.toThrow();
  });
});

/** The anchors that GitHub gives a page's headings. */
function anchorsOf(file: string): Set<string> {
  const slugger = new GithubSlugger();
  const text = read(file).replaceAll(/^```[\s\S]*?^```/gm, "");
  return new Set(
    Array.from(text.matchAll(/^#{1,6} (.+)$/gm), ([, heading = ""]) =>
      slugger.slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "")),
    ),
  );
}

const links = documents.flatMap((file) =>
  Array.from(
    read(file)
      .replaceAll(/^```[\s\S]*?^```/gm, "")
      .matchAll(/\]\(([^)\s]+)\)/g),
    ([, target = ""]) => ({ file, target }),
  ).filter(({ target }) => !/^https?:/.test(target)),
);

describe("the links in documents", () => {
  it.each(links)("$file leads to $target", ({ file, target }) => {
    const [to = "", anchor] = target.split("#");
    const found = to === "" ? file : path.posix.join(path.posix.dirname(file), to);
    expect(fs.existsSync(path.join(ROOT, found))).toBe(true);
    if (anchor !== undefined) expect([...anchorsOf(found)]).toContain(anchor);
  });

  it("reach every page of docs/ from the README", () => {
    const reached = new Set(["README.md"]);
    for (const file of reached)
      for (const each of links.filter((link) => link.file === file)) {
        const [to = ""] = each.target.split("#");
        const found = path.posix.join(path.posix.dirname(file), to);
        reached.add(found);
      }
    expect(documents.filter((file) => file.startsWith("docs/") && !reached.has(file))).toEqual([]);
  });
});

describe("the index of docs/", () => {
  it("names every page", () => {
    const named = links
      .filter(({ file }) => file === "docs/README.md")
      .map(({ target }) => path.posix.join("docs", target.split("#")[0] ?? ""));
    const pages = documents.filter((file) => file.startsWith("docs/") && file !== "docs/README.md");
    expect(pages.filter((file) => !named.includes(file))).toEqual([]);
  });
});

describe("the README", () => {
  it("is short enough to be read: 10 KB", () => {
    expect(Buffer.byteLength(read("README.md"))).toBeLessThanOrEqual(10 * 1024);
  });

  it("shows a run on one screen: 25 lines", () => {
    const [, transcript = ""] = /<!-- transcript -->\n```text\n([^]*?)```/.exec(read("README.md")) ?? [];
    expect(transcript.split("\n").length - 1).toBeGreaterThan(15);
    expect(transcript.split("\n").length - 1).toBeLessThanOrEqual(25);
  });
});

function isThere(name: string): boolean {
  const places = ["", "src"].map((root) => path.join(ROOT, root, name));
  return places.some((place) => fs.existsSync(place)) || name.startsWith("dist/");
}

describe("CONTRIBUTING", () => {
  const text = read("CONTRIBUTING.md");

  it("names files and folders that are there", () => {
    const spans = Array.from(text.matchAll(/`([\w./<>-]+)`/g), ([, span = ""]) => span);
    const named = spans.filter((span) => /^(?:\w[\w<>-]*\/)+[\w.<>-]*$/.test(span));
    expect(named.length).toBeGreaterThan(40);
    // What stands for any name is one that is there; what is built comes later.
    const whole = named.map((name) =>
      name
        .replace("CODE", "rpc-serves")
        .replace("<layer>", "rpc")
        .replace("<kind>", "check")
        .replace("<name>", "demo"),
    );
    expect(whole.filter((name) => !isThere(name))).toEqual([]);
  });

  it("says of every room what it holds", () => {
    const rooms = fs
      .readdirSync(path.join(ROOT, "src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory());
    expect(rooms.filter(({ name }) => !new RegExp(`^\\|.*\`${name}/\`.*\\|`, "m").test(text))).toEqual([]);
  });

  it("has a reason for every package that is loaded, and files of the main path that are there", () => {
    const {
      dependencies,
      devDependencies,
    }: Record<string, Record<string, string>> = JSON.parse(read("package.json"));
    const packages = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !name.startsWith("@types/"),
    );
    expect(packages.filter((name) => !text.includes(name.replace(/^@[\w-]+\/(?=\w+-)/, "")))).toEqual([]);
    const way = Array.from(text.matchAll(/^\d\. `([\w/-]+\.ts)`:/gm), ([, file = ""]) => file);
    expect(way.length).toBe(5);
    for (const file of way) expect(fs.existsSync(path.join(ROOT, "src", file))).toBe(true);
  });
});
