/** What one thread of a sweep is given, and what it tells. */
import type { AttemptEvidence } from "../../model/evidence.ts";
import type { Settings } from "../../model/settings.ts";
import type { Shard } from "../../sweep/model.ts";
import type { AddressColumns } from "../../targets/address-columns.ts";

/** Plain data: can be posted to a thread. `concurrency`, `rate` and `burst` are this thread's share. */
export type Job = {
  columns: AddressColumns;
  seed: number;
  shard: Shard;
  concurrency: number;
  rate: number;
  /** Connects that may begin at once. */
  burst: number;
  timeoutMs: number | null;
  retries: number;
  /** Whether there is room for several short connects to each silent address. */
  short: boolean;
  /** For what follows a connect. */
  settings: Settings;
  /** Evidence is wanted of every address, or of these, whatever comes of it. */
  everything: boolean;
  singled: readonly number[];
};

/** What an address came to, in one byte. */
export const PENDING = 0;
export const NO_ANSWER = 1;
export const REFUSED = 2;
/** On a link of this machine, and nobody answers the queries for it. */
export const NO_NEIGHBOUR = 3;
/** Evidence was told. */
export const TOLD = 255;

export type SweeperEvent =
  /** Told before the batch that it belongs to. @param index of the address in the space, `position` in its batch */
  | { type: "evidence"; batch: number; position: number; index: number; attempt: AttemptEvidence }
  /** Every address of the batch has an outcome; fewer where the sweep was stopped. */
  | { type: "batch"; batch: number; outcomes: Uint8Array }
  /** Not every address of the subnet accepts connections: said once, as early as it shows. */
  | { type: "mixed"; subnet: number }
  /** This machine could not keep up; it goes on more slowly. */
  | { type: "slow"; cause: string; concurrency: number };

/** Of a thread that has nothing more to tell. */
export type Done = { type: "done" };
