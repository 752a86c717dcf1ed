/** What a sweep is asked, what it is given to work with, and what it tells of its progress. */
import type { AddressEvidence } from "../../model/dns.ts";
import type { Default } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import type {
  PermittedEntry,
  Plan,
  PublishedDomain,
  Shard,
  SweepLine,
  SweepSettings,
} from "../../sweep/model.ts";
import type { AddressColumns } from "../../targets/address-columns.ts";

/** A name that the user gave, with what DNS said of it. */
export type Named = { names: string[]; evidence: AddressEvidence };

/** What to sweep, parsed and complete: see `request.ts` for how it comes about. */
export type SweepRequest = {
  plan: Plan;
  shard: Shard;
  columns: AddressColumns;
  settings: SweepSettings;
  /** What of it the user's own configuration set. */
  defaults?: readonly Default[];
  /** Connects that may begin at once, whatever the rate. */
  burst: number;
  /** For what follows a connect. */
  probeSettings: Settings;
  /** What limited the settings before the start. */
  cut: { cause: string; concurrency: number }[];
  /** By address. */
  names: ReadonlyMap<string, Named>;
  /** Names that have no address. */
  unresolved: readonly Named[];
  /** A line for every address, whatever comes of it. */
  everything: boolean;
  published: PublishedDomain[] | null;
  permitted: PermittedEntry[] | null;
  /** Addresses that get a line in any case: published or permitted ones. */
  singled: readonly number[];
  stateFile: string | null;
};

export type SweepProgress = {
  phase: "sweeping" | "measuring";
  settled: number;
  total: number;
  /** Done before this run. */
  earlier: number;
  serving: number;
  slowed: boolean;
};

export type SweepSurroundings = {
  signal: AbortSignal;
  /** The built worker; null does without threads. */
  workerFile: string | null;
  /** What the user should know of the state file. */
  onNote?: (text: string) => void;
  /** Awaited before the first line, once the state file is known to be this sweep's. */
  onStart?: () => Promise<void>;
  onLine: (line: SweepLine) => void;
  /** Whether the reader of the lines has too much waiting for it: nothing new is begun then. */
  isBehind?: () => boolean;
  onProgress: (progress: SweepProgress) => void;
};
