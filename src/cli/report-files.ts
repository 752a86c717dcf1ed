/** Reports that go to files besides what is printed: `--report KIND=FILE`. */
import { statSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { errnoError } from "../errno.ts";
import { fileError } from "../targets/file-error.ts";
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";

/** `junit=out.xml`, or `json=-` for standard output, which `file` has as null. */
export type ReportFile<Kind extends string> = { kind: Kind; file: string | null };

/** @throws UsageError that names the kinds; `besides` is what may be written otherwise */
export function parseReportFile<Kind extends string>(
  text: string,
  kinds: readonly Kind[],
  besides = "",
): ReportFile<Kind> {
  const [, name = "", file = ""] = /^([a-z]+)=(.+)$/s.exec(text) ?? [];
  const kind = kinds.find((each) => each === name);
  if (kind === undefined) {
    throw new UsageError(
      `--report '${show(text)}' is not KIND=FILE, as in junit=out.xml: kinds are ${kinds.join(", ")}${besides}`,
    );
  }
  return { kind, file: file === "-" ? null : file };
}

/**
 * Whether these files can be written, before anybody waits for what goes into them.
 * @param inputs are read, and never overwritten; `what` they are in a message
 */
export async function requireWritable(
  files: readonly string[],
  inputs: readonly { file: string; what: string }[],
): Promise<void> {
  const paths = files.map((file) => path.resolve(file));
  const twice = files.find((_, index) => paths.indexOf(paths[index] ?? "") !== index);
  if (twice !== undefined)
    throw new UsageError(`two things go to '${show(twice)}': give each a file of its own`);
  const written = new Set(files.map(fileIdentity).filter((is) => is !== null));
  for (const { file, what } of inputs) {
    if (file !== "-" && (paths.includes(path.resolve(file)) || written.has(fileIdentity(file) ?? "")))
      throw new UsageError(`'${show(file)}' is ${what}: name another file to write to`);
  }
  for (const file of files) {
    try {
      // Its folder would be the one that we are in.
      if (file === "") throw errnoError("ENOENT", "no name");
      const folder = await fs.stat(path.dirname(file));
      if (!folder.isDirectory()) throw errnoError("ENOTDIR", "no folder");
      const found = await fs.stat(file).catch(() => null);
      if (found?.isDirectory() === true) throw errnoError("EISDIR", "a folder");
      await fs.access(found === null ? path.dirname(file) : file, fs.constants.W_OK);
    } catch (error) {
      throw fileError(`can't write ${show(file)}`, error);
    }
  }
}

/** The same for all names of one file, a link's too; null where it is no file yet, or none that keeps what is written to it. */
export function fileIdentity(file: string): string | null {
  try {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    return found?.isFile() === true ? `${found.dev} ${found.ino}` : null;
  } catch {
    // Not there for us: whoever opens it says why.
    return null;
  }
}
