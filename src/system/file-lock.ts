import { spawnSync } from "node:child_process";

/** It is there in an instant: whatever takes longer is no flock that we know. */
const LIMIT_MS = 5_000;

/** What flock(1) says where another has the lock. */
const TAKEN = 1;

/**
 * Locks an open file for this process, until that is over or closes it, whichever way it ends.
 *
 * flock(1) of util-linux or busybox locks the descriptor that it is handed, and with it the open file that it shares
 * with us (flock(2)); Node itself can't. The lock is the kernel's: it holds between containers that share a folder, and
 * over NFS. `no-locks` where there is no such program, or the file system has no locks.
 */
export function lockOpenFile(descriptor: number): "locked" | "taken" | "no-locks" {
  const { status } = spawnSync("flock", ["-n", "-x", "3"], {
    stdio: ["ignore", "ignore", "ignore", descriptor],
    timeout: LIMIT_MS,
  });
  if (status === 0) return "locked";
  return status === TAKEN ? "taken" : "no-locks";
}
