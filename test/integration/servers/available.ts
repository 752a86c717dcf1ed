import { accessSync, constants, existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { delimiter, join } from "node:path";

/** Server programs live in sbin and libexec, which are not on the PATH of an ordinary user. */
const SERVER_DIRS = [
  "/usr/sbin",
  "/sbin",
  "/usr/local/sbin",
  "/usr/libexec/samba",
  "/usr/local/lib/kmsprobe-test-servers",
];

/** Debian's own Python: python3-impacket belongs to it, not to whatever `python3` comes first on the PATH. */
export const SYSTEM_PYTHON = "/usr/bin/python3";

/** What a test can need besides a program found by its name. */
const SPECIAL: Readonly<Record<string, () => boolean>> = {
  root: () => process.getuid?.() === 0,
  /** The whole of 127/8 on loopback, and /proc. */
  linux: () => process.platform === "linux",
  ipv6: () => Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1")),
  tun: () => existsSync("/dev/net/tun"),
  /** Its server, and the frontend that the installation unpacks; PostgreSQL is its database. */
  zabbix: () =>
    existsSync("/usr/sbin/zabbix_server") &&
    existsSync("/usr/local/lib/kmsprobe-test-servers/zabbix") &&
    existsSync("/usr/lib/postgresql/15/bin/postgres"),
  /** PyYAML of the system's Python. */
  yaml: () => existsSync(SYSTEM_PYTHON) && existsSync("/usr/lib/python3/dist-packages/yaml"),
  jsonschema: () => existsSync(SYSTEM_PYTHON) && existsSync("/usr/lib/python3/dist-packages/jsonschema"),
  "prometheus-client": () =>
    existsSync(SYSTEM_PYTHON) && existsSync("/usr/lib/python3/dist-packages/prometheus_client"),
  /** Filters of system calls, made with the system's Python. */
  seccomp: () =>
    process.platform === "linux" && ["x64", "arm64"].includes(process.arch) && existsSync(SYSTEM_PYTHON),
  impacket: () => existsSync(SYSTEM_PYTHON) && existsSync("/usr/lib/python3/dist-packages/impacket"),
  html5lib: () => existsSync(SYSTEM_PYTHON) && existsSync("/usr/lib/python3/dist-packages/html5lib"),
};

const warned = new Set<string>();

/** The absolute path of a program, or null when this machine has none. */
export function requireProgram(name: string): string | null {
  const dirs = [...(process.env["PATH"] ?? "").split(delimiter), ...SERVER_DIRS];
  return (
    dirs
      .filter((dir) => dir !== "")
      .map((dir) => join(dir, name))
      .find(isExecutable) ?? null
  );
}

/** The absolute path of a program that the test has already asked for with `needs`. */
export function programPath(name: string): string {
  const path = requireProgram(name);
  if (path === null) throw new Error(missingReason([name]));
  return path;
}

/**
 * Says whether a test can run on this machine: `describe.skipIf(needs("named").skip)(...)`.
 *
 * Besides program names it knows "root", "linux", "ipv6" (on loopback) and "impacket". On a developer's machine a
 * test that cannot run is skipped and the reason printed, once. With CI=true it throws: there a skipped test is a
 * hole nobody sees.
 */
export function needs(...things: readonly string[]): { skip: boolean; reason: string } {
  const missing = things.filter((thing) => !isThere(thing));
  if (missing.length === 0) return { skip: false, reason: "" };
  const reason = missingReason(missing);
  if (process.env["CI"] === "true") throw new Error(reason);
  if (!warned.has(reason)) console.warn(`skipped: ${reason}`);
  warned.add(reason);
  return { skip: true, reason };
}

function isThere(thing: string): boolean {
  return SPECIAL[thing]?.() ?? requireProgram(thing) !== null;
}

function missingReason(missing: readonly string[]): string {
  return `not on this machine: ${missing.join(", ")}; run scripts/install-test-servers.sh as root`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
