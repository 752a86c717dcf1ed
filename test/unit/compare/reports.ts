/** Reports in a few words, as they stand in a file: every builder gives the plainest case. */
import type { z } from "zod";
import { compare } from "../../../src/compare/compare.ts";
import { type Comparison, comparisonSchema } from "../../../src/compare/comparison.ts";
import { readReport, type ReadReport, type reportReading } from "../../../src/compare/reading.ts";
import type { Network } from "../../../src/model/source.ts";
import type { VerdictCode } from "../../../src/model/verdict.ts";
import { catalog } from "../../../src/verdict/catalog.ts";

export type ReportFile = z.input<typeof reportReading>;
export type DiagnosisFile = ReportFile["diagnoses"][number];
export type EndpointFile = DiagnosisFile["endpoints"][number];
export type AttemptFile = EndpointFile["attempts"][number];
export type SrvFile = DiagnosisFile["srv"][number];

export const DOMAIN = "corp.example";

export function verdict(code: VerdictCode): AttemptFile["verdict"] {
  const { layer, severity } = catalog[code];
  return { code, layer, severity, serves: severity === "ok" || severity === "degraded" };
}

/** One address with its verdict; TCP connected where the verdict is of a later layer. */
export function attempt(address: string, code: VerdictCode, over: Partial<AttemptFile> = {}): AttemptFile {
  const connected = catalog[code].layer === "rpc";
  return {
    address,
    via: { address: "10.1.0.9", interface: "eth0" },
    routeErrno: null,
    tcp: connected ? { outcome: "ok", elapsedMs: 2 } : { outcome: "no-answer", elapsedMs: 3 },
    rpc: connected
      ? {
          bind: { answer: { outcome: "ok", elapsedMs: 4 } },
          plain: null,
          latency: { samplesMs: [3, 2.5, 9] },
        }
      : null,
    verdict: verdict(code),
    ...over,
  };
}

/** One host; its verdict is that of its first attempt unless said otherwise. */
export function endpoint(
  host: string,
  attempts: AttemptFile[],
  over: Partial<EndpointFile> = {},
): EndpointFile {
  return {
    endpoint: { host, port: 1688 },
    address: { literal: false, addresses: attempts.map(({ address }) => address) },
    attempts,
    verdict: attempts[0]?.verdict ?? verdict("address-none"),
    ...over,
  };
}

export function diagnosis(endpoints: EndpointFile[], over: Partial<DiagnosisFile> = {}): DiagnosisFile {
  return { target: { kind: "list" }, source: null, srv: [], endpoints, ...over };
}

export function asked(endpoints: EndpointFile[], srv: SrvFile[], domain = DOMAIN): DiagnosisFile {
  return diagnosis(endpoints, { target: { kind: "domain", domain }, srv });
}

/** One resolver that lists these hosts, all with the same figures. */
export function lists(...hosts: string[]): SrvFile {
  const records = hosts.map((target) => ({ priority: 0, weight: 0, port: 1688, target }));
  return { resolver: { address: "10.0.0.53", port: 53 }, answer: { outcome: "ok", facts: { records } } };
}

export function denies(rcode: string, nodata = false): SrvFile {
  return {
    resolver: { address: "10.0.0.53", port: 53 },
    answer: { outcome: "denied", denial: { rcode, nodata } },
  };
}

export function silent(): SrvFile {
  return { resolver: { address: "10.8.0.1", port: 53 }, answer: { outcome: "no-answer", cause: "deadline" } };
}

export function report(diagnoses: DiagnosisFile[], over: Partial<ReportFile> = {}): ReportFile {
  return {
    schemaVersion: "1.0",
    tool: { version: "0.1.0" },
    startedAt: "2026-10-20T10:00:00.000Z",
    from: { host: "jump01", platform: "linux" },
    sources: [],
    networks: [],
    interrupted: false,
    diagnoses,
    ...over,
  };
}

/** Hosts of one list, each at one address with one verdict, seen from one local address. */
export function sees(
  via: string,
  hosts: Readonly<Record<string, readonly [string, VerdictCode]>>,
): ReportFile {
  const endpoints = Object.entries(hosts).map(([host, [address, code]]) =>
    endpoint(host, [attempt(address, code, { via: { address: via, interface: "eth0" } })]),
  );
  return report([diagnosis(endpoints)], { from: { host: `machine-${via}`, platform: "linux" } });
}

export function read(file: unknown): ReadReport {
  const reading = readReport(JSON.stringify(file));
  if (!reading.ok) throw new Error(reading.fault);
  return reading.report;
}

/** Compares reports by label; what comes out has been checked against its own schema. */
export function compared(
  reports: Readonly<Record<string, unknown>>,
  networks: readonly Network[] = [],
): Comparison {
  const labelled = Object.entries(reports).map(([label, file]) => {
    return { file: `${label}.json`, label, report: read(file) };
  });
  return comparisonSchema.parse(compare(labelled, networks, "0.1.0"));
}

/** The sentences of one rule, or all of them. */
export function sentences(
  comparison: Comparison,
  ...rules: Comparison["conclusions"][number]["rule"][]
): string[] {
  return comparison.conclusions
    .filter(({ rule }) => rules.length === 0 || rules.includes(rule))
    .map(({ text }) => text);
}
