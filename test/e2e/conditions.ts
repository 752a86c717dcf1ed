import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Attempt, Diagnosis } from "../../src/model/diagnosis.ts";
import type { Report } from "../../src/model/report.ts";
import type { Verdict, VerdictCode } from "../../src/model/verdict.ts";
import { checkedReport } from "../integration/support/checked-report.ts";
import { type RunOptions, start } from "../integration/support/kmsprobe.ts";
import { type Condition, covers, upToChance } from "./covers.ts";
import type { Host } from "./topology.ts";

/** Little patience, where a test says nothing else: on these cables an answer takes milliseconds. */
const QUICK = {
  "--timeout": "700ms",
  "--retries": "1",
  "--rpc-timeout": "1s",
  "--dns-timeout": "1500ms",
  "--count": "1",
};

export type CheckOptions = Pick<RunOptions, "wrapper"> & {
  /** Ctrl-C as soon as a connection of the host waits for its SYN/ACK. */
  interrupt?: boolean;
};

/** Runs the built command line on a host: `check(client, ["10.71.2.10"])`. */
export type Check = (from: Host, args: readonly string[], options?: CheckOptions) => Promise<Checked>;

export type Checked = { code: number | null; stderr: string; report: Report };

/**
 * A test of one condition on the network. It fails, too, unless the codes in its reports, of addresses, hosts, places
 * and the run together, are those that `covers` promises: all of them, and no other but those it says are up to chance.
 */
export function condition(name: Condition, body: (check: Check) => Promise<void>, timeoutMs?: number): void {
  test(
    name,
    async () => {
      const seen = new Set<VerdictCode>();
      await body(async (from, args, options = {}) => {
        const checked = await checkFrom(from, args, options);
        for (const { code } of verdictsOf(checked.report)) seen.add(code);
        return checked;
      });
      const promised: readonly VerdictCode[] = covers[name];
      const chance: readonly VerdictCode[] = upToChance[name] ?? [];
      const surprises = [...seen].filter((code) => !promised.includes(code) && !chance.includes(code));
      const missing = promised.filter((code) => !seen.has(code));
      expect({ surprises, missing }).toEqual({ surprises: [], missing: [] });
    },
    timeoutMs,
  );
}

async function checkFrom(from: Host, args: readonly string[], options: CheckOptions): Promise<Checked> {
  const patience = Object.entries(QUICK).flatMap((pair) => (args.includes(pair[0]) ? [] : pair));
  const wrapper = [...from.wrapper, ...(options.wrapper ?? [])];
  const { process, finished } = start(["check", "--format", "json", ...args, ...patience], { wrapper });
  if (options.interrupt) {
    while (from.run(["ss", "-Hnt", "state", "syn-sent"]) === "") await sleep(20);
    process.kill("SIGINT");
  }
  const { code, stdout, stderr } = await finished;
  if (stdout === "") throw new Error(`no report, exit code ${code}; it said: ${stderr}`);
  return { code, stderr, report: checkedReport(stdout) };
}

function verdictsOf(report: Report): Verdict[] {
  return [
    report.verdict,
    ...report.diagnoses.flatMap(({ verdict, endpoints }) => [
      verdict,
      ...endpoints.flatMap((endpoint) => [
        endpoint.verdict,
        ...endpoint.attempts.map((attempt) => attempt.verdict),
      ]),
    ]),
  ];
}

/** The one diagnosis of a report. */
export function diagnosisOf({ report }: Checked): Diagnosis {
  const [diagnosis, ...more] = report.diagnoses;
  if (diagnosis === undefined || more.length > 0) throw new Error(`${report.diagnoses.length} diagnoses`);
  return diagnosis;
}

/** What was tried at an address; without one, at the only address there is. */
export function attemptAt(checked: Checked, address?: string): Attempt {
  const attempts = checked.report.diagnoses
    .flatMap(({ endpoints }) => endpoints)
    .flatMap((endpoint) => endpoint.attempts);
  const found = attempts.filter((attempt) => address === undefined || attempt.address === address);
  const [attempt, ...more] = found;
  if (attempt === undefined || more.length > 0) throw new Error(`${found.length} attempts at ${address}`);
  return attempt;
}

/** The causes a verdict names, as one text: what `toMatch` and `toContain` take. */
export function causesOf(verdict: Verdict): string {
  return verdict.causes.join("\n");
}

/** The kernel's view of the connection whose bind stayed unanswered. */
export function kernelOf({ rpc }: Attempt): { unacknowledgedBytes: number; retransmissions: number } {
  const answer = rpc?.bind.answer;
  if (answer?.outcome !== "no-answer" || answer.kernel === null) throw new Error("no view of the kernel");
  return answer.kernel;
}
