/** What a name to write to stands for. */
import fs from "node:fs/promises";
import path from "node:path";
import { errnoError, errnoOf } from "../errno.ts";

/**
 * `standard`: this process's own output, as in `/dev/stdout`; `descriptor` another that it was started with. `direct`:
 * a pipe or a device, which is written to and stays. `file`: where the file is, links followed, and what is there now.
 */
export type Place =
  | { kind: "standard" }
  | { kind: "descriptor"; descriptor: number }
  | { kind: "direct" }
  | { kind: "file"; at: string; before: Before | null };

export type Before = { mode: number; uid: number; gid: number };

/** The number of links that a system follows, too. */
const MAX_LINKS = 40;

/**
 * What stands behind a file's name: standard output, a file yet to be made, a device that is written directly.
 * @throws what the file system says, with its errno
 */
export async function placeOf(file: string): Promise<Place> {
  const descriptor = descriptorOf(file);
  if (descriptor === 1) return { kind: "standard" };
  const found = await fs.stat(file).catch(missing);
  if (found === null) return { kind: "file", at: await behindLinks(file), before: null };
  if (found.isDirectory()) throw errnoError("EISDIR", "a folder");
  if (found.isFIFO()) return { kind: "direct" };
  if (descriptor !== null) return { kind: "descriptor", descriptor };
  if (!found.isFile()) return { kind: "direct" };
  const { mode, uid, gid } = found;
  return { kind: "file", at: await fs.realpath(file), before: { mode: mode & 0o7777, uid, gid } };
}

/** A folder that is no folder, or may not be entered, is told as it is; only what isn't there is missing. */
function missing(error: unknown): null {
  if (errnoOf(error) === "ENOENT") return null;
  throw error;
}

function descriptorOf(file: string): number | null {
  switch (file) {
    case "/dev/stdout":
      return 1;
    case "/dev/stderr":
      return 2;
    default: {
      const [, number] = /^(?:\/dev|\/proc\/self)\/fd\/(\d{1,9})$/.exec(file) ?? [];
      return number === undefined ? null : Number(number);
    }
  }
}

/** A link to a file that is not there yet: it will be there, and not in the link's place. */
async function behindLinks(file: string): Promise<string> {
  let at = file;
  for (let links = 0; links < MAX_LINKS; links++) {
    const target = await fs.readlink(at).catch(() => null);
    if (target === null) return at;
    at = path.resolve(path.dirname(at), target);
  }
  throw errnoError("ELOOP", "too many links");
}
