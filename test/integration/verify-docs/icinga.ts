import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "../servers/available.ts";
import { makeServerDir, removeServerDir, startProcess } from "../servers/process.ts";
import { runProgram } from "./program.ts";

/** A check result as Icinga's own writer of performance data has it. */
export type Result = { state: number; output: string; performance: string };

/** By name, what a host has besides, in Icinga's language. */
export type Hosts = ReadonlyMap<string, string>;

/** An Icinga in a directory of its own, as root and without its API; the one feature is a writer of what checks said. */
function settings(dir: string, hosts: Hosts): string {
  return `
const NodeName = "here"
const ZoneName = "here"
include <itl>
object CheckerComponent "checker" {}
object FileLogger "log" { severity = "information", path = "${dir}/icinga2.log" }
object PerfdataWriter "results" {
  service_perfdata_path = "${dir}/results/service"
  service_temp_path = "${dir}/results/service.tmp"
  host_perfdata_path = "${dir}/results/host"
  host_temp_path = "${dir}/results/host.tmp"
  rotation_interval = 1s
  service_format_template = "\\f$host.name$\\t$service.state_id$\\t$service.output$\\t$service.perfdata$"
}
include "${dir}/kms.conf"
${[...hosts].map(([name, vars]) => `object Host "${name}" {\n  check_command = "dummy"\n  ${vars}\n}\n`).join("")}`;
}

/**
 * Has Icinga 2 read this configuration (daemon -C), and then run the service of each host.
 *
 * In a namespace of processes: what it starts ends with it, and some of it would not otherwise.
 * @returns what -C said, and the first result of each host; none where the configuration has a mistake
 */
export async function runIcinga(
  configuration: string,
  hosts: Hosts,
): Promise<{ said: string; results: ReadonlyMap<string, Result> }> {
  const dir = await makeServerDir("icinga");
  for (const folder of ["results", "data", "cache", "run", "spool", "log"]) await mkdir(join(dir, folder));
  await writeFile(join(dir, "icinga2.conf"), settings(dir, hosts));
  await writeFile(join(dir, "kms.conf"), configuration);
  const command = programPath("icinga2");
  const places = {
    RunAsUser: "root",
    RunAsGroup: "root",
    ConfigDir: dir,
    DataDir: `${dir}/data`,
    LogDir: `${dir}/log`,
    CacheDir: `${dir}/cache`,
    InitRunDir: `${dir}/run`,
    SpoolDir: `${dir}/spool`,
    PidPath: `${dir}/run/icinga2.pid`,
    VarsPath: `${dir}/cache/icinga2.vars`,
    ObjectsPath: `${dir}/cache/icinga2.debug`,
    StatePath: `${dir}/data/icinga2.state`,
    ModAttrPath: `${dir}/data/modified-attributes.conf`,
  };
  const args = [
    "--config",
    join(dir, "icinga2.conf"),
    ...Object.entries(places).map(([name, value]) => `-D${name}=${value}`),
  ];
  const { code, stdout } = await runProgram(command, ["daemon", "--validate", ...args]);
  if (code !== 0) {
    await removeServerDir(dir);
    return { said: stdout, results: new Map() };
  }
  let results: ReadonlyMap<string, Result> = new Map();
  const daemon = await startProcess({
    command: programPath("unshare"),
    args: ["--pid", "--fork", "--kill-child=KILL", command, "daemon", ...args],
    dir,
    deadlineMs: 50_000,
    ready: () => {
      results = resultsIn(join(dir, "results"));
      return results.size === hosts.size;
    },
  });
  await daemon.stop();
  return { said: stdout, results };
}

/** The writer moves a file aside every second; an output may have several lines. */
function resultsIn(dir: string): Map<string, Result> {
  const files = readdirSync(dir).filter((name) => /^service\.\d+$/.test(name));
  const records = files.flatMap((name) => readFileSync(join(dir, name), "utf8").split("\f").slice(1));
  return new Map(
    records.toReversed().map((record) => {
      const [host = "", state, output = "", performance = ""] = record.split("\t");
      return [host, { state: Number(state), output, performance }];
    }),
  );
}
