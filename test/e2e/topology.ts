/**
 * Machines, cables and firewalls as objects, built from network namespaces, veth pairs and nftables. Needs root.
 *
 * All of it lives in namespaces of this run: no interface, address or rule of the machine is touched. What a run
 * leaves behind that was killed is swept away by the next one.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { programPath } from "../integration/servers/available.ts";

/** Where a cable ends: a host, and the addresses its interface has, `10.71.1.10/24`. */
export type End = { host: Host; addresses: readonly string[] };

/** Rules by netfilter hook, each as nft(8) writes it: `{ forward: ["tcp dport 1688 drop"] }`. */
export type Rules = {
  readonly [Hook in "prerouting" | "input" | "forward" | "output" | "postrouting"]?: readonly string[];
} & {
  /** Before connection tracking. */
  readonly raw?: readonly string[];
  /** Address translation of what comes in. */
  readonly dnat?: readonly string[];
};

/** What chain a key of `Rules` stands for. */
const CHAINS: Readonly<Record<keyof Rules, string>> = {
  raw: "type filter hook prerouting priority raw",
  prerouting: "type filter hook prerouting priority filter",
  dnat: "type nat hook prerouting priority dstnat",
  input: "type filter hook input priority filter",
  forward: "type filter hook forward priority filter",
  output: "type filter hook output priority filter",
  postrouting: "type filter hook postrouting priority filter",
};

/** Every packet that is rejected gets its ICMP message, an address is usable at once, no test inherits round trips. */
const EVERYWHERE = {
  "net.ipv4.tcp_no_metrics_save": 1,
  "net.ipv4.icmp_ratelimit": 0,
  "net.ipv6.icmp.ratelimit": 0,
  "net.ipv6.conf.all.accept_dad": 0,
  "net.ipv6.conf.default.accept_dad": 0,
  "net.ipv6.conf.all.accept_ra": 0,
};

const ROUTER = { "net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1 };

/** One machine: a network namespace. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  /** Runs another program on this host: `spawn(wrapper[0], [...wrapper.slice(1), program])`. */
  readonly wrapper: readonly string[];

  constructor(name: string, namespace: string) {
    this.name = name;
    this.namespace = namespace;
    this.wrapper = [programPath("ip"), "netns", "exec", namespace];
    command("ip", ["netns", "add", namespace]);
    this.sysctl(EVERYWHERE);
    this.ip("link set lo up");
  }

  /** Runs a program on this host to its end and gives back what it said. Throws where it fails. */
  run([program = "", ...args]: readonly string[], input = ""): string {
    return command("ip", ["netns", "exec", this.namespace, programPath(program), ...args], input);
  }

  /** ip(8) commands, one a string: `route add blackhole 10.71.2.10/32`. */
  ip(...lines: readonly string[]): void {
    command("ip", ["-n", this.namespace, "-batch", "-"], `${lines.join("\n")}\n`);
  }

  sysctl(settings: Readonly<Record<string, string | number>>): void {
    const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    this.run(["sysctl", "-qw", ...pairs]);
  }

  /** Makes it a firewall with these rules, and no others. */
  firewall(rules: Rules): void {
    const chains = Object.entries(CHAINS).flatMap(([key, hook]) => {
      const lines = Object.entries(rules).find(([name]) => name === key)?.[1] ?? [];
      return lines.length === 0 ? [] : [`chain kp_${key} { ${hook}\n${lines.join("\n")}\n}`];
    });
    const table = `table inet kmsprobe {\n${chains.join("\n")}\n}`;
    this.run(["nft", "-f", "-"], `table inet kmsprobe\ndelete table inet kmsprobe\n${table}\n`);
  }

  /** Whether something listens on that TCP port, or has that UDP port open. */
  listens(port: number): boolean {
    return this.run(["ss", "-Hlntu"])
      .split("\n")
      .some((line) => line.split(/\s+/)[4]?.endsWith(`:${port}`));
  }
}

export class Network {
  readonly #prefix: string;
  readonly #hosts: Host[] = [];

  constructor() {
    if (networks.size === 0) installExitHandler();
    sweep();
    this.#prefix = `${OWN_PREFIX}${++made}-`;
    networks.add(this);
  }

  host(name: string): Host {
    const host = new Host(name, this.#prefix + name);
    this.#hosts.push(host);
    return host;
  }

  /** A host that passes on what is for others. */
  router(name: string): Host {
    const host = this.host(name);
    host.sysctl(ROUTER);
    return host;
  }

  /** Joins two hosts by a cable. Each sees it as an interface `to-` and the other's name. */
  cable(a: End, b: End): void {
    const [atA, atB] = [interfaceTo(b.host), interfaceTo(a.host)];
    const peer = ["type", "veth", "peer", "name", atB, "netns", b.host.namespace];
    command("ip", ["link", "add", atA, "netns", a.host.namespace, ...peer]);
    setUp(a.host, atA, a.addresses);
    setUp(b.host, atB, b.addresses);
  }

  /** Takes the firewalls down, everywhere. */
  permitAll(): void {
    for (const host of this.#hosts) host.firewall({});
  }

  /** The interfaces go with their namespaces, and a namespace with its last process: stop those before. */
  remove(): void {
    networks.delete(this);
    for (const { namespace } of this.#hosts) removeNamespace(namespace);
  }
}

/** The name of the interface towards a host. */
export function interfaceTo(host: Host): string {
  return `to-${host.name}`;
}

/** Gives an interface its addresses and brings it up. */
export function setUp(host: Host, device: string, addresses: readonly string[]): void {
  const lines = addresses.map((address) => {
    return `address add ${address} dev ${device}${address.includes(":") ? " nodad" : ""}`;
  });
  host.ip(...lines, `link set ${device} up`);
}

// ---------------------------------------------------------------------------------------------------------------
// Leaving no trace
// ---------------------------------------------------------------------------------------------------------------

const NAMESPACES = "/run/netns";
const networks = new Set<Network>();
let made = 0;

/** A pid can be given to a stranger; a pid with its start time cannot. */
const OWN_PREFIX = `kmsprobe-${process.pid}-${startTicksOf(process.pid)}-`;

function installExitHandler(): void {
  // vitest ends its workers with SIGTERM, and a process that dies of a signal has no "exit" event.
  process.once("SIGTERM", () => process.exit(143));
  process.once("exit", () => {
    for (const network of networks) network.remove();
  });
}

/** Removes what runs left behind that are no more, their processes first. */
export function sweep(): void {
  for (const namespace of namespaces()) {
    const [, pid, ticks] = /^kmsprobe-(\d+)-(\d+)-/.exec(namespace) ?? [];
    if (pid === undefined || startTicksOf(Number(pid)) === ticks) continue;
    for (const left of command("ip", ["netns", "pids", namespace]).split("\n").filter(Boolean)) {
      kill(Number(left));
    }
    removeNamespace(namespace);
  }
}

/** The namespaces of this process that are there. */
export function ownNamespaces(): string[] {
  return namespaces().filter((name) => name.startsWith(OWN_PREFIX));
}

function namespaces(): string[] {
  return existsSync(NAMESPACES) ? readdirSync(NAMESPACES) : [];
}

function removeNamespace(namespace: string): void {
  try {
    command("ip", ["netns", "delete", namespace]);
  } catch {
    // Another run may have swept it at the same moment.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ended by itself
  }
}

/** Field 22 of proc(5) stat. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function command(program: string, args: readonly string[], input = ""): string {
  try {
    return execFileSync(programPath(program), args, { input, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    throw new Error(`${program} ${args.join(" ")}\n${input}${said}`, { cause: error });
  }
}
