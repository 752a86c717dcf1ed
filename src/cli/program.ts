import { Command } from "commander";
import { standardOutput, tell } from "../output/standard.ts";
import { VERSION } from "../version.ts";
import { addCheck } from "./check/check.ts";
import { addCompare } from "./compare/compare.ts";
import { addConfig } from "./config/config.ts";
import { addNoConfig, heedConfig } from "./config/heed.ts";
import { addCompletion } from "./completion/completion.ts";
import { addDemo } from "./demo.ts";
import { addExplain } from "./explain/explain.ts";
import { addMerge } from "./merge/merge.ts";
import { addServe } from "./serve/serve.ts";
import { addShow } from "./show/show.ts";
import { addSweep } from "./sweep/sweep.ts";
import { addVerify } from "./verify/verify.ts";
import { addWatch } from "./watch/watch.ts";
import { addJson, groupOptions, heedJson, optionDescription } from "./help.ts";
import { hinted } from "./hints.ts";
import { requireOneOutput, requireOtherOutput } from "./inputs.ts";

type Around = {
  signal: AbortSignal;
  setExitCode: (code: number) => void;
  takeHangup: (handler: () => void) => void;
};

/** In the order of the help. */
const COMMANDS: ReadonlyMap<string, (program: Command, around: Around) => void> = new Map([
  ["check", (program, { signal, setExitCode }) => addCheck(program, signal, setExitCode)],
  ["sweep", (program, { signal, setExitCode }) => addSweep(program, signal, setExitCode)],
  ["merge", (program, { signal, setExitCode }) => addMerge(program, signal, setExitCode)],
  ["verify", (program, { signal, setExitCode }) => addVerify(program, signal, setExitCode)],
  ["watch", (program, { signal, setExitCode }) => addWatch(program, signal, setExitCode)],
  ["compare", (program, { signal, setExitCode }) => addCompare(program, signal, setExitCode)],
  ["show", (program, { signal, setExitCode }) => addShow(program, signal, setExitCode)],
  ["explain", (program, { signal, setExitCode }) => addExplain(program, signal, setExitCode)],
  [
    "serve",
    (program, { signal, setExitCode, takeHangup }) => addServe(program, signal, setExitCode, takeHangup),
  ],
  ["demo", (program, { signal, setExitCode }) => addDemo(program, signal, setExitCode)],
  ["config", (program, { signal }) => addConfig(program, signal)],
  ["completion", (program) => addCompletion(program)],
]);

const FIRST_STEPS = `
First steps:
  kmsprobe demo                    13 hosts on loopback, and a verdict on each
  kmsprobe check -d corp.example   what a client of that domain meets from here
  kmsprobe explain 0xC004F074      what a code proves, and what it leaves open
  kmsprobe check --help            options, examples, exit codes`;

/** They tell what all of them have. */
const OF_ALL: ReadonlySet<string> = new Set(["completion", "config"]);

/**
 * @param setExitCode called at most once, with what the command came to
 * @param takeHangup hands over what SIGHUP does from then on, instead of an end
 * @param word the first on the command line: where it is a command, that one alone is defined, since a definition takes
 *   a millisecond and the others can't be meant
 */
export function createProgram(
  signal: AbortSignal,
  setExitCode: (code: number) => void,
  takeHangup: (handler: () => void) => void = () => {},
  word = "",
): Command {
  const help = COMMANDS.has(word) ? `kmsprobe ${word} --help` : "kmsprobe --help";
  const program = new Command("kmsprobe")
    .description("Says which KMS hosts would serve a client from here, and why the others would not.")
    .version(VERSION, "-V, --version")
    .configureHelp({ optionDescription })
    .configureOutput({
      writeOut: standardOutput.write,
      writeErr: tell,
      // One line, as for every other mistake: what is wrong, and where to look.
      outputError: (text, write) => {
        const line = hinted(text.replace(/^error: /, "").trim(), word).replaceAll("\n", " ");
        write(`kmsprobe: ${line} (see ${help})\n`);
      },
    })
    // `-` is standard output, which is what there is without the option.
    .hook("preAction", async (_, command) => {
      if (command.opts()["output"] === "-") command.setOptionValue("output", undefined);
      heedJson(command);
      requireOtherOutput(command);
      await heedConfig(command, signal);
    })
    .addHelpText("after", FIRST_STEPS)
    // Of `kmsprobe help WORD`: commander shows this page without a word of why.
    .addHelpText("before", ({ error }) =>
      error && word === "help" ? "kmsprobe: no such command; these are the ones there are:\n" : "",
    )
    .exitOverride();
  const meant = OF_ALL.has(word) ? undefined : COMMANDS.get(word);
  for (const add of meant === undefined ? COMMANDS.values() : [meant])
    add(program, { signal, setExitCode, takeHangup });
  addNoConfig(program);
  addJson(program);
  groupOptions(program);
  requireOneOutput(program);
  return program;
}
