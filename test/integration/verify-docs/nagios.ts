import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "../servers/available.ts";
import { makeServerDir, removeServerDir, startProcess } from "../servers/process.ts";
import { runProgram } from "./program.ts";

/** A service as the core's status file has it. `state` is 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export type Service = { state: number; output: string; performance: string };

/** What a configuration needs around the documented one: the host, whom to tell, and when. */
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

/**
 * Has Nagios Core check these objects (nagios4 -v) and then run their one service, as root, without a socket outside of
 * its own directory.
 * @returns what -v said, and the service as it was after its first check
 */
export async function runNagios(objects: string): Promise<{ said: string; service: Service | null }> {
  const dir = await makeServerDir("nagios-docs");
  await mkdir(join(dir, "results"));
  await writeFile(join(dir, "objects.cfg"), `${AROUND}\n${objects}`);
  const file = join(dir, "nagios.cfg");
  await writeFile(file, settings(dir));
  const { code, stdout } = await runProgram(programPath("nagios4"), ["-v", file]);
  if (code !== 0) {
    await removeServerDir(dir);
    return { said: stdout, service: null };
  }
  let service: Service | null = null;
  const core = await startProcess({
    command: programPath("nagios4"),
    args: [file],
    dir,
    deadlineMs: 40_000,
    ready: () => {
      service = readService(join(dir, "status.dat"));
      return service !== null;
    },
  });
  await core.stop();
  return { said: stdout, service };
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
    illegal_macro_output_chars: "`~$&|'\"<>",
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

function readService(file: string): Service | null {
  if (!existsSync(file)) return null;
  const [, block = ""] = readFileSync(file, "utf8").split(/^servicestatus \{$/m);
  const field = (name: string): string => new RegExp(`^\\t${name}=(.*)$`, "m").exec(block)?.[1] ?? "";
  if (field("has_been_checked") !== "1") return null;
  return {
    state: Number(field("current_state")),
    output: field("plugin_output"),
    performance: field("performance_data"),
  };
}
