import type { EndLine, SweepLine } from "../sweep/model.ts";
import {
  FLAG,
  FUNCTION,
  integer,
  listOf,
  OBJECT,
  requireThese,
  SIGNAL,
  TEXT,
  TEXTS,
  TIME,
} from "../run/options.ts";
import { MAX_UNASKED, SWEEP_DEFAULTS } from "../run/sweep/defaults.ts";
import type { SweepProgress } from "../run/sweep/model.ts";
import { completeSweep } from "../run/sweep/request.ts";
import type { SweepOptions as SweepAsked } from "../run/sweep/request.ts";
import { runSweep } from "../run/sweep/sweep.ts";
import { KMS_PORT } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { inOptions, ofOptions } from "./in-options.ts";

export type SweepOptions = {
  /** CIDR, `FIRST-LAST`, address, `HOST` or `HOST:PORT`. */
  targets?: readonly string[];
  /** Files with such targets, one a line, or nmap's XML. */
  files?: readonly string[];
  exclude?: readonly string[];
  excludeFiles?: readonly string[];
  /** Of targets without one. */
  ports?: readonly number[];
  /** Connects that are begun a second; 0 for no limit. */
  rate?: number;
  /** Connects in flight. */
  concurrency?: number;
  retries?: number;
  /** Of one connect; by default it goes by the round trips of each subnet. */
  timeoutMs?: number;
  rpcTimeoutMs?: number;
  /** Connections to each host that accepts the bind, to measure it; by default up to five. */
  count?: number;
  /** Ends the sweep with what is known. */
  maxTimeMs?: number;
  /** Of the visiting order. */
  seed?: number;
  shard?: { index: number; count: number };
  /** A line for every address, whatever comes of it. */
  all?: boolean;
  /** Compared with what DNS lists under these suffixes. */
  domains?: readonly string[];
  resolvers?: readonly string[];
  /** A file of hosts that are permitted to serve. */
  allowed?: string;
  /** A file that remembers what is done: a sweep of the same goes on there. */
  stateFile?: string;
  /** More than 65,536 addresses are meant. */
  allowLarge?: boolean;
  /** Public addresses are this caller's to touch. */
  allowPublic?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: SweepProgress) => void;
};

const OPTIONS = {
  targets: TEXTS,
  files: TEXTS,
  exclude: TEXTS,
  excludeFiles: TEXTS,
  ports: {
    fits: listOf(integer(1, 65_535).fits),
    form: "a list of numbers from 1 to 65535",
  },
  rate: integer(0, 1_000_000),
  concurrency: integer(1, 65_535),
  retries: integer(0, 10),
  timeoutMs: TIME,
  rpcTimeoutMs: TIME,
  count: integer(0, 100),
  maxTimeMs: TIME,
  seed: integer(0, 4_294_967_295),
  shard: {
    fits: (value: unknown) => OBJECT.fits(value) && isShard(Object(value)),
    form: "{ index, count } with an index from 1 to count",
  },
  all: FLAG,
  domains: TEXTS,
  resolvers: TEXTS,
  allowed: TEXT,
  stateFile: TEXT,
  allowLarge: FLAG,
  allowPublic: FLAG,
  signal: SIGNAL,
  onProgress: FUNCTION,
};

function isShard({ index, count }: { index?: unknown; count?: unknown }): boolean {
  return integer(1, 1_000_000).fits(count) && integer(1, Number(count)).fits(index);
}

/** Lines that wait for their reader, beyond which nothing new is begun. */
const MOST_WAITING = 1_000;

/**
 * Sweeps as `kmsprobe sweep` does, and yields its lines as they come: `start`, the hosts, `end`. Whoever reads slowly slows
 * the sweep; whoever stops reading ends it.
 *
 * @throws UsageError where an option can't be understood, before anything is sent; never because of the network
 */
export async function* sweep(options: SweepOptions): AsyncGenerator<SweepLine, void, undefined> {
  requireThese(options, OPTIONS, '{ targets: ["10.20.0.0/22"] }');
  const { allowLarge = false, allowPublic = false, signal, onProgress = () => {} } = options;
  const unread = new AbortController();
  const until = signal === undefined ? unread.signal : AbortSignal.any([signal, unread.signal]);
  const { request, firstPublic } = await inOptions(() => completeSweep(completed(options), until));
  if (firstPublic !== null && !allowPublic)
    throw new UsageError(
      `${firstPublic} is a public address: sweep only what you are responsible for, and say so with allowPublic`,
    );
  if (request.plan.addresses > MAX_UNASKED && !allowLarge)
    throw new UsageError(
      `these are ${request.plan.addresses.toLocaleString("en")} addresses, more than ${MAX_UNASKED.toLocaleString("en")}: say so with allowLarge`,
    );
  const waiting: SweepLine[] = [];
  const state: { ended: boolean; fault: unknown; wake: (() => void) | null } = {
    ended: false,
    fault: null,
    wake: null,
  };
  const running: Promise<EndLine | null> = runSweep(request, {
    signal: until,
    workerFile: null,
    onLine(line) {
      waiting.push(line);
      state.wake?.();
    },
    isBehind: () => waiting.length > MOST_WAITING,
    onProgress,
  })
    .catch((error: unknown) => {
      state.fault = ofOptions(error);
      return null;
    })
    .finally(() => {
      state.ended = true;
      state.wake?.();
    });
  try {
    for (;;) {
      const line = waiting.shift();
      if (line !== undefined) yield line;
      else if (state.ended) break;
      else await new Promise<void>((resolve) => (state.wake = resolve));
    }
  } finally {
    unread.abort("interrupted");
    await running;
  }
  if (state.fault !== null) throw state.fault;
}

function completed(options: SweepOptions): SweepAsked {
  const { rate, concurrency, retries, rpcTimeoutMs, seed, burst } = SWEEP_DEFAULTS;
  return {
    targets: options.targets ?? [],
    files: options.files ?? [],
    exclude: options.exclude ?? [],
    excludeFiles: options.excludeFiles ?? [],
    ports: options.ports ?? [KMS_PORT],
    seed: options.seed ?? seed,
    shard: options.shard ?? { index: 1, count: 1 },
    // Whoever names a rate has a reason to keep to it from the first second on.
    burst: options.rate === undefined ? burst : 0,
    settings: {
      concurrency: options.concurrency ?? concurrency,
      rate: options.rate ?? rate,
      timeoutMs: options.timeoutMs ?? null,
      retries: options.retries ?? retries,
      rpcTimeoutMs: options.rpcTimeoutMs ?? rpcTimeoutMs,
      count: options.count ?? null,
      workers: null,
      maxTimeMs: options.maxTimeMs ?? null,
    },
    everything: options.all ?? false,
    domains: options.domains ?? [],
    resolvers: options.resolvers ?? [],
    discover: false,
    allowed: options.allowed ?? null,
    stateFile: options.stateFile ?? null,
  };
}
