/** Where the file of a user's defaults lies. */
import path from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `named`: by KMSPROBE_CONFIG, and then it has to be there. */
export type Location = { file: string; named: boolean };

/** What reads as an empty file, by its name on either system: it means that there is to be none. */
const NO_FILE = new Set(["/dev/null", "nul", "\\\\.\\nul"]);

/**
 * KMSPROBE_CONFIG, else the folder for the like: %APPDATA% on Windows, XDG_CONFIG_HOME or ~/.config elsewhere.
 *
 * Never the current folder: what is unpacked or checked out there must not change what is asked.
 * @returns null where there is to be none, or no such folder is known
 */
export function configLocation(env: Environment, platform: NodeJS.Platform): Location | null {
  const named = env["KMSPROBE_CONFIG"];
  if (named !== undefined && named !== "")
    return NO_FILE.has(named.toLowerCase()) ? null : { file: named, named: true };
  const way = platform === "win32" ? path.win32 : path.posix;
  const folder = folderOf(env, platform);
  return folder === null ? null : { file: way.join(folder, "kmsprobe", "config.yaml"), named: false };
}

/** A relative XDG_CONFIG_HOME counts for nothing (XDG Base Directory Specification). */
function folderOf(env: Environment, platform: NodeJS.Platform): string | null {
  if (platform === "win32") return absolute(env["APPDATA"], path.win32);
  const home = absolute(env["HOME"], path.posix);
  return (
    absolute(env["XDG_CONFIG_HOME"], path.posix) ?? (home === null ? null : path.posix.join(home, ".config"))
  );
}

function absolute(folder: string | undefined, way: path.PlatformPath): string | null {
  return folder !== undefined && way.isAbsolute(folder) ? folder : null;
}
