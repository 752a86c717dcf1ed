import { errnoOf } from "../errno.ts";
import type { Report } from "../model/report.ts";
import type { SweepReport } from "../sweep/model.ts";
import { isUnsettled, mayBeMet } from "../verdict/checked.ts";
import type { Verification } from "../verify/model.ts";
import { VERSION } from "../version.ts";
import type { Host } from "../watch/host.ts";

/** The exit codes, a public contract. */
export const EXIT = { ok: 0, wouldNotServe: 1, usage: 2, couldNotRun: 3, interrupted: 130 } as const;

/**
 * The one table: what was checked and holds is 0, what was checked and does not is 1, what could not be checked is 3,
 * whoever asks.
 */
function exitCodeOfCheck({ holds, mayHold }: { holds: boolean; mayHold: boolean }): number {
  if (holds) return EXIT.ok;
  return mayHold ? EXIT.couldNotRun : EXIT.wouldNotServe;
}

/** What a report means to a script. */
export function exitCodeOfReport(report: Report): number {
  if (report.interrupted) return EXIT.interrupted;
  return exitCodeOfCheck({ holds: report.requirement.met, mayHold: mayBeMet(report) });
}

/** What the hosts of a watch come to at its end: a client at each of the sources needs one that serves. */
export function exitCodeOfWatch(hosts: readonly Host[]): number {
  const listed = hosts.filter((host) => host.listed);
  const sources = [...new Set(listed.map(({ subject }) => subject.source))];
  const bySource = sources.map((source) => listed.filter(({ subject }) => subject.source === source));
  const without = bySource.filter((here) => !here.some(({ verdict }) => verdict.serves));
  return exitCodeOfCheck({
    holds: listed.length > 0 && without.length === 0,
    mayHold: without.every((here) => here.every(({ latest }) => latest.open)),
  });
}

/** What one run of `sweep` means to a script. A shard is not blamed for what the others have yet to do. */
export function exitCodeOfSweep(report: SweepReport): number {
  if (report.interrupted) return EXIT.interrupted;
  const own = report.coverage.gaps.filter(({ why }) => why !== "shard-missing");
  return own.length > 0 ? EXIT.couldNotRun : exitCodeOfFound(report);
}

/**
 * What the joined shards mean: nobody interrupted the merge, and whatever is not looked at is missing in it.
 * @param lost lines that could not be read: what they said is not known
 */
export function exitCodeOfMerge(report: SweepReport, lost = 0): number {
  return report.coverage.complete && lost === 0 ? exitCodeOfFound(report) : EXIT.couldNotRun;
}

function exitCodeOfFound({ serving, reconcile, coverage, unsent, hosts }: SweepReport): number {
  const warns = (reconcile?.rows ?? []).some(({ findings }) =>
    findings.some(({ severity }) => severity === "warning"),
  );
  const settled = hosts.some((host) => host.attempts.length === 0 && !isUnsettled(host));
  return exitCodeOfCheck({
    holds: serving > 0 && !warns,
    mayHold: serving === 0 && !warns && coverage.covered === unsent && !settled,
  });
}

/** What a verification means to a script. `interrupted`: by the user, not by --max-time. */
export function exitCodeOfVerification(
  { outcome }: Pick<Verification, "outcome">,
  interrupted: boolean,
): number {
  if (interrupted) return EXIT.interrupted;
  return exitCodeOfCheck({
    holds: outcome === "met" || outcome === "warned",
    mayHold: outcome === "error",
  });
}

/**
 * Whether a monitoring core reads what is printed: then whatever goes wrong is one line on standard output, and 3 the
 * only code for it, a mistyped flag included.
 */
export function isPlugin(argv: readonly string[]): boolean {
  // What stands behind two dashes is no option.
  const end = argv.indexOf("--");
  const words = argv.slice(0, end === -1 ? undefined : end);
  const at = words.indexOf("--format");
  const asks = words.includes("--format=nagios") || (at > 0 && words[at + 1] === "nagios");
  return asks && words.includes("verify");
}

/** What is thrown on purpose, by the names in targets/usage-error.ts. */
const FORESEEN: ReadonlyMap<string, number> = new Map([
  ["UsageError", EXIT.usage],
  ["CannotRun", EXIT.couldNotRun],
  ["Interrupted", EXIT.interrupted],
]);

/** Prints what a thrown value has to say, once, and tells the exit code. Commander has printed its own by then. */
export function exitCodeOf(error: unknown, print: (text: string) => void): number {
  // By what they say of themselves: each file of the bundle has its own copy of these classes, or none.
  if (error instanceof Error && errnoOf(error).startsWith("commander."))
    return "exitCode" in error && error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const code = error instanceof Error ? FORESEEN.get(error.name) : undefined;
  if (error instanceof Error && code !== undefined) {
    // A policy may have several mistakes: each stands for itself.
    print(error.message.replace(/^/gm, "kmsprobe: ") + "\n");
    return code;
  }
  const missing = missingFile(error);
  if (missing !== null) {
    print(
      `kmsprobe: ${missing} is not where kmsprobe is: copy the whole folder it comes from (dist/), not some of its files\n`,
    );
    return EXIT.couldNotRun;
  }
  // A sweep goes without stacks, and its threads hand none over.
  const stack = error instanceof Error && error.stack ? error.stack : String(error);
  print(`kmsprobe ${VERSION} failed by a mistake of its own; please report it with this text:\n${stack}\n`);
  return EXIT.couldNotRun;
}

/** Which of the program's own files is not there; null where it is something else that went wrong. */
function missingFile(error: unknown): string | null {
  if (!(error instanceof Error && ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(errnoOf(error))))
    return null;
  return /^Cannot find module '(?:[^'\n]*[/\\])?([\w-]+\.[cm]js)'/.exec(error.message)?.[1] ?? null;
}
