import fs from "node:fs";
import { recent } from "./recent.ts";

/**
 * How many descriptors this process may have: what `ulimit -Hn` says, since Node raises the soft limit to the hard one
 * at its start. Null where the system doesn't tell.
 */
export function descriptorLimit(): number | null {
  if (known !== undefined) return known;
  const [, limit] = /^Max open files\s+(\d+)/m.exec(read("/proc/self/limits")) ?? [];
  known = limit === undefined ? null : Number(limit);
  return known;
}

/** It stays as it is: an exporter asks many times a second. */
let known: number | null | undefined;

/** What one address may take: two connects, a bind beside the first, a look at the kernel's table. */
const DESCRIPTORS_EACH = 4;

/** For DNS, files and what loads late. */
const DESCRIPTORS_KEPT = 12;

/** How many addresses can be probed at a time with the descriptors that are left; at least one. */
export function addressesAtATime(): number {
  const limit = descriptorLimit();
  const open = openDescriptors();
  if (limit === null || open === null) return Infinity;
  return Math.max(1, Math.floor((limit - open - DESCRIPTORS_KEPT) / DESCRIPTORS_EACH));
}

/** Counting them takes a system call for each hundred or so. */
const COUNTED_MS = 100;

const openDescriptors = recent(COUNTED_MS, (): number | null => {
  try {
    return fs.readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
});

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
