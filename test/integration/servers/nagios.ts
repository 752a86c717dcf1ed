import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programPath } from "./available.ts";
import { makeServerDir, startProcess } from "./process.ts";

/** What a plugin prints and ends with. */
export type Plugin = { text: string; code: number };
/** What the core made of it. `state` is 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export type Checked = { state: number; output: string; long: string; performance: string };

/** What services need around them: the host, whom to tell, and when. The core does not start without somebody to tell. */
const AROUND = `
define command {
  command_name nothing
  command_line /bin/true
}
define contact {
  contact_name nobody
  host_notification_period 24x7
  service_notification_period 24x7
  host_notification_commands nothing
  service_notification_commands nothing
}
define contactgroup {
  contactgroup_name admins
  members nobody
}
define timeperiod {
  timeperiod_name 24x7
  alias always
${["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"].map((day) => `  ${day} 00:00-24:00\n`).join("")}}
define host {
  host_name jump1
  address 127.0.0.1
  max_check_attempts 1
  active_checks_enabled 0
  check_period 24x7
  contacts nobody
  notification_period 24x7
}
`;

/** Writes the configuration of a core with these objects. @returns its main file */
export function configureNagios(dir: string, objects: string): string {
  mkdirSync(join(dir, "results"));
  writeFileSync(join(dir, "objects.cfg"), `${AROUND}\n${objects}`);
  writeFileSync(join(dir, "nagios.cfg"), settings(dir));
  return join(dir, "nagios.cfg");
}

/**
 * Runs a core until it has checked so many services, once each, and reads its status file. Needs root, as whom the core
 * runs here; it opens no socket but one in its own directory, and asks nobody for updates.
 */
export async function runNagios(dir: string, file: string, services: number): Promise<Checked[]> {
  let checked: Checked[] = [];
  const core = await startProcess({
    command: programPath("nagios4"),
    args: [file],
    dir,
    deadlineMs: 40_000,
    ready: () => {
      checked = readStatus(join(dir, "status.dat"));
      return checked.length === services;
    },
  });
  await core.stop();
  return checked;
}

/** Has Nagios Core run each of these plugins as an active check. */
export async function checkedByNagios(plugins: readonly Plugin[]): Promise<Checked[]> {
  const dir = await makeServerDir("nagios");
  plugins.forEach(({ text, code }, index) => {
    writeFileSync(join(dir, `${index}.txt`), text);
    writeFileSync(join(dir, `${index}.sh`), `#!/bin/sh\ncat ${dir}/${index}.txt\nexit ${code}\n`);
    chmodSync(join(dir, `${index}.sh`), 0o755);
  });
  const file = configureNagios(dir, plugins.map((_, index) => serviceOf(dir, index)).join(""));
  return await runNagios(dir, file, plugins.length);
}

function settings(dir: string): string {
  return Object.entries({
    cfg_file: `${dir}/objects.cfg`,
    log_file: `${dir}/nagios.log`,
    object_cache_file: `${dir}/objects.cache`,
    precached_object_file: `${dir}/objects.precache`,
    status_file: `${dir}/status.dat`,
    temp_file: `${dir}/nagios.tmp`,
    temp_path: dir,
    lock_file: `${dir}/nagios.lock`,
    check_result_path: `${dir}/results`,
    query_socket: `${dir}/nagios.qh`,
    command_file: `${dir}/nagios.cmd`,
    nagios_user: "root",
    nagios_group: "root",
    check_external_commands: 0,
    check_for_updates: 0,
    bare_update_check: 0,
    enable_notifications: 0,
    enable_event_handlers: 0,
    execute_host_checks: 0,
    retain_state_information: 0,
    use_syslog: 0,
    check_workers: 2,
    // The first check comes at once.
    service_inter_check_delay_method: "n",
    service_interleave_factor: 1,
    max_service_check_spread: 1,
    interval_length: 1,
    status_update_interval: 1,
    check_result_reaper_frequency: 1,
    sleep_time: 0.1,
    illegal_macro_output_chars: "`~$&|'\"<>",
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

function serviceOf(dir: string, index: number): string {
  return `define command {
  command_name plugin-${index}
  command_line ${dir}/${index}.sh
}
define service {
  host_name jump1
  service_description ${String(index).padStart(4, "0")}
  check_command plugin-${index}
  check_period 24x7
  check_interval 600
  retry_interval 600
  max_check_attempts 1
  contacts nobody
  notification_period 24x7
  notification_interval 600
}
`;
}

/** Those services that were checked, in their order. */
function readStatus(file: string): Checked[] {
  if (!existsSync(file)) return [];
  const blocks = readFileSync(file, "utf8")
    .split(/^servicestatus \{$/m)
    .slice(1);
  return blocks
    .map((block) => {
      const end = block.search(/^\t?\}$/m);
      const lines = block.slice(0, end).split("\n");
      // The status file is lines of name=value; the value may hold anything but a line end.
      return new Map(
        lines.map((line) => {
          const [name = "", ...value] = line.trimStart().split("=");
          return [name, value.join("=")];
        }),
      );
    })
    .filter((fields) => fields.get("has_been_checked") === "1")
    .toSorted((a, b) =>
      (a.get("service_description") ?? "").localeCompare(b.get("service_description") ?? ""),
    )
    .map((fields) => ({
      state: Number(fields.get("current_state")),
      output: fields.get("plugin_output") ?? "",
      long: fields.get("long_plugin_output") ?? "",
      performance: fields.get("performance_data") ?? "",
    }));
}
