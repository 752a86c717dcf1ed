/** The jobs of GitLab and Jenkins, run by programs that read them as those do. */
import { existsSync, realpathSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { needs, programPath } from "./servers/available.ts";
import { PROGRAM } from "./support/kmsprobe.ts";
import { CODES, policyFor, startOffice } from "./verify-docs/office.ts";
import type { Office, Wanted } from "./verify-docs/office.ts";
import { runProgram } from "./verify-docs/program.ts";

const DOCS = fileURLToPath(new URL("../../docs/verifying-in-ci/", import.meta.url));
const HARNESS = fileURLToPath(new URL("./verify-docs/", import.meta.url));
const GITLAB = join(
  dirname(createRequire(import.meta.url).resolve("gitlab-ci-local/package.json")),
  "dist/index.js",
);
const PLACES = ["jump-host", "branch", "vpn"];
/** What the examples say: a folder dist that was copied beside the policy. */
const COPY = "node kms/kmsprobe/kmsprobe.cjs";
const OURS = `${process.execPath} ${PROGRAM}`;

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
  root = await mkdtemp(join(tmpdir(), "kmsprobe-pipeline-"));
  workspace = join(root, "work");
  await mkdir(join(workspace, "kms"), { recursive: true });
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function givePolicy(wanted: Wanted): Promise<void> {
  await writeFile(join(workspace, "kms/policy.yaml"), policyFor(wanted, office));
}

async function giveCopy(): Promise<void> {
  await cp(dirname(PROGRAM), join(workspace, "kms/kmsprobe"), { recursive: true });
}

async function shellcheck(script: string): Promise<string> {
  const { stdout } = await runProgram(programPath("shellcheck"), ["--shell=sh", "-"], { input: script });
  return stdout;
}

type Pipeline = { code: number | null; log: string };

/** A pipeline, or one job of it with all that its matrix makes of it, by the shell executor. */
async function pipeline(
  args: readonly string[] = [],
  { source = "schedule", program = OURS }: { source?: string; program?: string } = {},
): Promise<Pipeline> {
  const git = programPath("git");
  const home = join(root, "home");
  const env = { HOME: home, GIT_CONFIG_NOSYSTEM: "1", NO_COLOR: "1", FORCE_COLOR: "0" };
  if (!existsSync(join(workspace, ".git"))) {
    await mkdir(home);
    await writeFile(join(workspace, ".gitlab-ci.yml"), await readFile(join(DOCS, "gitlab-ci.yml"), "utf8"));
    for (const each of [
      ["init", "--quiet", "--initial-branch=main"],
      ["config", "user.name", "nobody"],
      ["config", "user.email", "nobody@corp.test"],
      ["remote", "add", "origin", "git@gitlab.corp.test:kms/kms.git"],
      ["add", "--all"],
      ["commit", "--quiet", "--message=all"],
    ])
      await runProgram(git, each, { cwd: workspace, env });
  }
  const { code, stdout, stderr } = await runProgram(
    process.execPath,
    [
      "--import",
      join(HARNESS, "set-methods.mjs"),
      GITLAB,
      "--force-shell-executor",
      // A copy of the workspace for each job, and the cache between them.
      "--shell-isolation",
      "--no-artifacts-to-source",
      "--no-color",
      "--variable",
      `KMSPROBE=${program}`,
      "--variable",
      `CI_PIPELINE_SOURCE=${source}`,
      "--ignore-predefined-vars",
      "CI_PIPELINE_SOURCE",
      ...args,
    ],
    { cwd: workspace, env },
  );
  return { code, log: `${stdout}${stderr}` };
}

/** What each job ended with, by its place. */
function codesOf({ log }: Pipeline): Record<string, number> {
  const ends = log.matchAll(/^kms-[a-z]+: \[([a-z-]+),\S+ +finished in .*?(?:(?:FAIL|WARN) (\d+))? *$/gm);
  return Object.fromEntries([...ends].map(([, place = "", code = "0"]) => [place, Number(code)]));
}

async function artifactsOf(place: string): Promise<string[]> {
  const all = join(workspace, ".gitlab-ci-local/artifacts");
  const job = (await readdir(all)).find((name) => name.startsWith("kms-verify") && name.includes(place));
  return (await readdir(join(all, job ?? "none", "kms-report"))).toSorted();
}

const everywhere = (code: number): Record<string, number> =>
  Object.fromEntries(PLACES.map((place) => [place, code]));

describe.skipIf(needs("linux", "bash", "git", "rsync").skip)("the GitLab jobs", () => {
  test("look from every place, and leave reports and what was seen", async () => {
    await givePolicy("met");
    const ended = await pipeline();
    expect([ended.code, codesOf(ended)]).toEqual([0, everywhere(0)]);
    for (const place of PLACES) {
      expect(await artifactsOf(place)).toEqual(["baseline.json", "verify.html", "verify.json", "verify.xml"]);
      expect(ended.log).toContain(`There is no baseline of ${place}`);
    }
  });

  test("run by a schedule, a trigger and by hand, and not on a push", async () => {
    await givePolicy("met");
    for (const source of ["schedule", "trigger"])
      expect((await pipeline(["--list-csv"], { source })).log).toContain("kms-verify");
    expect((await pipeline(["--list-csv"], { source: "push" })).log).not.toContain("kms-verify");
  });

  test("fail with the exit code, and say which of them is no verdict", async () => {
    for (const wanted of ["failed", "mistaken", "error"] as const) {
      await givePolicy(wanted);
      const ended = await pipeline(["kms-verify: [branch,kms-branch]"]);
      expect([wanted, ended.code, codesOf(ended)]).toEqual([wanted, 1, { branch: CODES[wanted] }]);
      if (wanted === "mistaken") expect(ended.log).toContain("Usage: the policy or an option");
      expect(ended.log.includes("this says nothing about the policy")).toBe(wanted === "error");
      expect((await artifactsOf("branch")).includes("verify.xml")).toBe(wanted !== "mistaken");
    }
  });

  test("take a program that cannot be started for no verdict", async () => {
    await givePolicy("met");
    const ended = await pipeline(["kms-verify: [vpn,kms-vpn]"], { program: "false" });
    expect(codesOf(ended)).toEqual({ vpn: 3 });
    const jobs = z
      .looseObject({ variables: z.record(z.string(), z.string()) })
      .parse(parse(await readFile(join(DOCS, "gitlab-ci.yml"), "utf8")));
    expect(jobs.variables["KMSPROBE"]).toBe(COPY);
  });

  test("compare with the baseline that the job by hand has left in the cache", async () => {
    await givePolicy("met");
    const baseline = await pipeline(["kms-baseline: [branch,kms-branch]"]);
    expect([baseline.code, codesOf(baseline)]).toEqual([0, { branch: 0 }]);
    // What failed then is in the policy no more, so only the baseline can tell.
    await office.turn(1, "off");
    await writeFile(
      join(workspace, "kms/policy.yaml"),
      policyFor("met", office).replace("serve: {}", "serve: { require: any }"),
    );
    const worse = await pipeline(["kms-verify: [branch,kms-branch]"]);
    await office.turn(1, "on");
    expect(worse.log).not.toContain("There is no baseline");
    expect(codesOf(worse)).toEqual({ branch: 1 });
    const same = await pipeline(["kms-verify: [branch,kms-branch]"]);
    expect(codesOf(same)).toEqual({ branch: 0 });
  });

  test("keep no baseline of a place where the policy fails", async () => {
    await givePolicy("failed");
    const baseline = await pipeline(["kms-baseline: [branch,kms-branch]"]);
    expect(codesOf(baseline)).toEqual({ branch: 1 });
    const verify = await pipeline(["kms-verify: [branch,kms-branch]"]);
    expect(verify.log).toContain("There is no baseline of branch");
  });

  test("show their JUnit report, and keep the artifacts whatever happens", async () => {
    const jobs = z
      .looseObject({ "kms-verify": z.looseObject({ artifacts: z.unknown(), script: z.array(z.string()) }) })
      .parse(parse(await readFile(join(DOCS, "gitlab-ci.yml"), "utf8")));
    expect(jobs["kms-verify"].artifacts).toMatchObject({
      when: "always",
      reports: { junit: "kms-report/verify.xml" },
      paths: ["kms-report/"],
    });
  });

  test.skipIf(needs("shellcheck").skip)("have scripts without traps", async () => {
    const scripted = z.looseObject({ script: z.array(z.string()) });
    const jobs = z
      .looseObject({ "kms-verify": scripted, "kms-baseline": scripted })
      .parse(parse(await readFile(join(DOCS, "gitlab-ci.yml"), "utf8")));
    for (const script of [...jobs["kms-verify"].script, ...jobs["kms-baseline"].script])
      expect(await shellcheck(script)).toBe("");
  });
});

/** A virtual machine that lives for a second wins nothing by what makes a long run quick. */
const FOR_A_SHORT_RUN = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData";

describe.skipIf(needs("linux", "groovy", "java").skip)("the Jenkins pipeline", () => {
  const cellSchema = z.object({
    axes: z.object({ AT: z.string() }),
    agent: z.string(),
    result: z.string(),
    code: z.number(),
    message: z.string().optional(),
    script: z.string(),
    log: z.string(),
    kept: z.array(z.string()),
    junit: z.object({ tests: z.number(), failures: z.number() }).optional(),
  });
  const buildSchema = z.object({
    result: z.string(),
    declared: z.record(z.string(), z.string()),
    cells: z.array(cellSchema),
  });

  async function build(params: Readonly<Record<string, string>> = {}): Promise<z.output<typeof buildSchema>> {
    const request = join(root, "request.json");
    await writeFile(
      request,
      JSON.stringify({
        params: { KMSPROBE: OURS, PLACE: "branch", ...params },
        workspace,
        env: { PATH: process.env["PATH"] },
      }),
    );
    const ended = await runProgram(
      programPath("groovy"),
      [join(HARNESS, "declarative.groovy"), join(DOCS, "Jenkinsfile"), request],
      { env: { JAVA_HOME: process.env["JAVA_HOME"] ?? javaHome(), JAVA_OPTS: FOR_A_SHORT_RUN } },
    );
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    return buildSchema.parse(JSON.parse(ended.stdout.trim().split("\n").at(-1) ?? ""));
  }

  test("looks from every place, each on its own agent", async () => {
    await givePolicy("met");
    const { result, cells, declared } = await build({ PLACE: "all" });
    expect(result).toBe("SUCCESS");
    expect(cells.map(({ axes, agent, code }) => [axes.AT, agent, code])).toEqual(
      PLACES.map((place) => [place, `kms-${place}`, 0]),
    );
    for (const { kept, junit } of cells) {
      expect(kept.toSorted()).toEqual(["baseline.json", "verify.html", "verify.json", "verify.xml"]);
      expect(junit).toEqual({ tests: 1, failures: 0 });
    }
    // A build that a timer starts has the defaults.
    expect(declared).toMatchObject({ PLACE: "all", FAILS_AS: "FAILURE", KMSPROBE: COPY });
  });

  test("makes of a policy that fails what it is told to", async () => {
    await givePolicy("failed");
    const strict = await build();
    expect(strict.result).toBe("FAILURE");
    expect(strict.cells).toMatchObject([
      { code: 1, message: "branch: the policy fails", junit: { tests: 2, failures: 1 } },
    ]);
    const lenient = await build({ FAILS_AS: "UNSTABLE" });
    expect([lenient.result, lenient.cells[0]?.code]).toEqual(["UNSTABLE", 1]);
    expect(lenient.cells[0]?.kept).toContain("verify.html");
  });

  test("fails on usage and on what could not be checked, and says so", async () => {
    await givePolicy("mistaken");
    const mistaken = await build({ FAILS_AS: "UNSTABLE" });
    expect(mistaken.result).toBe("FAILURE");
    expect(mistaken.cells).toMatchObject([{ code: 2, message: expect.stringContaining("usage"), kept: [] }]);
    await givePolicy("error");
    const error = await build({ FAILS_AS: "UNSTABLE" });
    expect(error.result).toBe("FAILURE");
    expect(error.cells).toMatchObject([
      { code: 3, message: expect.stringContaining("could not be checked") },
    ]);
    const missing = await build({ FAILS_AS: "UNSTABLE", KMSPROBE: "false" });
    expect([missing.result, missing.cells[0]?.code]).toEqual(["FAILURE", 3]);
  });

  test("compares with a baseline of the repository", async () => {
    await givePolicy("met");
    await build();
    const seen = await readFile(join(workspace, "kms-report-branch/baseline.json"), "utf8");
    await writeFile(join(workspace, "kms/baseline-branch.json"), seen);
    expect((await build()).result).toBe("SUCCESS");
    await office.turn(1, "off");
    const worse = await build();
    await office.turn(1, "on");
    expect(worse.cells[0]?.log).toContain("--baseline=kms/baseline-branch.json");
    expect(worse.result).toBe("FAILURE");
  });

  test("takes hostile parameters for values", async () => {
    await givePolicy("failed");
    const hostile = "$(touch pwned)\n`touch pwned`\nEOF\n\"; touch pwned; \"\n'; touch pwned; '\n*";
    for (const params of [{ SETTINGS: hostile }, { POLICY: hostile }])
      expect((await build(params)).cells).toMatchObject([{ code: 2 }]);
    expect((await readdir(workspace)).toSorted()).toEqual(["kms", "kms-report-branch"]);
    const { cells } = await build({ SETTINGS: "note=$(touch pwned)\nother=a b" });
    expect(cells).toMatchObject([{ code: 1 }]);
    expect(existsSync(join(workspace, "pwned"))).toBe(false);
  });

  test.skipIf(needs("shellcheck").skip)("has a script without traps", async () => {
    await givePolicy("met");
    const { cells } = await build();
    expect(await shellcheck(cells[0]?.script ?? "exit (")).toBe("");
  });
});

/** Debian's groovy looks for one of a name that need not be there. */
function javaHome(): string {
  return realpathSync(programPath("java")).replace(/\/bin\/java$/, "");
}

describe.skipIf(needs("linux", "bash").skip)("the Azure step of the README", () => {
  test("leaves a failing policy to its test results, and fails on everything else", async () => {
    const readme = await readFile(join(DOCS, "README.md"), "utf8");
    const yaml = [...readme.matchAll(/^```yaml\n(steps:.*?)^```$/gms)].map(([, text = ""]) => text);
    const { steps } = z
      .object({ steps: z.tuple([z.looseObject({ bash: z.string() }), z.looseObject({ task: z.string() })]) })
      .parse(parse(yaml[0] ?? ""));
    const bin = join(root, "bin");
    await mkdir(bin);
    await symlink(process.execPath, join(bin, "node"));
    await giveCopy();
    const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    const codes: Record<string, number | null> = {};
    for (const wanted of ["met", "failed", "mistaken", "error"] as const) {
      await givePolicy(wanted);
      const ended = await runProgram(programPath("bash"), ["-c", steps[0].bash], { cwd: workspace, env });
      codes[wanted] = ended.code;
      expect(existsSync(join(workspace, "verify.xml"))).toBe(wanted !== "mistaken");
    }
    expect(codes).toEqual({ met: 0, failed: 0, mistaken: 2, error: 3 });
    await rm(join(workspace, "kms/kmsprobe"), { recursive: true });
    const missing = await runProgram(programPath("bash"), ["-c", steps[0].bash], { cwd: workspace, env });
    expect(missing.code).toBe(1);
  });
});
