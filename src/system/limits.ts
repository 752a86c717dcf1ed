import fs from "node:fs";

/**
 * How many descriptors this process may have: what `ulimit -Hn` says, since Node raises the soft limit to the hard one
 * at its start. Null where the system doesn't tell.
 */
export function descriptorLimit(): number | null {
  const [, limit] = /^Max open files\s+(\d+)/m.exec(read("/proc/self/limits")) ?? [];
  return limit === undefined ? null : Number(limit);
}

/** This full, a connection table begins to drop what it should pass. */
export const CONNTRACK_FULL = 0.9;

/** How full the connection tracking of this machine's own firewall is, 0 to 1. Null where it has none. */
export function conntrackUse(): number | null {
  const count = Number.parseInt(read("/proc/sys/net/netfilter/nf_conntrack_count"), 10);
  const max = Number.parseInt(read("/proc/sys/net/netfilter/nf_conntrack_max"), 10);
  return count >= 0 && max > 0 ? count / max : null;
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
