import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { needs, programPath, SYSTEM_PYTHON } from "./servers/available.ts";
import { run } from "./support/kmsprobe.ts";

const DOCS = fileURLToPath(new URL("../../docs/sharing-a-sweep/", import.meta.url));
const files = readdirSync(DOCS);

function textOf(file: string): string {
  return readFileSync(join(DOCS, file), "utf8");
}

/** As JSON, by a parser that is not ours. */
function yaml(file: string): unknown {
  const script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
  return JSON.parse(execFileSync(SYSTEM_PYTHON, ["-c", script, join(DOCS, file)], { encoding: "utf8" }));
}

// What the examples do is tested where they are run: test/e2e/sweep-shards.test.ts.
describe("the examples of sharing a sweep", () => {
  test("are all spoken of", () => {
    const readme = textOf("README.md");
    for (const file of files.filter((name) => name !== "README.md")) expect(readme).toContain(`(${file})`);
  });

  test("use options that there are", async () => {
    const { stdout: sweep } = await run(["sweep", "--help"]);
    const { stdout: merge } = await run(["merge", "--help"]);
    const known = new Set(`${sweep}${merge}`.match(/--[a-z][a-z-]+/g));
    const foreign = ["--tail", "--timeout", "--for", "--parsable", "--dependency", "--wrap", "--sshlogin"];
    const slurm = [...textOf("sweep.sbatch").matchAll(/^#SBATCH (--[a-z-]+)/gm)].map(
      ([, option]) => option ?? "",
    );
    const used = files.flatMap((file) => textOf(file).match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []);
    expect(used.length).toBeGreaterThan(20);
    const unknown = used.filter((option) => ![...known, ...foreign, ...slurm].includes(option));
    expect(unknown).toEqual([]);
  });

  test.skipIf(needs("bash", "shellcheck").skip)("the Slurm script is a script without traps", () => {
    const script = join(DOCS, "sweep.sbatch");
    execFileSync(programPath("bash"), ["-n", script]);
    expect(execFileSync(programPath("shellcheck"), [script], { encoding: "utf8" })).toBe("");
  });

  test.skipIf(needs("yaml").skip)("the Job is indexed, and has as many pods as shards", () => {
    const shards = Number(
      /--shard "\$\(\(JOB_COMPLETION_INDEX \+ 1\)\)\/(\d+)"/.exec(textOf("job.yaml"))?.[1],
    );
    expect(yaml("job.yaml")).toMatchObject({
      apiVersion: "batch/v1",
      kind: "Job",
      spec: {
        completionMode: "Indexed",
        completions: shards,
        parallelism: shards,
        template: { spec: { restartPolicy: "OnFailure", containers: [{ command: ["/bin/sh", "-c"] }] } },
      },
    });
    // The README's loop asks each of them for its part.
    const [, indexes = ""] = /for index in ([\d ]+);/.exec(textOf("README.md")) ?? [];
    expect(indexes.split(" ").map(Number)).toEqual(Array.from({ length: shards }, (_, index) => index));
  });

  test.skipIf(needs("yaml").skip)("the play gives each host of the group its shard", () => {
    expect(yaml("sweep.yml")).toMatchObject([
      {
        hosts: "sweepers",
        tasks: [
          {
            "ansible.builtin.command": {
              argv: expect.arrayContaining(["sweep", "--shard", "{{ shard }}/{{ shards }}"]),
            },
          },
          { "ansible.builtin.fetch": { flat: true } },
        ],
      },
      { hosts: "localhost" },
    ]);
  });
});
