/** A check of the command line as it runs: progress on standard error, then its report. */
import type { Report } from "../model/report.ts";
import type { CheckOptions } from "../run/request.ts";
import type { Defaulted } from "./config/heed.ts";
import { createOutput } from "./output.ts";
import type { OutputFlags } from "./output.ts";
import { startProgress, wantsNoProgress } from "./progress.ts";

/** Runs one check with progress on stderr; prints nothing of what it found. */
export async function runWithProgress(
  request: CheckOptions,
  flags: Pick<OutputFlags, "format" | "quiet" | "ascii"> & Defaulted,
  signal: AbortSignal,
): Promise<Report> {
  const progress = startProgress(wantsNoProgress(flags), flags);
  try {
    const { checkAsAsked } = await import("../run/asked.ts");
    return withDefaults(await checkAsAsked({ ...request, signal, onProgress: progress.show }), flags);
  } finally {
    progress.stop();
  }
}

/** Nobody else reads the configuration: to what runs, all of it was asked for. */
function withDefaults(report: Report, { defaults }: Defaulted): Report {
  return defaults === undefined ? report : { ...report, defaults: [...defaults] };
}

/** Runs one check with progress on stderr, prints its report, and hands it back. */
export async function checkAndPrint(
  request: CheckOptions,
  flags: OutputFlags & Defaulted,
  signal: AbortSignal,
): Promise<Report> {
  const lists = (request.files ?? []).map((file) => ({ file, what: "a list of hosts" }));
  const output = await createOutput(flags, lists);
  // Lines that come meanwhile and a spinner don't share a terminal.
  const shared = output.onEndpoint !== null && process.stdout.isTTY;
  const progress = startProgress(shared || wantsNoProgress(flags), flags);
  try {
    // What probes loads here, so that --version and --help need not wait for it.
    const { checkAsAsked } = await import("../run/asked.ts");
    const onEndpoint = output.onEndpoint ?? (() => {});
    const found = await checkAsAsked({ ...request, signal, onProgress: progress.show, onEndpoint });
    const report = withDefaults(found, flags);
    progress.stop();
    await output.write(report);
    return report;
  } finally {
    progress.stop();
  }
}
