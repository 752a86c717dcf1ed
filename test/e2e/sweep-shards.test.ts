import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SweepReport, sweepReportSchema } from "../../src/sweep/model.ts";
import { SYSTEM_PYTHON } from "../integration/servers/available.ts";
import { makeServerDir, removeServerDir } from "../integration/servers/process.ts";
import { PROGRAM } from "../integration/support/kmsprobe.ts";
import { needsNetwork } from "./office.ts";
import { Peers } from "./peers.ts";
import { buildBlock, byNumber, gistOf, spread, sweepReport } from "./sweeps.ts";
import type { Host, Network } from "./topology.ts";

const DOCS = fileURLToPath(new URL("../../docs/sharing-a-sweep/", import.meta.url));

/** What the documents sweep, and what stands in for it here. */
const DOCUMENTED = "10.20.0.0/16";
const BLOCK = "127.46.0.0/23";

const SERVING = spread("127.46", 1, 30, 5).toSorted(byNumber);
const DROPPED = spread("127.46", 1, 40, 2).filter((each) => !SERVING.includes(each));
/** Accepts for all of 127.46.1.0/24: each shard sees a quarter of it. */
const DEVICE = { address: "127.46.99.1", subnet: "127.46.1.0/24" };

const PATIENCE = "--timeout 300ms --retries 0 --rpc-timeout 500ms --count 1";

/** A documented script, for our block. */
function forOurBlock(script: string): string {
  expect(script).toContain(DOCUMENTED);
  return script.replaceAll(DOCUMENTED, BLOCK);
}

/** Values of a YAML file, by their paths. */
function yamlOf(file: string, ...paths: readonly string[]): unknown[] {
  const script = `import json, sys, yaml
from functools import reduce
document = yaml.safe_load(open(sys.argv[1]))
step = lambda at, key: at[int(key)] if isinstance(at, list) else at[key]
print(json.dumps([reduce(step, path.split("."), document) for path in sys.argv[2:]]))`;
  const said = execFileSync(SYSTEM_PYTHON, ["-c", script, file, ...paths], { encoding: "utf8" });
  const values: unknown = JSON.parse(said);
  return Array.isArray(values) ? values : [];
}

describe.skipIf(needsNetwork("parallel", "yaml").skip)("four shards, as the documents share them out", () => {
  let network: Network;
  let host: Host;
  let one: SweepReport;
  let dir: string;
  const peers = new Peers();

  beforeAll(async () => {
    ({ network, host } = await buildBlock({ serving: SERVING, dropped: DROPPED, device: DEVICE }, peers));
    one = await sweepReport(host, [BLOCK, "--rate", "0", ...PATIENCE.split(" ")]);
    dir = await makeServerDir("shards");
    // The documents say `kmsprobe`, and leave patience to the default, which waits longer than a test should.
    const wrapper = join(dir, "kmsprobe");
    const added = `[ "$1" = sweep ] && set -- "$@" ${PATIENCE}`;
    writeFileSync(wrapper, `#!/bin/sh\n${added}\nexec ${process.execPath} ${PROGRAM} "$@"\n`);
    chmodSync(wrapper, 0o755);
  });

  afterAll(async () => {
    await peers.stop();
    network.remove();
    await removeServerDir(dir);
  });

  /** Runs a script with `kmsprobe` on its PATH, in a folder of its own. */
  function runShell(shell: string, script: string, env: Readonly<Record<string, string>> = {}): string {
    const set = Object.entries({ PATH: `${dir}:${process.env["PATH"] ?? ""}`, HOME: dir, ...env });
    const pairs = set.map(([name, value]) => `${name}=${value}`);
    return host.run(["env", "-i", `--chdir=${dir}`, ...pairs, shell, "-c", script]);
  }

  /** `kmsprobe merge` ends with 0 where everything was looked at and something serves. */
  function merged(parts: string): SweepReport {
    return sweepReportSchema.parse(JSON.parse(runShell("sh", `kmsprobe merge ${parts} --format json`)));
  }

  function expectOneRun(report: SweepReport): void {
    expect(report.shards).toEqual([1, 2, 3, 4].map((index) => ({ index, count: 4 })));
    expect(report.coverage).toMatchObject({ complete: true, gaps: [], covered: one.coverage.planned });
    expect(report.serving).toBe(SERVING.length);
    expect(gistOf(report)).toEqual(gistOf(one));
  }

  test("one run finds the device once, and the hosts", () => {
    expect(one.middleboxes.map(({ subnet }) => subnet)).toEqual(["127.46.1.0/24"]);
    expect(one.hosts.filter(({ verdict }) => verdict.serves)).toHaveLength(SERVING.length);
  });

  test("GNU parallel", () => {
    const readme = readFileSync(join(DOCS, "README.md"), "utf8");
    const [, command] = /^## GNU parallel.*?^```sh\n(.*?)^```$/ms.exec(readme) ?? [];
    if (command === undefined) throw new Error("the README has no command for GNU parallel");
    runShell("sh", forOurBlock(command));
    expectOneRun(sweepReportSchema.parse(JSON.parse(readFileSync(join(dir, "report.json"), "utf8"))));
    // In any order, and a part twice.
    expectOneRun(merged("part3.ndjson part1.ndjson part4.ndjson part2.ndjson part1.ndjson"));
  });

  test("a part that is missing is a gap with a name", () => {
    const script =
      "kmsprobe merge part1.ndjson part2.ndjson part4.ndjson --format json > gap.json || echo $?";
    expect(runShell("sh", script)).toBe("3\n");
    const report = sweepReportSchema.parse(JSON.parse(readFileSync(join(dir, "gap.json"), "utf8")));
    const { complete, gaps, covered, planned } = report.coverage;
    expect(complete).toBe(false);
    expect(gaps).toMatchObject([{ shard: { index: 3, count: 4 }, why: "shard-missing" }]);
    expect(covered + (gaps[0]?.addresses ?? 0)).toBe(planned);
  });

  test("the indexed Job of Kubernetes", () => {
    const job = join(DOCS, "job.yaml");
    const [args, completions] = yamlOf(job, "spec.template.spec.containers.0.args", "spec.completions");
    expect(completions).toBe(4);
    if (!Array.isArray(args) || typeof args[0] !== "string") throw new Error("the Job has no script");
    // Four pods at a time, each with a volume and a log of its own.
    const pod = args[0].replace("/state/", "$POD/");
    const start = '{ mkdir $POD; sh -c "$SCRIPT" > $POD.ndjson; echo $? > $POD/code; } &';
    const pods = [0, 1, 2, 3].map(
      (index) => `export POD=pod${index} JOB_COMPLETION_INDEX=${index}\n${start}\n`,
    );
    runShell("sh", `${pods.join("")}wait`, { SCRIPT: forOurBlock(pod) });
    expect(runShell("sh", "cat pod?/code")).toBe("0\n0\n0\n0\n");
    expectOneRun(merged("pod?.ndjson"));
  });

  test("the array job of Slurm", () => {
    const script = readFileSync(join(DOCS, "sweep.sbatch"), "utf8");
    expect(script).toMatch(/^#!\/bin\/bash\n/);
    expect(script).toMatch(/^#SBATCH --array=1-4$/m);
    runShell("sh", "rm -f part*");
    const tasks = [1, 2, 3, 4].map((task) => `SLURM_ARRAY_TASK_ID=${task} bash -c "$SCRIPT" &\n`);
    runShell("sh", `${tasks.join("")}wait`, { SCRIPT: forOurBlock(script), SLURM_ARRAY_TASK_COUNT: "4" });
    expectOneRun(merged("part?.ndjson"));
  });
});
