import type { Detail, ExpectationResult, Verification } from "../../../src/verify/model.ts";
import { checkedVerification } from "./checked-verification.ts";
import { type Finished, run, type RunOptions } from "./kmsprobe.ts";

/** Little patience, where a test says nothing else. */
const IMPATIENT = "{ timeout: 500ms, retries: 0, rpc-timeout: 1s, dns-timeout: 1s, deadline: 5s, count: 3 }";

/** A policy of these lines, read by an impatient run. */
export function policyOf(...lines: readonly string[]): string {
  const settings = lines.some((line) => line.startsWith("settings:")) ? [] : [`settings: ${IMPATIENT}`];
  return `${["version: 1", ...settings, ...lines].join("\n")}\n`;
}

export type Verified = Finished & { verification: Verification };

/** Runs `kmsprobe verify` on a policy's text; what it says has been checked against the model and itself. */
export async function runVerify(
  policy: string,
  args: readonly string[] = [],
  options: Omit<RunOptions, "input"> = {},
): Promise<Verified> {
  const finished = await run(["verify", "-", "--format", "json", ...args], { ...options, input: policy });
  if (finished.stdout === "")
    throw new Error(`no verification, exit code ${finished.code}; it said: ${finished.stderr}`);
  return { ...finished, verification: checkedVerification(finished.stdout) };
}

/** The one result of an id, or of an id and a source. */
export function resultOf({ verification }: Verified, id: string, source?: string): ExpectationResult {
  const found = verification.results.filter(
    (each) => each.id === id && (source === undefined || each.source === source),
  );
  const [result, ...more] = found;
  if (result === undefined || more.length > 0) throw new Error(`${found.length} results called ${id}`);
  return result;
}

/** Each result's status, by id, and by source where it has one. */
export function statusesOf({ verification }: Verified): Record<string, string> {
  return Object.fromEntries(
    verification.results.map(({ id, source, status }) => [
      source === null ? id : `${id} from ${source}`,
      status,
    ]),
  );
}

/** What does not hold. */
export function failingOf(result: ExpectationResult): Detail[] {
  return result.details.filter(({ holds }) => !holds);
}

/** Commands that a result, or a change, asks to run or to be made a rule. */
export function commandsOf(details: readonly Pick<Detail, "next">[]): string[] {
  return details.flatMap(({ next }) => next.flatMap(({ command }) => command ?? []));
}
