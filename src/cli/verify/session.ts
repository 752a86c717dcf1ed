/** One run of `verify`. A file of its own: it loads zod and yaml, which other commands don't. */
import { asciiJson } from "../../report/escape.ts";
import { renderVerifyNagios } from "../../report/verify/nagios.ts";
import { verifyPolicy } from "../../run/verification.ts";
import { plural } from "../../verdict/figures.ts";
import { show } from "../../targets/parse.ts";
import { nameOfFile, readBounded } from "../../targets/read-bounded.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { readBaseline } from "../../verify/baseline/file.ts";
import type { Baseline } from "../../verify/baseline/file.ts";
import { baselineOf } from "../../verify/baseline/write.ts";
import type { Verification } from "../../verify/model.ts";
import type { Policy } from "../../verify/laid-policy.ts";
import { planOf, publicRange, requireExpectations } from "../../verify/plan.ts";
import type { Look } from "../../verify/plan.ts";
import { readPolicy } from "../../verify/read.ts";
import type { Chosen } from "../../verify/read.ts";
import { parseSetting } from "../../verify/variables.ts";
import { EXIT, exitCodeOfVerification } from "../exit.ts";
import { spelt, wantsColor, widthOf, writeOut } from "../output.ts";
import { startProgress, wantsNoProgress } from "../progress.ts";
import { requireWritable } from "../report-files.ts";
import { parseReport, writeReports } from "./reports.ts";
import type { Ordered } from "./reports.ts";
import type { VerifyFlags } from "./flags.ts";

/** @returns the exit code */
export async function verifyAndTell(
  named: readonly string[],
  flags: VerifyFlags,
  interrupt: AbortSignal,
): Promise<number> {
  const file = onlyPolicy(named, flags);
  const reports = await orderedReports(flags, file);
  const text = await readBounded(file, { what: "policy", most: 1, signal: interrupt });
  // With a policy there is something to report, though nothing of it was looked at.
  if (interrupt.aborted && text === "") return EXIT.interrupted;
  const policy = readPolicy(text, {
    file: nameOfFile(file),
    ...placeOf(flags),
    set: new Map((flags.set ?? []).map(parseSetting)),
  });
  if (flags.baseline === undefined && flags.writeBaseline === undefined) requireExpectations(policy);
  const looks = planOf(policy);
  if (flags.dryRun) {
    await writeOut(spelt(planWords(policy, looks), flags), flags.output);
    return EXIT.ok;
  }
  const found = publicRange(policy);
  if (found !== null && !flags.allowPublic)
    throw new UsageError(
      `${found} is a public address in a range of ${policy.file} that is to be closed: connect only to what you are responsible for, and say so with --allow-public`,
    );
  const baseline = await readBaselineOf(flags, policy, interrupt);
  if (interrupt.aborted && flags.baseline !== undefined && baseline === null) return EXIT.interrupted;
  const limit = flags.maxTime === undefined ? [] : [AbortSignal.timeout(flags.maxTime)];
  const signal = AbortSignal.any([interrupt, ...limit]);
  const verification = withDefaults(await verify({ policy, looks, baseline }, flags, signal), flags);
  const quiet = flags.quiet && flags.format === "text" && flags.output === undefined;
  await writeReports(verification, quiet ? reports : [printed(flags), ...reports], flags);
  if (flags.writeBaseline !== undefined && !verification.interrupted)
    await writeOut(
      `${asciiJson(baselineOf(verification), 2)}\n`,
      flags.writeBaseline === "-" ? undefined : flags.writeBaseline,
    );
  if (flags.format === "nagios") return renderVerifyNagios(verification).code;
  return exitCodeOfVerification(verification, interrupt.aborted);
}

/** What is printed: the one report that may be looked at on a terminal. */
function printed(flags: VerifyFlags): Ordered {
  const { format: kind, output: file = null, verbose } = flags;
  return { kind, file, append: false, text: { color: wantsColor(flags), verbose, width: widthOf(flags) } };
}

/** A place that the configuration names is this machine's, for whatever policy has places. */
function placeOf({ place, defaults = [] }: VerifyFlags): Pick<Chosen, "place" | "usual"> {
  const usual = defaults.find(({ setting }) => setting === "place");
  return usual === undefined || place === undefined
    ? { place: place ?? null }
    : { place: null, usual: { place, where: usual.where } };
}

/** Told where the policy took it: what it asks at one place is not what it asks at another. */
function withDefaults(verification: Verification, { defaults }: VerifyFlags): Verification {
  return defaults === undefined || verification.policy.place === null
    ? verification
    : { ...verification, defaults: [...defaults] };
}

function onlyPolicy(named: readonly string[], flags: VerifyFlags): string {
  const [file, second] = named;
  if (file === undefined)
    throw new UsageError(
      "name a policy file, or write a first one with kmsprobe verify --init -o policy.yaml",
    );
  if (second !== undefined) throw new UsageError(`one policy at a time: '${show(second)}' is a second one`);
  const misplaced = (["domain", "resolver", "source", "file"] as const).find(
    (key) => flags[key] !== undefined,
  );
  if (misplaced !== undefined)
    throw new UsageError(
      `--${misplaced} goes with --init: a policy names its own targets (or has variables, for --set)`,
    );
  return file;
}

/** Mistakes in what is to be written come before anybody waits for it. */
async function orderedReports(
  { report = [], output, writeBaseline, verbose }: VerifyFlags,
  policy: string,
): Promise<Ordered[]> {
  const summary = process.env["GITHUB_STEP_SUMMARY"];
  const reports = report.flatMap((text) => parseReport(text, verbose, summary));
  const others = [output, writeBaseline].flatMap((file) => (file === undefined ? [] : [file]));
  await requireWritable(
    [...reports.flatMap(({ file }) => file ?? []), ...others],
    [{ file: policy, what: "the policy" }],
  );
  return reports;
}

/** @returns null, too, where the signal ends the wait for it */
async function readBaselineOf(
  { baseline }: VerifyFlags,
  { place }: Policy,
  signal: AbortSignal,
): Promise<Baseline | null> {
  if (baseline === undefined) return null;
  const text = await readBounded(baseline, { what: "baseline", most: 64, signal });
  return signal.aborted && text === "" ? null : readBaseline(text, nameOfFile(baseline), place);
}

async function verify(
  { policy, looks, baseline }: { policy: Policy; looks: readonly Look[]; baseline: Baseline | null },
  flags: VerifyFlags,
  signal: AbortSignal,
): Promise<Verification> {
  const progress = startProgress(wantsNoProgress(flags), flags);
  const beside = baseline === null ? null : { baseline, file: nameOfFile(flags.baseline ?? "") };
  try {
    return await verifyPolicy(policy, looks, beside, { signal, onProgress: progress.show });
  } finally {
    progress.stop();
  }
}

function planWords({ file, place, expectations }: Policy, looks: readonly Look[]): string {
  const here = expectations.filter(({ elsewhere }) => elsewhere === null).length;
  const where = place === null ? "" : ` at ${place}`;
  const lines = looks.map(({ from, domains, hosts, closed }) => {
    const parts = [
      ...(domains.size > 0 ? [`the hosts of ${[...domains.keys()].join(", ")}`] : []),
      ...(hosts.size > 0 ? [plural(hosts.size, "named host")] : []),
      ...(closed.size > 0 ? [`${plural(closed.size, "connect")} to what must stay closed`] : []),
    ];
    return `  from ${from ?? "wherever the system chooses"}: ${parts.join("; ")}`;
  });
  return `${file}${where}: ${plural(here, "expectation")}, nothing was touched. A run would look at\n${lines.join("\n")}\n`;
}
