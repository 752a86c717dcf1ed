/** Completion in the real shells: lines are typed with Tab in them, and a program in the way says what it was called with. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Language, Parser } from "web-tree-sitter";
import { needs, programPath, SYSTEM_PYTHON } from "./servers/available.ts";
import { PROGRAM, run, startProgram } from "./support/kmsprobe.ts";

const { skip } = needs("linux", "python3", "bash", "zsh", "fish", "shellcheck");
const TYPING = path.join(import.meta.dirname, "support/typed-at-shell.py");
const LIMIT_S = 80;

/** What is typed, and what comes of it. */
const LINES = [
  ["kmsprobe sh\t--form\tht\t", "show --format html"],
  ["kmsprobe check --report ju\tout\t", "check --report junit=out.xml"],
  ["kmsprobe check --report=ju\tout\t --format=nd\t", "check --report=junit=out.xml --format=ndjson"],
  ["kmsprobe explain tcp-no-ans\t", "explain tcp-no-answer"],
  ["kmsprobe explain 0xC004F07\t4", "explain 0xC004F074"],
  ["kmsprobe explain ou\t", "explain out.xml"],
  ["kmsprobe check --file kms\t--source 127.\t", "check --file kms hosts.txt --source 127.0.0.1"],
  ["FOO=1 kmsprobe ver\t--max-t\t5s", "verify --max-time 5s"],
  ["kmsprobe show ou\t", "show out.xml"],
  // No file is offered where none fits.
  ["kmsprobe check --domain ou\t", "check --domain ou"],
  // What was typed is not run before it is entered, and not then in quotes.
  ["kmsprobe check '$(touch typed)' --format ht\t", "check $(touch typed) --format html"],
  ["kmsprobe completion fi\t", "completion fish"],
] as const;

describe.skipIf(skip)("completion", () => {
  let folder = "";

  beforeAll(async () => {
    if (skip) return;
    folder = await mkdtemp(path.join(tmpdir(), "kmsprobe-completion-"));
    await mkdir(path.join(folder, "bin"));
    await mkdir(path.join(folder, "home"));
    await mkdir(path.join(folder, "here"));
    for (const name of ["kms hosts.txt", "out.xml"]) await writeFile(path.join(folder, "here", name), "");
    const program = path.join(folder, "bin/kmsprobe");
    // Only questions of the scripts reach the real one.
    await writeFile(
      program,
      `#!/bin/sh
[ "$1 $2" = "completion words" ] && exec '${process.execPath}' '${PROGRAM}' "$@"
echo "$*" >> '${folder}'/ran
`,
    );
    await chmod(program, 0o755);
    for (const shell of ["bash", "zsh", "fish"])
      await writeFile(path.join(folder, shell), (await run(["completion", shell])).stdout);
    await writeFile(path.join(folder, "bashrc"), `PS1='ready>'\nsource '${folder}/bash'\n`);
    await writeFile(path.join(folder, "home/.zshrc"), `PS1='ready>'\nsource '${folder}/zsh'\n`);
  });

  afterAll(async () => {
    if (folder !== "") await rm(folder, { recursive: true });
  });

  const SHELLS = {
    bash: () => ["bash", "--noprofile", "--rcfile", `${folder}/bashrc`, "-i"],
    zsh: () => ["zsh", "-d", "-i"],
    fish: () => [
      "fish",
      "--no-config",
      "-i",
      "-C",
      `function fish_prompt; echo "ready>"; end; source '${folder}/fish'`,
    ],
  };

  test.each(Object.entries(SHELLS))(
    "in %s: commands, options, formats, kinds of report, codes, files and addresses",
    async (_, command) => {
      await rm(path.join(folder, "ran"), { force: true });
      const typed = `${LINES.map(([line]) => line).join("\n")}\nexit\n`;
      const { stdout } = await startProgram(
        SYSTEM_PYTHON,
        [TYPING, String(LIMIT_S), typed, ...command()],
        {
          cwd: path.join(folder, "here"),
          env: {
            PATH: `${folder}/bin:${process.env["PATH"] ?? ""}`,
            HOME: `${folder}/home`,
            ZDOTDIR: `${folder}/home`,
            LC_ALL: "C.UTF-8",
            TERM: "dumb",
          },
        },
        LIMIT_S * 1000 + 5_000,
      ).finished;
      const ran = await readFile(path.join(folder, "ran"), "utf8").catch(() => "");
      expect(ran.split("\n").slice(0, -1), stdout).toEqual(LINES.map(([, called]) => called));
      expect((await readdir(path.join(folder, "here"))).toSorted()).toEqual(["kms hosts.txt", "out.xml"]);
    },
    LIMIT_S * 1000 + 10_000,
  );

  test("in bash has nothing that shellcheck would say a word about", async () => {
    const { stdout } = await startProgram(programPath("shellcheck"), [
      "-s",
      "bash",
      path.join(folder, "bash"),
    ]).finished;
    expect(stdout).toBe("");
  });

  test("in PowerShell would be read without a fault, by a grammar of the language", async () => {
    const { code, stdout } = await run(["completion", "powershell"]);
    expect(code).toBe(0);
    await Parser.init();
    const grammar = createRequire(import.meta.url).resolve(
      "tree-sitter-powershell/tree-sitter-powershell.wasm",
    );
    const parser = new Parser().setLanguage(await Language.load(await readFile(grammar)));
    const read = parser.parse(stdout)?.rootNode;
    expect(read?.hasError).toBe(false);
    const named = (type: string) => read?.descendantsOfType(type).map((node) => node?.text);
    expect(named("command_name")).toEqual([
      "Register-ArgumentCompleter",
      "Select-Object",
      "Where-Object",
      "ForEach-Object",
      "kmsprobe",
      "Select-Object",
      "ForEach-Object",
    ]);
    expect(named("type_name")).toContain("System.Management.Automation.CompletionResult");
    // What is wrong, it finds.
    expect(parser.parse(`${stdout}}`)?.rootNode.hasError).toBe(true);
    expect(parser.parse(stdout.replace("param(", "param"))?.rootNode.hasError).toBe(true);
  });

  test("for PowerShell is printed, and a shell that there is not is a mistake in one line", async () => {
    expect(await run(["completion", "powershell"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Register-ArgumentCompleter -Native -CommandName kmsprobe"),
    });
    expect(await run(["completion", "tcsh"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^kmsprobe: .*'tcsh'.*bash, zsh, fish, powershell.*\n$/),
    });
  });
});
