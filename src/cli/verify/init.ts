/** `verify --init`: a check, and the policy that it makes. */
import fs from "node:fs/promises";
import { checkAsAsked } from "../../run/asked.ts";
import { standardOutput, tell } from "../../output/standard.ts";
import { writeNew } from "../../output/whole-file.ts";
import { show } from "../../targets/parse.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { firstPolicy } from "../../verify/first-policy.ts";
import { readPolicy } from "../../verify/read.ts";
import { EXIT, exitCodeOfReport } from "../exit.ts";
import { startProgress } from "../progress.ts";
import type { VerifyFlags } from "./flags.ts";

/** @returns the exit code */
export async function initAndTell(
  hosts: readonly string[],
  flags: VerifyFlags,
  signal: AbortSignal,
): Promise<number> {
  const { domain: domains = [], resolver: resolvers = [], source: sources = [], file: files = [] } = flags;
  await requireNew(flags.output);
  const progress = startProgress(flags.quiet, flags);
  try {
    const report = await checkAsAsked({
      hosts,
      files,
      domains,
      resolvers,
      sources,
      signal,
      onProgress: progress.show,
    });
    progress.stop();
    if (report.interrupted) {
      tell("kmsprobe: interrupted: no policy was written\n");
      return EXIT.interrupted;
    }
    const looked = report.diagnoses.flatMap(({ endpoints }) => endpoints);
    if (looked.length === 0) {
      tell(
        `kmsprobe: nothing to write a policy of: ${report.verdict.observed} Name a domain with -d, or hosts\n`,
      );
      return exitCodeOfReport(report);
    }
    const text = firstPolicy(report, { domains, resolvers, sources });
    // What cannot be read back would be of no use to anybody.
    readPolicy(text, { file: flags.output ?? "the policy", place: null, set: new Map() });
    if (flags.output === undefined) standardOutput.write(text);
    else await writeNew(flags.output, text);
    return EXIT.ok;
  } finally {
    progress.stop();
  }
}

/** A policy that somebody has worked on is never overwritten. */
async function requireNew(output: string | undefined): Promise<void> {
  if (output === undefined) return;
  const there = await fs.stat(output).catch(() => null);
  if (there !== null)
    throw new UsageError(`${show(output)} is there already: name another file, or remove it`);
}
