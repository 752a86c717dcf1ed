/** Runs `kmsprobe sweep` on a host of a topology and reads its lines. */
import {
  type EndLine,
  type EndpointLine,
  type SweepLine,
  sweepLineSchema,
  type SweepReport,
  sweepReportSchema,
} from "../../src/sweep/model.ts";
import { startAnswerer } from "../integration/servers/answerer.ts";
import { type Running, type RunOptions, start } from "../integration/support/kmsprobe.ts";
import type { Peers } from "./peers.ts";
import { type Host, Network } from "./topology.ts";

export type Swept = {
  code: number | null;
  stderr: string;
  lines: SweepLine[];
  endpoints: EndpointLine[];
  end: EndLine;
  /** Addresses that serve, in order. */
  serving: string[];
};

/** No limit of rate, and little patience: in these namespaces an answer takes microseconds. */
const PATIENCE = ["--timeout", "300ms", "--retries", "0", "--rpc-timeout", "300ms"];
export const QUICK = ["--rate", "0", ...PATIENCE, "--count", "1"];

/** Addresses of loopback: some serve, some drop, and a whole subnet is one device, which closes. */
export type Block = {
  serving: readonly string[];
  dropped: readonly string[];
  device: { address: string; subnet: string };
};

/** A machine that has them, in a namespace of its own. */
export async function buildBlock(
  { serving, dropped, device }: Block,
  peers: Peers,
): Promise<{ network: Network; host: Host }> {
  const network = new Network();
  const host = network.host("sweeper");
  const { namespace } = host;
  await peers.add(startAnswerer({ addresses: { serves: serving }, namespace }));
  await peers.add(startAnswerer({ addresses: { closes: [device.address] }, port: 1999, namespace }));
  host.firewall({ input: [`ip daddr ${nftSet(dropped)} tcp dport 1688 drop`] });
  const chain = `chain out { type nat hook output priority -100
      ip daddr ${device.subnet} tcp dport 1688 dnat to ${device.address}:1999\n}`;
  host.run(["nft", "-f", "-"], `table ip box {\n${chain}\n}\n`);
  return { network, host };
}

/** Starts a sweep on a host; its lines come on standard output. */
export function startSweep(host: Host, args: readonly string[], options: RunOptions = {}): Running {
  const wrapper = [...host.wrapper, ...(options.wrapper ?? [])];
  return start(["sweep", ...args], { ...options, wrapper });
}

/** Runs a sweep to its end. Each line is held to the published shape. */
export async function sweep(host: Host, args: readonly string[], options: RunOptions = {}): Promise<Swept> {
  const { finished } = startSweep(host, ["--format", "ndjson", "-q", ...args], options);
  const { code, stdout, stderr } = await finished;
  return { code, stderr, ...readLines(stdout, stderr) };
}

/** The lines of a run that came to its end. */
export function readLines(text: string, stderr: string): Omit<Swept, "code" | "stderr"> {
  const lines = text
    .split("\n")
    .filter(Boolean)
    .map((line) => sweepLineSchema.parse(JSON.parse(line)));
  const end = lines.at(-1);
  if (lines[0]?.type !== "start" || end?.type !== "end") {
    throw new Error(`no whole run in ${lines.length} lines; it said: ${stderr}`);
  }
  const endpoints = lines.flatMap((line) => (line.type === "endpoint" ? [line] : []));
  const serving = endpoints.filter(({ verdict }) => verdict.serves).map(({ endpoint }) => endpoint.host);
  return { lines, endpoints, end, serving: serving.toSorted(byNumber) };
}

/** `--format json`, held to the published shape. */
export async function sweepReport(host: Host, args: readonly string[]): Promise<SweepReport> {
  const { finished } = startSweep(host, ["--format", "json", "-q", ...args]);
  const { stdout, stderr } = await finished;
  if (stdout === "") throw new Error(`no report; it said: ${stderr}`);
  return sweepReportSchema.parse(JSON.parse(stdout));
}

/** What of a report does not depend on the moment: two runs over the same network have it in common. */
export function gistOf(report: SweepReport) {
  const { plan, coverage, totals, serving, hosts, middleboxes, subnets } = report;
  return {
    plan,
    coverage,
    totals,
    serving,
    hosts: hosts.map(({ endpoint, names, verdict, fingerprint }) => ({
      endpoint,
      names,
      code: verdict.code,
      fingerprint: fingerprint?.name,
    })),
    middleboxes: middleboxes.map(({ sample, ...rest }) => ({ ...rest, sample: sample.endpoint })),
    subnets,
  };
}

/** All counts of an end line together, by verdict code. */
export function totalsOf({ subnets }: EndLine): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { counts } of subnets) {
    for (const [code, count] of Object.entries(counts)) totals[code] = (totals[code] ?? 0) + count;
  }
  return totals;
}

/** `10.0.2.1` before `10.0.10.1`. */
export function byNumber(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

/** Addresses `127.40.0.3`, `127.40.0.29`, ...: so many of a block of /24s, spread out, none ending in 0 or 255. */
export function spread(prefix: string, subnets: number, count: number, first: number): string[] {
  const step = Math.floor((subnets * 254) / count);
  if (step === 0) throw new Error(`no ${count} addresses in ${subnets} subnets`);
  return Array.from({ length: count }, (_, index) => {
    const at = (first + index * step) % (subnets * 254);
    return `${prefix}.${Math.floor(at / 254)}.${(at % 254) + 1}`;
  });
}

/** An nft set of addresses in place, as `{ 127.40.0.3, 127.40.0.29 }`. */
export function nftSet(addresses: readonly string[]): string {
  return `{ ${addresses.join(", ")} }`;
}
