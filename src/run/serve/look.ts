/** What one look came to: its figures at once, and the report when somebody asks for it. */
import type { Report } from "../../model/report.ts";
import { countHosts } from "../../verdict/counts.ts";
import { judgeTargets } from "../../verdict/judge.ts";
import type { JudgedTarget } from "../../verdict/judge.ts";
import type { Settings } from "../../model/settings.ts";
import { reportOf } from "../check.ts";
import type { CheckRequest, Gathered } from "../check.ts";
import { DEFAULT_SETTINGS } from "../settings.ts";
import { wallClock } from "../wall-clock.ts";
import { withWaysOut } from "../ways-out.ts";

/** The figures are those of the report, whoever judges. */
export type Look = Gathered["run"] & {
  readonly diagnoses: readonly JudgedTarget[];
  readonly requirement: Report["requirement"];
  /** As `check` has it: judged, and the ways out asked, when it is first asked for. */
  readonly report: () => Promise<Report>;
};

/** A look as it is kept: judged at once, and made a whole report only when somebody asks for one. */
export function lookOf({ evidence, run }: Gathered, request: CheckRequest): Look {
  const { settings } = request;
  const diagnoses = judgeTargets(evidence, settings.clientTimeoutMs);
  let made: Promise<Report> | null = null;
  return {
    startedAt: run.startedAt,
    elapsedMs: run.elapsedMs,
    interrupted: run.interrupted,
    diagnoses,
    requirement: countHosts(diagnoses, settings),
    report: () => (made ??= withWaysOut(evidence).then((whole) => reportOf(whole, request, run))),
  };
}

/** What there is to tell of a look that came to nothing in so much time: that, and no host. */
export function nothingYet(settings: Partial<Settings>, elapsedMs: number): Omit<Look, "report"> {
  return {
    startedAt: new Date(wallClock().ms - elapsedMs).toISOString(),
    elapsedMs,
    interrupted: true,
    diagnoses: [],
    requirement: countHosts([], { ...DEFAULT_SETTINGS, ...settings }),
  };
}
