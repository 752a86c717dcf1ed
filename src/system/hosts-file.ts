import fs from "node:fs/promises";
import path from "node:path";
import { ipFamily } from "../protocol/ip.ts";

export type HostsEntry = { address: string; names: string[] };

export const HOSTS_PATH =
  process.platform === "win32"
    ? path.join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", "drivers", "etc", "hosts")
    : "/etc/hosts";

/** Every address and its names, in file order. A missing file is an empty one. */
export async function readHostsFile(file = HOSTS_PATH): Promise<HostsEntry[]> {
  try {
    return parseHosts(await fs.readFile(file, "utf8"));
  } catch {
    return [];
  }
}

/** Lines that are none are passed over, as the system does. Names are in lower case, without a final dot. */
export function parseHosts(text: string): HostsEntry[] {
  return text.split("\n").flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/s, "").trim().split(/\s+/);
    if (address === undefined || ipFamily(address) === 0 || names.length === 0) return [];
    return [{ address, names: names.map((name) => name.toLowerCase().replace(/\.$/, "")) }];
  });
}

/** All addresses of a name, each once, in the order of the file. */
export function addressesOf(entries: readonly HostsEntry[], name: string): string[] {
  const wanted = name.toLowerCase().replace(/\.$/, "");
  return [...new Set(entries.filter((entry) => entry.names.includes(wanted)).map((entry) => entry.address))];
}
