import { CannotRun, Interrupted, UsageError } from "./usage-error.ts";

/** What a file error means and what to do, by errno. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder: check the path",
  ENOTDIR: "a part of the path is no folder: check the path",
  EISDIR: "it is a folder: name a file",
  EACCES: "not permitted: check its owner and mode",
  EPERM: "not permitted: check its owner and mode",
  EROFS: "the file system is read-only: name another place",
  ENOSPC: "no space is left there: name another place",
  EMFILE: "this process has no descriptors left: raise ulimit -n",
  ENFILE: "this machine has no descriptors left",
  EINTR: "interrupted while nobody was at the other end of that pipe",
};

/** Those are troubles of this machine, not of what the user wrote. */
const OURS = new Set(["ENOSPC", "EMFILE", "ENFILE", "EIO"]);

/** @param action such as `can't read the list hosts.txt` */
export function fileError(action: string, error: unknown): Error {
  const errno = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  const message = `${action} (${errno}): ${REASONS[errno] ?? "check the path"}`;
  if (errno === "EINTR") return new Interrupted(message);
  return OURS.has(errno) ? new CannotRun(message) : new UsageError(message);
}
