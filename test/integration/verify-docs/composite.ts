import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { programPath } from "../servers/available.ts";
import { runProgram } from "./program.ts";

const text = z.string();

/** As much of GitHub's metadata syntax as a composite action of scripts needs; anything else is a mistake here. */
export const actionSchema = z.strictObject({
  name: text,
  description: text,
  inputs: z.record(
    text,
    z.strictObject({ description: text, required: z.boolean().optional(), default: text.optional() }),
  ),
  outputs: z.record(text, z.strictObject({ description: text, value: text })),
  runs: z.strictObject({
    using: z.literal("composite"),
    steps: z.array(
      z.strictObject({
        name: text,
        id: text.optional(),
        shell: z.literal("bash"),
        env: z.record(text, text),
        run: text,
      }),
    ),
  }),
});
export type Action = z.output<typeof actionSchema>;

export async function readAction(file: string): Promise<Action> {
  return actionSchema.parse(parse(await readFile(file, "utf8")));
}

export type ActionRun = {
  /** That of the first step that fails, and 0 where none does. */
  code: number | null;
  outputs: Record<string, string>;
  /** What the runner takes for commands, and the rest of the log. */
  commands: Command[];
  log: string;
  stderr: string;
  summary: string;
};

export type Command = { name: string; properties: string; message: string };

/** Runs the steps as GitHub's runner does: each by bash, in the workspace, with files for outputs and the summary. */
export async function runAction(
  action: Action,
  inputs: Readonly<Record<string, string>>,
  workspace: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ActionRun> {
  const given: Record<string, string> = {};
  for (const [name, { default: otherwise }] of Object.entries(action.inputs))
    given[name] = inputs[name] ?? otherwise ?? "";
  const runner = await mkdtemp(join(workspace, "..", "runner-"));
  const temp = join(runner, "temp");
  await mkdir(temp);
  const summaryFile = join(runner, "summary.md");
  await writeFile(summaryFile, "");
  const steps: Record<string, Record<string, string>> = {};
  const value = (written: string): string =>
    written.replaceAll(/\$\{\{ *([\w.-]+) *\}\}/g, (_, path: string) => {
      const [root = "", name = "", , output = ""] = path.split(".");
      if (root === "inputs") return given[name] ?? unknown(path);
      if (root === "steps") return (steps[name] ?? unknown(path))[output] ?? "";
      return unknown(path);
    });
  let [code, log, stderr]: [number | null, string, string] = [0, "", ""];
  for (const [index, step] of action.runs.steps.entries()) {
    const script = join(runner, `step-${index}.sh`);
    await writeFile(script, step.run);
    const outputFile = join(runner, `output-${index}`);
    await writeFile(outputFile, "");
    const ended = await runProgram(
      programPath("bash"),
      ["--noprofile", "--norc", "-eo", "pipefail", script],
      {
        cwd: workspace,
        env: {
          ...env,
          CI: "true",
          GITHUB_ACTIONS: "true",
          GITHUB_WORKSPACE: workspace,
          GITHUB_OUTPUT: outputFile,
          GITHUB_STEP_SUMMARY: summaryFile,
          RUNNER_TEMP: temp,
          ...Object.fromEntries(Object.entries(step.env).map(([name, written]) => [name, value(written)])),
        },
      },
    );
    log += ended.stdout;
    stderr += ended.stderr;
    if (step.id !== undefined) steps[step.id] = outputsOf(await readFile(outputFile, "utf8"));
    code = ended.code;
    if (code !== 0) break;
  }
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, output]) => [name, value(output.value)]),
  );
  // The runner listens to both.
  const said = readLog(log);
  const commands = [...said.commands, ...readLog(stderr).commands];
  return { code, outputs, commands, log: said.log, stderr, summary: await readFile(summaryFile, "utf8") };
}

function unknown(path: string): never {
  throw new Error(`\${{ ${path} }}: there is no such value`);
}

/** NAME=VALUE lines; the form for values of several lines is not used here, and a mistake. */
function outputsOf(written: string): Record<string, string> {
  const lines = written.split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no output: ${line}`);
      return [name, value];
    }),
  );
}

/** The runner trims a line before it looks, and listens to nothing between stop-commands and its token. */
function readLog(written: string): { commands: Command[]; log: string } {
  const commands: Command[] = [];
  const rest: string[] = [];
  let token: string | null = null;
  for (const line of written.split("\n")) {
    const [, name, properties = "", message = ""] = /^\s*::([\w-]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    if (token !== null) {
      if (name === token) token = null;
      else rest.push(line);
    } else if (name === "stop-commands") token = message;
    else if (name === undefined) rest.push(line);
    else commands.push({ name, properties, message });
  }
  if (token !== null) throw new Error("the runner was told to stop listening, and never to listen again");
  return { commands, log: rest.join("\n") };
}
