import { parseIp } from "./ip-value.ts";
import type { IpValue } from "./ip-value.ts";
import { neverSwept } from "./never-swept.ts";
import { show } from "./parse.ts";
import type { IntervalTarget } from "./range.ts";

type Attributes = Readonly<Record<string, string>>;

/** One machine has a few. */
const MAX_ADDRESSES = 64;

/** There are no more ports than that to be listed as ranges. */
const MAX_PORT_RANGES = 65_536;

/** nmap's states of a port that a connect may find open. */
const OPEN = new Set(["open", "open|filtered"]);

type Host = {
  isUp: boolean;
  addresses: IpValue[];
  /** Whether nmap tells of its ports at all. */
  hasPorts: boolean;
  /** Whether a TCP port has an element of its own, be it swept or not. */
  listsTcp: boolean;
  /** By each listed TCP port that is swept: whether it may be open. */
  listed: Map<number, boolean>;
  /** Whether those may be that nmap counts, but does not list. */
  othersMayBeOpen: boolean;
};

/** Makes targets of what nmap says of hosts and their ports, as each host's element ends. */
export class NmapHosts {
  readonly #ports: readonly number[];
  readonly #add: (target: IntervalTarget) => void;
  /** Marks the TCP ports that nmap looked at; null where it does not say. */
  #scanned: Uint8Array | null = null;
  #scannedRanges = 0;
  #host: Host | null = null;
  /** The TCP port whose element is open; null in that of another protocol. */
  #port: number | null = null;
  #ended = 0;
  #closedHosts = 0;
  readonly #unscanned = new Set<number>();
  /** Addresses that are never swept, by what they are. */
  readonly #never = new Map<string, number>();

  /** @param ports that are to be swept */
  constructor(ports: readonly number[], add: (target: IntervalTarget) => void) {
    this.#ports = ports;
    this.#add = add;
  }

  /** Hosts whose element has ended. */
  get ended(): number {
    return this.#ended;
  }

  /**
   * @param path names of the open elements, this one's last
   * @returns what is wrong with it, or null
   */
  open(path: string, attributes: Attributes): string | null {
    if (path === "nmaprun/host") {
      this.#host = {
        isUp: true,
        addresses: [],
        hasPorts: false,
        listsTcp: false,
        listed: new Map(),
        othersMayBeOpen: false,
      };
      return null;
    }
    if (this.#host !== null) return this.#openWithin(this.#host, path, attributes);
    return path === "nmaprun/scaninfo" ? this.#openScanInfo(attributes) : null;
  }

  close(path: string): void {
    if (path !== "nmaprun/host" || this.#host === null) return;
    this.#ended += 1;
    if (this.#host.isUp) this.#take(this.#host);
    this.#host = null;
  }

  /** What the user would not expect, a clause each. */
  notes(): string[] {
    const notes = [...this.#never].map(
      ([what, times]) => `left out ${count(times, "address", "addresses")}: ${what}`,
    );
    const ports = this.#ports.length === 1 ? `port ${this.#ports[0]}` : "none of the ports";
    if (this.#closedHosts > 0) {
      const state = this.#ports.length === 1 ? "not open" : "open";
      notes.push(`left out ${count(this.#closedHosts, "host", "hosts")}: ${ports} ${state} by the scan`);
    }
    if (this.#unscanned.size > 0) {
      const [port] = this.#unscanned;
      const what = this.#unscanned.size === 1 ? `port ${port}` : count(this.#unscanned.size, "port", "ports");
      notes.push(`the scan did not look at ${what}: swept on every host that is up`);
    }
    return notes;
  }

  #openWithin(host: Host, path: string, attributes: Attributes): string | null {
    switch (path) {
      case "nmaprun/host/status":
        host.isUp = attributes["state"] === "up";
        return null;
      case "nmaprun/host/address":
        return openAddress(host, attributes);
      case "nmaprun/host/ports":
        host.hasPorts = true;
        return null;
      case "nmaprun/host/ports/extraports":
        host.othersMayBeOpen ||= OPEN.has(attributes["state"] ?? "");
        return null;
      case "nmaprun/host/ports/port": {
        const isTcp = attributes["protocol"] === "tcp";
        const text = attributes["portid"] ?? "";
        if (!/^\d{1,5}$/.test(text)) return `has a port '${show(text)}', which is none`;
        host.listsTcp ||= isTcp;
        this.#port = isTcp ? Number(text) : null;
        return null;
      }
      case "nmaprun/host/ports/port/state":
        if (this.#port !== null && this.#ports.includes(this.#port))
          host.listed.set(this.#port, OPEN.has(attributes["state"] ?? ""));
        return null;
      default:
        return null;
    }
  }

  /** `<scaninfo type="syn" protocol="tcp" numservices="3" services="22,1688-1689"/>` stands before the hosts. */
  #openScanInfo({ protocol, services = "" }: Attributes): string | null {
    if (services === "" || this.#ended > 0) return null;
    // A scan of UDP alone looked at no TCP port: an empty list is one, too.
    this.#scanned ??= new Uint8Array(65_536);
    if (protocol !== "tcp") return null;
    const ranges = services.split(",");
    this.#scannedRanges += ranges.length;
    if (this.#scannedRanges > MAX_PORT_RANGES) return "lists more ranges of ports than there are ports";
    for (const range of ranges) {
      const [, first = "", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? [];
      if (first === "") return `has a range of ports '${show(range)}', which is none`;
      this.#scanned.fill(1, Number(first), Number(last) + 1);
    }
    return null;
  }

  #take(host: Host): void {
    const wanted = this.#ports.filter((port) => this.#isWanted(host, port));
    if (wanted.length === 0) this.#closedHosts += 1;
    const ports = wanted.length === this.#ports.length ? [null] : wanted;
    for (const { family, value } of host.addresses) {
      const never = neverSwept({ family, first: value, last: value });
      if (never !== null) this.#never.set(never, (this.#never.get(never) ?? 0) + 1);
      else for (const port of ports) this.#add({ kind: "interval", family, first: value, last: value, port });
    }
  }

  /** A port that nmap did not look at may be open: only its word that it isn't spares a connect. */
  #isWanted(host: Host, port: number): boolean {
    const listed = host.listed.get(port);
    if (listed !== undefined) return listed;
    if (!host.hasPorts) return true;
    // masscan, which lists open ports alone, does not say what it looked at.
    if (this.#scanned === null) return !host.listsTcp;
    if (this.#scanned[port] === 1) return host.othersMayBeOpen;
    this.#unscanned.add(port);
    return true;
  }
}

function openAddress(host: Host, { addr = "", addrtype }: Attributes): string | null {
  if (addrtype === "mac") return null;
  const ip = parseIp(addr);
  if (ip === null) return `has an address '${show(addr)}', which is none`;
  if (host.addresses.length === MAX_ADDRESSES) return `has a host with more than ${MAX_ADDRESSES} addresses`;
  host.addresses.push(ip);
  return null;
}

function count(value: number, one: string, many: string): string {
  return `${value.toLocaleString("en")} ${value === 1 ? one : many}`;
}
