import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { needs, SYSTEM_PYTHON } from "./servers/available.ts";
import { run } from "./support/kmsprobe.ts";
import { resultOf, runVerify, statusesOf } from "./support/verify.ts";
import { startOffice } from "./verify-docs/office.ts";
import type { Office } from "./verify-docs/office.ts";

const DOCS = fileURLToPath(new URL("../../docs/verifying-in-ci/", import.meta.url));
const SCHEMA = fileURLToPath(new URL("../../schema/policy-v1.json", import.meta.url));
const KINDS = ["serve", "closed", "latency", "listed", "agree", "clock", "permitted", "lint"];
const files = readdirSync(DOCS);

function textOf(file: string): string {
  return readFileSync(join(DOCS, file), "utf8");
}

const policy = textOf("policy.yaml");
const { places } = z.object({ places: z.record(z.string(), z.unknown()) }).parse(parse(policy));

describe("the ready-made jobs", () => {
  test("are all spoken of", () => {
    const readme = textOf("README.md");
    for (const file of files.filter((name) => name !== "README.md")) expect(readme).toContain(`(${file})`);
  });

  test("use options that there are", async () => {
    const { stdout } = await run(["verify", "--help"]);
    const known = new Set(stdout.match(/--[a-z][a-z-]+/g));
    // Of npx, useradd and node_exporter; and where a comment speaks of another program.
    const foreign = ["--yes", "--system", "--no-create-home", "--shell", "--collector", "--now"];
    const used = files.flatMap((file) => textOf(file).match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []);
    expect(used.length).toBeGreaterThan(30);
    expect(used.filter((option) => ![...known, ...foreign].includes(option))).toEqual([]);
  });
});

describe("the example policy", () => {
  test.each(Object.keys(places))("reads without a mistake for %s", async (place) => {
    const { code, stdout, stderr } = await run([
      "verify",
      join(DOCS, "policy.yaml"),
      "--dry-run",
      "--place",
      place,
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("nothing was touched");
  });

  test("shows every kind of expectation", () => {
    for (const kind of KINDS) expect(policy).toMatch(new RegExp(`^ +${kind}:$`, "m"));
  });

  test.skipIf(needs("jsonschema", "yaml").skip)("is what the published schema describes", () => {
    const script = `
import json, sys, yaml, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
for error in jsonschema.Draft202012Validator(schema).iter_errors(yaml.safe_load(open(sys.argv[2]))):
    print(error.json_path, error.message)`;
    const said = execFileSync(SYSTEM_PYTHON, ["-c", script, SCHEMA, join(DOCS, "policy.yaml")], {
      encoding: "utf8",
    });
    expect(said).toBe("");
  });
});

describe.skipIf(needs("linux").skip)("the example policy, where the network is as it says", () => {
  let office: Office;

  beforeAll(async () => {
    office = await startOffice();
  });
  afterAll(async () => {
    await office.stop();
  });

  /** Both of the jump host's networks are loopback here. */
  const here = policy.replace("10.20.0.0/16", "127.0.0.0/8").replace("10.40.0.0/16", "127.0.0.0/8");
  const settings = (): string[] => office.settings.flatMap((setting) => ["--set", setting]);

  test.each(Object.keys(places))("holds at %s, and each of its expectations is judged", async (place) => {
    const verified = await runVerify(here, ["--place", place, ...settings()]);
    const statuses = Object.values(statusesOf(verified));
    expect(statuses.length).toBeGreaterThanOrEqual(7);
    expect(statuses.filter((status) => status !== "met")).toEqual([]);
    expect(verified.code).toBe(0);
  });

  test("fails where a host is gone, and in a branch only where both are", async () => {
    await office.turn(1, "off");
    const branch = await runVerify(here, ["--place", "branch", ...settings()]);
    const vpn = await runVerify(here, ["--place", "vpn", ...settings()]);
    await office.turn(1, "on");
    expect([branch.code, resultOf(branch, "one-host-serves").status]).toEqual([0, "met"]);
    expect([vpn.code, resultOf(vpn, "hosts-serve").status]).toEqual([1, "failed"]);
  });
});
