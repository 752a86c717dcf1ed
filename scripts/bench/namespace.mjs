// Network namespaces of this process: they go with it, and what a killed run left is removed by the next one.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

const PREFIX = "kmsprobe-bench-";
const made = new Set();

process.once("exit", () => {
  for (const namespace of made) namespace.remove();
});
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
]) {
  process.once(signal, () => process.exit(code));
}

function command(program, args, input = "") {
  return execFileSync(program, args, { input, encoding: "utf8", stdio: "pipe" });
}

/** Throws where this is not root on Linux, with what to do. */
export function requireRoot() {
  if (process.platform !== "linux" || process.getuid() !== 0) {
    throw new Error("this needs root on Linux, for network namespaces: sudo npm run bench:sweep");
  }
}

export class Namespace {
  constructor(name) {
    removeStale();
    this.name = `${PREFIX}${process.pid}-${name}`;
    command("ip", ["netns", "add", this.name]);
    made.add(this);
    this.ip("link set lo up");
    // Nothing learned in one run helps the next one, and errors are told without a limit.
    this.sysctl("net.ipv4.tcp_no_metrics_save=1", "net.ipv4.icmp_ratelimit=0");
  }

  /** Put before a program's own words to run it in here, at the cost of a millisecond. */
  get wrapper() {
    return ["nsenter", `--net=/run/netns/${this.name}`];
  }

  /** ip(8) commands, one a string. */
  ip(...lines) {
    command("ip", ["-n", this.name, "-batch", "-"], `${lines.join("\n")}\n`);
  }

  sysctl(...settings) {
    command("ip", ["netns", "exec", this.name, "sysctl", "-qw", ...settings]);
  }

  /**
   * Replaces the firewall. On loopback every packet, of either direction, comes in once.
   *
   * @param dropped addresses whose port 1688 says nothing
   * @param lossy addresses to and from which one packet in ten is lost
   */
  firewall({ dropped = [], lossy = [] }) {
    const rules = `table ip bench
delete table ip bench
table ip bench {
${addressSet("dropped", dropped)}
${addressSet("lossy", lossy)}
chain input {
  type filter hook input priority filter
  tcp dport 1688 ip daddr @dropped drop
  ip daddr @lossy numgen random mod 10 == 0 drop
  ip saddr @lossy numgen random mod 10 == 0 drop
}
}
`;
    command("ip", ["netns", "exec", this.name, "nft", "-f", "-"], rules);
  }

  remove() {
    made.delete(this);
    try {
      command("ip", ["netns", "delete", this.name]);
    } catch {
      // Another run may have removed it at the same moment.
    }
  }
}

function addressSet(name, addresses) {
  const elements = addresses.length > 0 ? `elements = { ${addresses.join(", ")} };` : "";
  return `set ${name} { type ipv4_addr; ${elements} }`;
}

function removeStale() {
  const there = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  for (const name of there) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) command("ip", ["netns", "delete", name]);
  }
}
