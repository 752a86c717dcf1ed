import type { Defaulted } from "../config/heed.ts";
import type { OutputFlags } from "../output.ts";

/** The options of `sweep` as commander hands them over. */
export type SweepFlags = Omit<OutputFlags, "format" | "report"> &
  Defaulted & {
    format?: "ndjson" | "json" | "text" | "csv";
    file?: string[];
    exclude?: string[];
    excludeFile?: string[];
    port: number[];
    yes: boolean;
    allowPublic: boolean;
    dryRun: boolean;
    concurrency: number;
    rate: number;
    /** Connects that may begin at once: room that a rate of the user's does not give. */
    burst: number;
    timeout: number | "auto";
    retries: number;
    rpcTimeout: number;
    count: number | "auto";
    workers: number | "auto";
    maxTime?: number;
    seed: number;
    state?: string;
    shard: { index: number; count: number };
    all: boolean;
    domain?: string[];
    resolver?: string[];
    reconcile: boolean;
    allowed?: string;
  };
