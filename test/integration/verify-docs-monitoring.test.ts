/** What monitoring reads of the documentation, read and run by the programs that it is for. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { needs, programPath } from "./servers/available.ts";
import { startNodeExporter } from "./servers/node-exporter.ts";
import { PROGRAM } from "./support/kmsprobe.ts";
import { runIcinga } from "./verify-docs/icinga.ts";
import { runDocumented } from "./verify-docs/nagios.ts";
import { policyFor, startOffice } from "./verify-docs/office.ts";
import type { Office, Wanted } from "./verify-docs/office.ts";
import { runProgram } from "./verify-docs/program.ts";
import type { Finished } from "./support/kmsprobe.ts";

const DOCS = fileURLToPath(new URL("../../docs/verifying-in-ci/", import.meta.url));
const INSTALLED = "/usr/local/bin/kmsprobe";

let office: Office;
let root: string;
let policy: string;

beforeAll(async () => {
  office = await startOffice();
});
afterAll(async () => {
  await office.stop();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "kmsprobe-monitoring-"));
  policy = join(root, "policy.yaml");
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function givePolicy(wanted: Wanted): Promise<void> {
  await writeFile(policy, policyFor(wanted, office));
}

/** A file of the documentation, with what is installed on a real machine where it is here. */
async function localised(file: string): Promise<string> {
  const text = await readFile(join(DOCS, file), "utf8");
  expect(text).toContain(INSTALLED);
  return text.replaceAll(INSTALLED, PROGRAM);
}

const monitored: [Wanted, number, string][] = [
  ["met", 0, "KMS OK - "],
  ["warned", 1, "KMS WARNING - "],
  ["failed", 2, "KMS CRITICAL - "],
  ["error", 3, "KMS UNKNOWN - "],
  ["mistaken", 3, "KMS UNKNOWN - "],
];

/** In seconds, as Icinga and kmsprobe write times. */
function seconds(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)([sm])$/.exec(text) ?? [];
  return Number(digits) * (unit === "m" ? 60 : 1);
}

describe.skipIf(needs("linux", "root", "icinga2", "unshare").skip)("Icinga 2", () => {
  test("has each outcome for the state that it is", async () => {
    const hosts = new Map<string, string>();
    for (const [wanted] of monitored) {
      const file = join(root, `${wanted}.yaml`);
      await writeFile(file, policyFor(wanted, office));
      // Two dollars are one in Icinga's language, where one begins a macro.
      const settings = `[ "note=a b", "other='$$(x)' | y" ]`;
      hosts.set(
        wanted,
        `vars.kms_place = "branch"\n  vars.kms_policy = "${file}"\n  vars.kms_set = ${settings}`,
      );
    }
    // Icinga spreads first checks over the interval.
    const conf = (await localised("icinga2.conf")).replace("check_interval = 15m", "check_interval = 1s");
    const { said, results } = await runIcinga(conf, hosts);
    expect(said).not.toMatch(/warning|critical/i);
    for (const [wanted, state, begins] of monitored) {
      const result = results.get(wanted);
      expect([wanted, result?.state]).toEqual([wanted, state]);
      expect(result?.output).toContain(begins);
      if (state < 3) expect(result?.performance).toContain("'hosts serving'=");
    }
  });

  test("says where a mistake is", async () => {
    const conf = await localised("icinga2.conf");
    const { said, results } = await runIcinga(
      conf.replace("check_interval", "check_intervall"),
      new Map([["jump1", 'vars.kms_place = "branch"']]),
    );
    expect([results.size, said]).toEqual([0, expect.stringContaining("check_intervall")]);
  });

  test("waits longer than kmsprobe does", async () => {
    const conf = await readFile(join(DOCS, "icinga2.conf"), "utf8");
    const timeout = seconds(/check_timeout = (\w+)/.exec(conf)?.[1] ?? "");
    const most = seconds(/vars\.kms_max_time = "(\w+)"/.exec(conf)?.[1] ?? "");
    expect(most).toBeGreaterThan(0);
    expect(timeout - most).toBeGreaterThanOrEqual(10);
  });
});

describe.skipIf(needs("linux", "root", "nagios4").skip)("Nagios", () => {
  test.each(monitored)("has a policy that is %s for state %i", async (wanted, state, begins) => {
    await givePolicy(wanted);
    const objects = (await localised("nagios.cfg")).replace(
      "!jump-host!/etc/kmsprobe/policy.yaml",
      `!branch!${policy}`,
    );
    const { said, service } = await runDocumented(objects);
    expect(said).toMatch(/Total Warnings: 0\nTotal Errors: {3}0/);
    expect(service?.state).toBe(state);
    expect(service?.output).toContain(begins);
    if (state < 3) expect(service?.performance).toContain("'hosts serving'=2;;;0;");
  });
});

describe.skipIf(needs("linux", "systemd-analyze").skip)("the systemd units", () => {
  test("are valid", async () => {
    const service = (await localised("kmsprobe-verify.service")).replaceAll(
      "/var/lib/prometheus/node-exporter",
      root,
    );
    await writeFile(join(root, "kmsprobe-verify.service"), service);
    const timer = await readFile(join(DOCS, "kmsprobe-verify.timer"), "utf8");
    await writeFile(join(root, "kmsprobe-verify.timer"), timer);
    const units = ["kmsprobe-verify.service", "kmsprobe-verify.timer"].map((name) => join(root, name));
    const analyze = programPath("systemd-analyze");
    const { code, stdout, stderr } = await runProgram(analyze, ["verify", ...units]);
    // What it says of other units of this machine is not about ours.
    expect(`${stdout}${stderr}`).not.toMatch(/kmsprobe/);
    expect(code).toBe(0);
    await writeFile(units[0] ?? "", service.replace("ProtectSystem=strict", "ProtectSystem=strickt"));
    expect((await runProgram(analyze, ["verify", ...units])).stderr).toContain("strickt");
    const when = /^OnCalendar=(.*)$/m.exec(timer)?.[1] ?? "";
    const { stdout: normalised } = await runProgram(analyze, ["calendar", "--iterations=3", when]);
    expect(normalised).toContain("*-*-* *:00/15:00");
  });

  test("let kmsprobe end before systemd ends it", async () => {
    const service = await readFile(join(DOCS, "kmsprobe-verify.service"), "utf8");
    const [, most = ""] = /--max-time=(\w+)/.exec(service) ?? [];
    const [, timeout = ""] = /^TimeoutStartSec=(\d+)min$/m.exec(service) ?? [];
    expect(Number(timeout) * 60 - seconds(most)).toBeGreaterThanOrEqual(30);
  });
});

function seriesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("kms_"));
}

function promtool(args: readonly string[], input = ""): Promise<Finished> {
  return runProgram(programPath("promtool"), args, { cwd: root, input });
}

/** Runs the service's own command line. */
async function runUnit(): Promise<Finished & { file: string }> {
  const service = await localised("kmsprobe-verify.service");
  const [, line = ""] = /^ExecStart=(.*)$/m.exec(service) ?? [];
  const folder = join(root, "node-exporter");
  await mkdir(folder, { recursive: true });
  const [command = "", ...args] = line
    .replace("/var/lib/prometheus/node-exporter", folder)
    .replace("/etc/kmsprobe/policy.yaml", policy)
    .split(" ");
  return { ...(await runProgram(command, args)), file: join(folder, "kmsprobe.prom") };
}

const labels = { instance: "jump1:9100", job: "node", policy: "KMS", place: "jump-host" };
const LABELS = Object.entries(labels)
  .map(([name, value]) => `${name}="${value}"`)
  .join();

/** A series of promtool's own notation, as node_exporter on jump1 has it. */
function series(name: string, more: string, values: string): { series: string; values: string } {
  return { series: `${name}{${LABELS}${more}}`, values };
}

const summaryOf = (severity: string, summary: string, description?: string, more = {}): object => ({
  exp_labels: { severity, ...labels, ...more },
  exp_annotations: { summary, ...(description === undefined ? {} : { description }) },
});

describe.skipIf(needs("linux", "prometheus-node-exporter").skip)("node_exporter", () => {
  test("keeps apart what two policies, and one at two places, write into one folder", async () => {
    const folder = join(root, "node-exporter");
    await mkdir(folder);
    const runs = [
      ["met", "jump-host", 1],
      ["failed", "jump-host", 0],
      ["failed", "branch", 0],
    ] as const;
    for (const [wanted, place] of runs) {
      const file = join(root, `${wanted}.yaml`);
      await writeFile(file, policyFor(wanted, office));
      const report = `--report=prometheus=${join(folder, `${wanted}-${place}.prom`)}`;
      await runProgram(process.execPath, [PROGRAM, "verify", "-q", `--place=${place}`, report, file]);
    }
    const exporter = await startNodeExporter(folder);
    const metrics = await (await fetch(`http://${exporter.address}:${exporter.port}/metrics`)).text();
    const said = exporter.output();
    await exporter.stop();
    const kept = metrics.split("\n").filter((line) => line.startsWith("kms_verify_success{"));
    const wanted = runs.map(
      ([policyIs, place, value]) =>
        `kms_verify_success{place="${place}",policy="${join(root, policyIs)}.yaml"} ${value}`,
    );
    expect(kept.toSorted()).toEqual(wanted.toSorted());
    const written = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
    );
    expect(seriesOf(metrics)).toHaveLength(written.flatMap(seriesOf).length);
    expect(metrics).toContain("node_textfile_scrape_error 0");
    expect(said).not.toMatch(/collected before|level=error/);
  });
});

describe.skipIf(needs("linux", "promtool").skip)("Prometheus", () => {
  test("gets a file that it reads, and the unit succeeds where a policy fails", async () => {
    await givePolicy("met");
    const met = await runUnit();
    expect([met.code, met.stdout]).toEqual([0, ""]);
    const { code, stdout, stderr } = await promtool(["check", "metrics"], await readFile(met.file, "utf8"));
    expect([code, stdout, stderr]).toEqual([0, "", ""]);
    await givePolicy("failed");
    const failed = await runUnit();
    const successes = /^SuccessExitStatus=(.*)$/m.exec(
      await readFile(join(DOCS, "kmsprobe-verify.service"), "utf8"),
    );
    expect(String(failed.code)).toBe(successes?.[1]);
    const metrics = await readFile(failed.file, "utf8");
    const run = `policy="${policy}",place="jump-host"`;
    expect(metrics).toContain(`\nkms_verify_expectations{${run},status="failed"} 1\n`);
    expect(metrics).toContain(`\nkms_verify_success{${run}} 0\n`);
  });

  test("finds the old file or the new one, whenever it reads", async () => {
    await givePolicy("met");
    const { file } = await runUnit();
    let before = (await stat(file)).ino;
    const seen = { reads: 0 };
    const runs = (async () => {
      // On a machine that is busy with others a run is read less often.
      for (let run = 0; run < 4 || seen.reads <= 20; run += 1) {
        await runUnit();
        // The old file is there until the new one takes its place.
        const after = (await stat(file)).ino;
        expect(after).not.toBe(before);
        before = after;
      }
    })();
    const ended = runs.then(() => true);
    while (!(await Promise.race([ended, new Promise<false>((r) => setTimeout(() => r(false), 1))]))) {
      const text = await readFile(file, "utf8");
      expect(text).toMatch(/^kms_verify_series_dropped\{.*\} 0$/m);
      const folder = await readdir(join(file, ".."));
      expect(folder.filter((name) => name.endsWith(".prom"))).toEqual(["kmsprobe.prom"]);
      seen.reads += 1;
    }
    expect(seen.reads).toBeGreaterThan(20);
    expect(await readdir(join(file, ".."))).toEqual(["kmsprobe.prom"]);
  });

  test("keeps the last file where a policy cannot be read", async () => {
    await givePolicy("met");
    const { file } = await runUnit();
    const text = await readFile(file, "utf8");
    await givePolicy("mistaken");
    expect((await runUnit()).code).toBe(2);
    expect(existsSync(file)).toBe(true);
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("takes the rules, and they speak of metrics that there are", async () => {
    const rules = await readFile(join(DOCS, "prometheus-rules.yml"), "utf8");
    const checked = await promtool(["check", "rules", join(DOCS, "prometheus-rules.yml")]);
    expect([checked.code, checked.stderr]).toEqual([0, ""]);
    await givePolicy("failed");
    const metrics = await readFile((await runUnit()).file, "utf8");
    const names = [...rules.matchAll(/\bkms_\w+/g)].map(([name]) => name);
    const known = [...metrics.matchAll(/^# TYPE (\w+) gauge$/gm)].map(([, name]) => name);
    // Without a baseline there is nothing that changed.
    expect([...new Set(names)].filter((name) => !known.includes(name))).toEqual(["kms_baseline_changes"]);
  });

  test("alerts on what fails, after a second look, and on what is no longer looked at", async () => {
    await writeFile(join(root, "rules.yml"), await readFile(join(DOCS, "prometheus-rules.yml"), "utf8"));
    const quiet = [
      series("kms_verify_expectations", ',status="failed"', "0x180"),
      series("kms_verify_expectations", ',status="error"', "0x180"),
    ];
    /** A file that is written anew every quarter of an hour, looked at every minute. */
    const fresh = Array.from({ length: 180 }, (_, minute) => Math.floor(minute / 15) * 900).join(" ");
    const renewed = series("kms_verify_timestamp_seconds", "", fresh);
    const alerts = [
      "KmsPolicyFails",
      "KmsPolicyUnchecked",
      "KmsVerifyStale",
      "KmsVerifyAbsent",
      "KmsHostDoesNotServe",
      "KmsWorseThanBaseline",
    ];
    /** At these minutes exactly these alerts, with their labels and the beginning of their summary left open. */
    const expecting = (minute: number, firing: Readonly<Record<string, object>>): object[] =>
      alerts.map((alertname) => ({
        eval_time: `${minute}m`,
        alertname,
        exp_alerts: alertname in firing ? [firing[alertname]] : [],
      }));
    const fails = summaryOf(
      "critical",
      "2 expectations of KMS about KMS fail, as seen from jump1:9100",
      "kms_verify_expectation_success == 0 names them; run kmsprobe verify there for causes and next steps.",
      { status: "failed" },
    );
    const cases = [
      { input_series: [renewed, ...quiet], alert_rule_test: expecting(170, {}) },
      {
        // One run fails: no alert; those after it do, too: one.
        input_series: [
          renewed,
          series("kms_verify_expectations", ',status="failed"', "0x29 2x14 0x44 2x60"),
          series("kms_verify_expectations", ',status="error"', "0x180"),
        ],
        alert_rule_test: [
          ...expecting(44, {}),
          ...expecting(89, {}),
          ...expecting(125, { KmsPolicyFails: fails }),
        ],
      },
      {
        input_series: [series("kms_verify_timestamp_seconds", "", "0x180"), ...quiet],
        alert_rule_test: [
          ...expecting(59, {}),
          ...expecting(62, {
            KmsVerifyStale: summaryOf(
              "warning",
              "No verification of KMS from jump1:9100 for over an hour",
              "See systemctl status kmsprobe-verify.timer kmsprobe-verify.service there.",
            ),
          }),
        ],
      },
      {
        input_series: [],
        alert_rule_test: [
          ...expecting(59, {}),
          ...expecting(61, {
            KmsVerifyAbsent: {
              exp_labels: { severity: "warning" },
              exp_annotations: { summary: "No machine verifies KMS" },
            },
          }),
        ],
      },
      {
        input_series: [
          renewed,
          ...quiet.slice(0, 1),
          series("kms_verify_expectations", ',status="error"', "1x180"),
          series("kms_baseline_changes", ',direction="worse"', "3x180"),
          series("kms_probe_stage_success", ',stage="rpc",host="kms1.corp.test",port="1688"', "0x180"),
        ],
        alert_rule_test: expecting(90, {
          KmsPolicyUnchecked: summaryOf(
            "warning",
            "1 expectations of KMS about KMS could not be checked from jump1:9100",
            "Nothing is known about them: they neither hold nor fail.",
            { status: "error" },
          ),
          KmsHostDoesNotServe: summaryOf(
            "warning",
            "kms1.corp.test:1688 would serve no client, as seen from jump1:9100",
            undefined,
            { stage: "rpc", host: "kms1.corp.test", port: "1688" },
          ),
          KmsWorseThanBaseline: summaryOf(
            "warning",
            "3 things about KMS in KMS are worse than the baseline, as seen from jump1:9100",
            undefined,
            { direction: "worse" },
          ),
        }),
      },
    ].map((each) => ({ interval: "1m", ...each }));
    await writeFile(
      join(root, "test.yml"),
      stringify({ rule_files: ["rules.yml"], evaluation_interval: "1m", tests: cases }),
    );
    const { code, stdout, stderr } = await promtool(["test", "rules", "test.yml"]);
    expect([stderr, stdout, code]).toEqual(["", expect.stringContaining("SUCCESS"), 0]);
  });
});
