import type { Severity, VerdictCode } from "../model/verdict.ts";
import type { NetworkChange } from "../system/network-changes.ts";
import type { Gap } from "./gap.ts";
import type { LimitPicture } from "./limit.ts";

/**
 * A host (or a domain that lists none) as events name it. `address` is null where there was none to probe, `source`
 * where the system chose the way out.
 */
export type Subject = { host: string; port: number | null; address: string | null; source: string | null };

/** What happened from one look to the next. Names and records in it come from the network: outputs escape them. */
export type Happening =
  /** `from` is null where it was seen for the first time, which is no change. */
  | {
      kind: "verdict";
      subject: Subject;
      from: VerdictCode | null;
      to: VerdictCode;
      severity: Severity;
      serves: boolean;
      observed: string;
    }
  /** Connects to it pass and meet silence by turns: told once. `sourceConnectsPerMinute`: to all hosts from there. */
  | ({ kind: "rate-limit"; subject: Subject; sourceConnectsPerMinute: number } & LimitPicture)
  /** DNS lists it no more; it is not probed any longer. */
  | { kind: "unlisted"; subject: Subject }
  /** One resolver (or the hosts file) says something else than before. `answer` tells how, where it isn't records. */
  | {
      kind: "dns";
      asked: string;
      name: string;
      recordType: "SRV" | "A" | "AAAA";
      added: string[];
      removed: string[];
      answer: { from: string; to: string } | null;
    }
  /** This machine asks other resolvers, or looks under other suffixes, than before. */
  | { kind: "configuration"; what: "resolvers" | "suffixes"; from: string[]; to: string[] }
  | ({ kind: "network" } & NetworkChange)
  | ({ kind: "gap" } & { gap: Gap });

/** @property at ISO 8601, UTC */
export type WatchEvent = { at: string } & Happening;
