import os from "node:os";
import { describe, expect, it } from "vitest";
import { answerOf } from "../../../../src/cli/completion/candidates.ts";
import { createProgram } from "../../../../src/cli/program.ts";

const program = createProgram(new AbortController().signal, () => {});

/** The last of the words is the one at the cursor. */
function asked(line: string): { how: string; lead: string; values: string[] } {
  const words = line.split(" ");
  const answer = answerOf(program, words.slice(0, -1), words.at(-1) ?? "");
  expect(answer.endsWith("\n")).toBe(true);
  const [first = "", ...lines] = answer.slice(0, -1).split("\n");
  const [how = "", lead = ""] = first.split("\t");
  return { how, lead, values: lines.map((each) => each.split("\t")[0] ?? "") };
}

describe("candidates at the cursor", () => {
  it("are the commands, with what each is for", () => {
    expect(asked("").values).toEqual(
      program
        .createHelp()
        .visibleCommands(program)
        .map((command) => command.name()),
    );
    expect(answerOf(program, [], "sho")).toBe("values\t\nshow\tshow a saved report again, in any format\n");
    expect(asked("--ver").values).toEqual(["--version"]);
    expect(asked("help wat").values).toEqual(["watch"]);
  });

  it("are every option of the help, and a switch only once", () => {
    for (const command of program.commands) {
      const shown = command
        .createHelp()
        .visibleOptions(command)
        .map(({ long }) => long);
      expect(asked(`${command.name()} -`).values).toEqual(shown);
    }
    expect(asked("check -q --qu").values).toEqual([]);
    expect(asked("check --domain a --dom").values).toEqual(["--domain"]);
    expect(asked("check -- --dom").values).toEqual([]);
  });

  it("are every choice of every option that has choices, in both ways to give it", () => {
    const choosing = program.commands.flatMap((command) =>
      command.options.map(({ long, argChoices }) => ({ command: command.name(), long, argChoices })),
    );
    const found = choosing.filter(({ argChoices }) => argChoices !== undefined);
    expect(found.length).toBeGreaterThan(15);
    for (const { command, long, argChoices } of found) {
      expect(asked(`${command} ${long} `)).toEqual({ how: "values", lead: "", values: argChoices });
      expect(asked(`${command} ${long}=`)).toEqual({
        how: "values",
        lead: `${long}=`,
        values: argChoices?.map((choice) => `${long}=${choice}`),
      });
    }
  });

  it("are the kinds of a report, and then files", () => {
    expect(asked("check --report j")).toEqual({ how: "open", lead: "", values: ["json=", "junit="] });
    expect(asked("verify --report sar").values).toEqual(["sarif="]);
    expect(asked("show --report sar").values).toEqual(["sarif="]);
    expect(asked("check --report junit=o")).toEqual({ how: "files", lead: "junit=", values: [] });
    expect(asked("check --report=junit=o")).toEqual({ how: "files", lead: "--report=junit=", values: [] });
  });

  it("are codes for explain, of verdicts, findings, Windows and events, or files", () => {
    const { how, values } = asked("explain ");
    expect(how).toBe("files");
    for (const code of ["tcp-no-answer", "srv-nxdomain", "0xC004F074", "12288"])
      expect(values).toContain(code);
  });

  it("are interfaces and addresses for --source, and words that an option takes", () => {
    const names = Object.keys(os.networkInterfaces());
    expect(asked("check --source ").values).toEqual(expect.arrayContaining(names));
    expect(asked("check --require ").values).toEqual(["any", "all"]);
    expect(asked("sweep --timeout ").values).toEqual(["auto"]);
  });

  it("are files only where a file fits", () => {
    for (const line of [
      "check --file ",
      "check -o ",
      "watch --exec ",
      "merge ",
      "verify ",
      "compare a.json ",
    ])
      expect(asked(line).how).toBe("files");
    for (const line of [
      "check ",
      "check --domain ",
      "check -r ",
      "serve ",
      "sweep ",
      "nothing ",
      "nothing here ",
    ])
      expect(asked(line)).toEqual({ how: "values", lead: "", values: [] });
  });
});
