import { programPath } from "../servers/available.ts";
import { configureNagios, runNagios } from "../servers/nagios.ts";
import type { Checked } from "../servers/nagios.ts";
import { makeServerDir, removeServerDir } from "../servers/process.ts";
import { runProgram } from "./program.ts";

/**
 * Has Nagios Core check these objects (nagios4 -v) and then run their one service.
 * @returns what -v said, and the service as it was after its first check
 */
export async function runDocumented(objects: string): Promise<{ said: string; service: Checked | null }> {
  const dir = await makeServerDir("nagios-docs");
  const file = configureNagios(dir, objects);
  const { code, stdout } = await runProgram(programPath("nagios4"), ["-v", file]);
  if (code !== 0) {
    await removeServerDir(dir);
    return { said: stdout, service: null };
  }
  const [service = null] = await runNagios(dir, file, 1);
  return { said: stdout, service };
}
