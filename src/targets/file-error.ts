import { errnoOf } from "../errno.ts";
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
  EDQUOT: "this user's quota of disk space is used up: name another place",
  EFBIG: "it would be larger than a file may be here: raise ulimit -f, or name another place",
  EIO: "the device failed, or what it holds can't be read: name another file",
  ELOOP: "its symbolic links lead in a circle: check the path",
  ENAMETOOLONG: "the name is longer than the file system permits: name another file",
  ENXIO: "there is nothing behind that device: name a file",
  ENODEV: "there is nothing behind that device: name a file",
  EMFILE: "this process has no descriptors left: raise ulimit -n",
  ENFILE: "this machine has no descriptors left",
  EINTR: "interrupted while nobody was at the other end of that pipe",
};

/** Those are troubles of this machine, not of what the user wrote. */
const OURS = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EMFILE", "ENFILE", "EIO"]);

/** @param action such as `can't read the list hosts.txt`: it ends with the file's name */
export function fileError(action: string, error: unknown): Error {
  if (action.endsWith(" "))
    return new UsageError(`${action}'': that names no file: is a variable of a script empty?`);
  const errno = errnoOf(error, "unknown error");
  const message = `${action} (${errno}): ${REASONS[errno] ?? "check the path"}`;
  if (errno === "EINTR") return new Interrupted(message);
  return OURS.has(errno) ? new CannotRun(message) : new UsageError(message);
}
