/** One run of `sweep`: what is said before it, while it goes on and after it. */
import fs from "node:fs";
import path from "node:path";
import { MAX_UNASKED } from "../../run/sweep/defaults.ts";
import { completeSweep } from "../../run/sweep/request.ts";
import type { SweepOptions } from "../../run/sweep/request.ts";
import type { SweepRequest } from "../../run/sweep/model.ts";
import { runSweep } from "../../run/sweep/sweep.ts";
import { asciiJson } from "../../report/escape.ts";
import { createAssembly } from "../../sweep/assemble.ts";
import { grouped } from "../../sweep/counts.ts";
import type { SweepReport } from "../../sweep/model.ts";
import { openLines, STANDARD_LINES } from "../../output/lines.ts";
import type { Lines } from "../../output/lines.ts";
import { MOST_WAITING, tell } from "../../output/standard.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { asFile, spelt, wantsColor, widthOf, writeOut } from "../output.ts";
import { defaultNotes } from "../config/heed.ts";
import type { SweepFlags } from "./flags.ts";
import { describePlan, describeStart, looksOf } from "./plan.ts";
import { startSweepProgress } from "./progress.ts";

/** The built thread, beside this file of the bundle. */
const WORKER = "sweep-worker.cjs";

/** @returns null where nothing was swept, as it was asked for */
export async function sweepAndTell(
  targets: string[],
  flags: SweepFlags,
  signal: AbortSignal,
): Promise<SweepReport | null> {
  const format = flags.format ?? (flags.output === undefined && process.stdout.isTTY ? "text" : "ndjson");
  const say = (text: string): void => void (flags.quiet || tell(`kmsprobe: ${text}\n`));
  const prepared = await completeSweep(optionsOf(targets, flags), signal);
  for (const note of [...defaultNotes(flags), ...prepared.notes]) say(note);
  const { firstPublic } = prepared;
  const { defaults } = flags;
  const request = { ...prepared.request, ...(defaults === undefined ? {} : { defaults }) };
  if (flags.dryRun) {
    await writeOut(spelt(describePlan(request), flags), flags.output);
    return null;
  }
  requireConsent(request, firstPublic, flags);
  // The list of targets may not have been read to its end: a report of it would speak of another sweep.
  if (signal.aborted) {
    say("interrupted before the sweep began: nothing was sent");
    return null;
  }
  if (!flags.quiet) say(describeStart(request));
  const assembly = createAssembly();
  const unread = new AbortController();
  const streams = format === "ndjson";
  const stream: { lines: Lines | null } = { lines: null };
  const progress = startSweepProgress(flags.quiet, flags);
  // A stream that nobody wants summed up needs no memory of its hosts.
  const compared = request.published !== null || request.permitted !== null;
  const forgets = streams && flags.quiet && !compared;
  let serving = 0;
  let waits = false;
  const isBehind = (lines: Lines | null): boolean => {
    const behind = (lines?.waiting() ?? 0) > MOST_WAITING;
    if (behind && !waits) say("what is found is not read: the sweep waits for its reader");
    waits ||= behind;
    return behind;
  };
  const workerFile = path.join(__dirname, WORKER);
  try {
    await runSweep(request, {
      signal: AbortSignal.any([signal, unread.signal]),
      onNote: say,
      // Not before the state is known to be this sweep's: a mistake there costs no file.
      async onStart() {
        if (!streams) return;
        const lines = flags.output === undefined ? STANDARD_LINES : await openLines(flags.output, "fresh");
        stream.lines = lines;
        lines.onGone(() => unread.abort("interrupted"));
      },
      workerFile: fs.existsSync(workerFile) ? workerFile : null,
      onLine(line) {
        stream.lines?.write(`${asciiJson(line)}\n`);
        if (line.type === "endpoint" && line.verdict.serves) serving += 1;
        const ofAHost = line.type === "endpoint" || line.type === "measured";
        if (!(forgets && ofAHost)) assembly.add(line);
      },
      isBehind: () => isBehind(stream.lines),
      onProgress: progress.show,
    });
  } finally {
    progress.stop();
    await stream.lines?.close();
  }
  if (unread.signal.aborted && !signal.aborted)
    say("nobody reads what is found any more: the sweep ends here");
  const report = forgets ? { ...assembly.report(), serving } : assembly.report();
  const color = wantsColor(flags);
  const { verbose, ascii, bom } = flags;
  const width = widthOf(flags);
  if (format !== "ndjson") {
    if (!(flags.quiet && format === "text" && flags.output === undefined))
      await writeOut(await render(report, format, { color, verbose, width, ascii, bom }), flags.output);
  } else if (!flags.quiet) {
    const onStderr = wantsColor({ color: flags.color }, process.stderr);
    tell(await render(report, "text", { color: onStderr, verbose, width, ascii, bom }));
  }
  return report;
}

/** What is asked for, as the library takes it. */
function optionsOf(targets: string[], flags: SweepFlags): SweepOptions {
  return {
    targets,
    files: flags.file ?? [],
    exclude: flags.exclude ?? [],
    excludeFiles: flags.excludeFile ?? [],
    ports: flags.port,
    seed: flags.seed,
    shard: flags.shard,
    burst: flags.burst,
    settings: {
      concurrency: flags.concurrency,
      rate: flags.rate,
      timeoutMs: numberOf(flags.timeout),
      retries: flags.retries,
      rpcTimeoutMs: flags.rpcTimeout,
      count: numberOf(flags.count),
      workers: numberOf(flags.workers),
      maxTimeMs: flags.maxTime ?? null,
    },
    everything: flags.all,
    domains: flags.domain ?? [],
    resolvers: flags.resolver ?? [],
    discover: flags.reconcile,
    allowed: flags.allowed ?? null,
    stateFile: flags.state ?? null,
  };
}

function numberOf(flag: number | "auto"): number | null {
  return flag === "auto" ? null : flag;
}

function requireConsent(request: SweepRequest, firstPublic: string | null, flags: SweepFlags): void {
  if (firstPublic !== null && !flags.allowPublic) {
    throw new UsageError(
      `${firstPublic} is a public address: sweep only what you are responsible for, and say so with --allow-public`,
    );
  }
  const { plan } = request;
  if (plan.addresses > MAX_UNASKED && !flags.yes) {
    throw new UsageError(
      `these are ${looksOf(request, plan.addresses)}, more than ${grouped(MAX_UNASKED)}: say --yes, or see with --dry-run what would be touched`,
    );
  }
}

/** What renders loads once all is done: a stream needs none of it. */
async function render(
  report: SweepReport,
  format: "json" | "text" | "csv",
  options: { color: boolean; verbose: boolean; width: number; ascii: boolean; bom: boolean },
): Promise<string> {
  const renderers = await import("./renderers.ts");
  switch (format) {
    case "json":
      return renderers.renderSweepJson(report);
    case "csv":
      return asFile(renderers.renderSweepCsv(report), format, options);
    case "text":
      return asFile(renderers.renderSweepText(report, options), format, options);
    default:
      return format satisfies never;
  }
}
