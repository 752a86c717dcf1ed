/** What the user's own configuration says, before any command line is looked at. */
import fs from "node:fs";
import { errnoOf } from "../../errno.ts";
import type { SettingName, Value } from "../../config/config-file.ts";
import { configLocation } from "../../config/location.ts";
import type { Environment } from "../../config/location.ts";
import { SETTINGS } from "./settings.ts";

/** `where`: a file with its line, or a variable. */
export type Found = { value: Value; from: "file" | "environment"; where: string };

export type Configured = {
  /** Null where none is read; `fault`: the errno, where it is not there. */
  file: { path: string; fault: string | null } | null;
  found: ReadonlyMap<SettingName, Found>;
};

/**
 * The environment before the file.
 *
 * @throws UsageError where the file, or a variable, can't be understood; a file that is named has to be there
 */
export async function readConfigured(
  env: Environment,
  platform: NodeJS.Platform,
  signal?: AbortSignal,
): Promise<Configured> {
  const location = configLocation(env, platform);
  const found = new Map<SettingName, Found>();
  let file: Configured["file"] = null;
  if (location !== null) {
    const fault = location.named ? null : faultOf(location.file);
    file = { path: location.file, fault };
    if (fault === null) {
      const { readWritten } = await import("./read.ts");
      for (const { setting, value, line } of await readWritten(location, signal))
        found.set(setting, { value, from: "file", where: `${location.file}:${line}` });
    }
  }
  for (const { name, variable, parse } of SETTINGS) {
    const text = env[variable];
    if (text !== undefined && text !== "")
      found.set(name, { value: parse(text, variable), from: "environment", where: variable });
  }
  return { file, found };
}

/** One that nobody has written, or that lies where this user may not look, is none. */
function faultOf(file: string): string | null {
  try {
    fs.statSync(file);
    return null;
  } catch (error) {
    return errnoOf(error, "unreadable");
  }
}
