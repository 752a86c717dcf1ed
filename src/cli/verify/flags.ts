import type { Defaulted } from "../config/heed.ts";
import type { OutputFlags } from "../output.ts";
import type { ReportKind } from "./report-kinds.ts";

/** The options of `verify` as commander hands them over. */
export type VerifyFlags = Pick<OutputFlags, "output" | "quiet" | "verbose" | "color" | "ascii" | "bom"> &
  Defaulted & {
    format: ReportKind;
    place?: string;
    set?: string[];
    baseline?: string;
    writeBaseline?: string;
    report?: string[];
    maxTime?: number;
    allowPublic: boolean;
    dryRun: boolean;
    init: boolean;
    schema: boolean;
    domain?: string[];
    resolver?: string[];
    source?: string[];
    file?: string[];
  };
