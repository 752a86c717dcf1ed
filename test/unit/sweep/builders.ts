/** Lines of a sweep in a few words: every builder gives the plainest case, what a test is about goes into `over`. */
import type { AttemptEvidence } from "../../../src/model/evidence.ts";
import type { VerdictCode } from "../../../src/model/verdict.ts";
import type {
  EndLine,
  EndpointLine,
  MeasuredLine,
  MiddleboxLine,
  PermittedEntry,
  Plan,
  PublishedDomain,
  Shard,
  StartLine,
  SubnetCount,
} from "../../../src/sweep/model.ts";
import { judgeEndpoint } from "../../../src/verdict/endpoint.ts";
import {
  addresses,
  connected,
  controlled,
  endpoint,
  exchange,
  garbage,
  hungUp,
  lists,
  plainBind,
  record,
  rejected,
  resolver,
  rpc,
  serving,
  silent,
  unconnected,
} from "../verdict/builders.ts";

export const DIGEST = "5eed";
export const WHOLE: Shard = { index: 1, count: 1 };

export function plan(over: Partial<Plan> = {}): Plan {
  return {
    digest: DIGEST,
    targets: ["10.1.0.0/22"],
    excluded: [],
    ports: [1688],
    addresses: 1_024,
    seed: 1,
    ...over,
  };
}

export function start(over: Partial<Omit<StartLine, "type">> = {}): StartLine {
  return {
    type: "start",
    schemaVersion: "1.0",
    tool: { name: "kmsprobe", version: "0.0.0" },
    startedAt: "2026-01-02T03:04:05.678Z",
    from: { host: "jump1", platform: "linux" },
    plan: plan(),
    shard: WHOLE,
    settings: {
      concurrency: 4_096,
      rate: 500,
      timeoutMs: null,
      retries: 1,
      rpcTimeoutMs: 5_000,
      count: 3,
      workers: 1,
      maxTimeMs: null,
    },
    ...over,
  };
}

type Answers = (over: Partial<AttemptEvidence>) => AttemptEvidence;

/** What an address does, for each verdict that these tests need. */
export const ANSWERS = {
  "rpc-serves": (over) => connected(serving(), over),
  "rpc-accepts-anything": (over) => connected(controlled("accepted"), over),
  "rpc-interface-unknown": (over) => connected(rpc(rejected("2/1", "2/1", "3/3")), over),
  "rpc-not-dcerpc": (over) => connected(rpc(garbage("http")), over),
  "rpc-closed": (over) => connected(rpc(hungUp("closed"), { plain: plainBind(hungUp("closed")) }), over),
  "rpc-no-answer": (over) => connected(rpc(silent(), { plain: plainBind(silent()) }), over),
  "tcp-refused": (over) => unconnected("ECONNREFUSED", 1.25, over),
  "tcp-no-answer": (over) => unconnected("deadline", 4_000, over),
  "run-cut-short": (over) => connected(null, { tcp: { outcome: "skipped", reason: "interrupted" }, ...over }),
} as const satisfies Partial<Record<VerdictCode, Answers>>;

export type Answer = keyof typeof ANSWERS;

/** One address and what it does, judged as the sweep judges. */
export function line(
  address: string,
  answer: Answer = "rpc-serves",
  { names = [], port = 1688 }: { names?: string[]; port?: number } = {},
): EndpointLine {
  const family = address.includes(":") ? 6 : 4;
  const evidence = endpoint([ANSWERS[answer]({ address, family })], {
    endpoint: { host: names[0] ?? address, port },
    address: addresses([address], { literal: names.length === 0 }),
  });
  return { type: "endpoint", names, ...judgeEndpoint(evidence, "") };
}

/** A name that has no address. */
export function nameless(name: string): EndpointLine {
  const evidence = endpoint([], {
    endpoint: { host: name, port: 1688 },
    address: addresses([], { validName: false }),
  });
  return { type: "endpoint", names: [name], ...judgeEndpoint(evidence, "") };
}

export function measured(address: string, over: Partial<Omit<MeasuredLine, "type">> = {}): MeasuredLine {
  return {
    type: "measured",
    endpoint: { host: address, port: 1688 },
    address,
    quiet: {
      tcpMs: [1.5, 0.5, 1],
      bindMs: [3, 2, 2.5],
      fragments: { offered: 65_528, maxXmitFrag: 5_840, maxRecvFrag: 5_840 },
      otherVersion: "rejected",
    },
    fingerprint: {
      name: "samba",
      text: "answers like Samba, or like a 32-bit Windows",
      traits: ["fragments of 5840"],
    },
    ...over,
  };
}

export function middlebox(
  subnet: string,
  ranges: string[],
  accepted: number,
  over: Partial<Omit<MiddleboxLine, "type">> = {},
): MiddleboxLine {
  const { type: _, names: __, ...sample } = line(ranges[0]?.split("-")[0] ?? "10.1.0.1", "rpc-closed");
  return {
    type: "middlebox",
    subnet,
    port: 1688,
    accepted,
    silent: 0,
    tried: accepted,
    counts: { "rpc-closed": accepted },
    addresses: ranges,
    sample,
    ...over,
  };
}

export function net(
  subnet: string,
  counts: SubnetCount["counts"],
  over: Partial<SubnetCount> = {},
): SubnetCount {
  const covered = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { subnet, port: 1688, planned: covered, covered, counts, ...over };
}

export function end(subnets: SubnetCount[], over: Partial<Omit<EndLine, "type">> = {}): EndLine {
  const covered = subnets.reduce((sum, each) => sum + each.covered, 0);
  return {
    type: "end",
    plan: DIGEST,
    shard: WHOLE,
    elapsedMs: 123_456.5,
    runs: 1,
    unsent: 0,
    interrupted: false,
    planned: covered,
    covered,
    subnets,
    slowdowns: [],
    published: null,
    permitted: null,
    ...over,
  };
}

/** What the one resolver lists for a domain: hosts by name, with their addresses. */
export function published(
  hosts: Readonly<Record<string, string[]>>,
  domain = "corp.example",
): PublishedDomain {
  const names = Object.keys(hosts);
  return {
    domain,
    srv: [
      {
        resolver: resolver(),
        name: `_vlmcs._tcp.${domain}`,
        exchange: exchange(),
        answer: lists(names.map((name) => record(name))),
        controls: [],
        sourceFault: null,
      },
    ],
    hosts: Object.entries(hosts).map(([host, found]) => ({
      endpoint: { host, port: 1688 },
      addresses: found,
      gone: found.length === 0,
    })),
  };
}

export function permitted(text: string, over: Partial<PermittedEntry> = {}): PermittedEntry {
  return { text, port: null, addresses: [], resolver: null, ...over };
}

/** `10.1.3.1` to `10.1.3.<count>`, for a prefix `10.1.3`. */
export function many(prefix: string, count: number, answer: Answer): EndpointLine[] {
  return Array.from({ length: count }, (_, index) => line(`${prefix}.${index + 1}`, answer));
}
