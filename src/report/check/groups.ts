/** A report by target, as people read it: what several sources say alike is said once. */
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Finding } from "../../model/finding.ts";
import { listOf } from "../../compare/phrase.ts";
import { outlookSentences } from "./text-outlook.ts";

/** These say again what a row of the table says, and what the steps below take up. */
const REPEATS: ReadonlySet<Finding["code"]> = new Set([
  "lint-not-answering",
  "lint-dangling-target",
  "rpc-accepts-anything",
  "rpc-reads-rpc",
]);

/** Diagnoses of one target, one from each source: usually there is one. */
export function groupByTarget(diagnoses: readonly Diagnosis[]): Diagnosis[][] {
  const groups = new Map<string, Diagnosis[]>();
  for (const diagnosis of diagnoses) {
    const key = JSON.stringify(diagnosis.target);
    groups.set(key, [...(groups.get(key) ?? []), diagnosis]);
  }
  return [...groups.values()];
}

/** Each finding once, with the sources it was made from where there are several. */
export function findingsOf(group: readonly Diagnosis[], verbose: boolean): Finding[] {
  const told = group.flatMap(({ findings, source }) =>
    findings
      .filter(({ code }) => verbose || !REPEATS.has(code))
      .map((finding) => ({
        finding,
        source: source ?? "",
        key: JSON.stringify([finding.code, finding.observed]),
      })),
  );
  const sources = new Map<string, string[]>();
  for (const { key, source } of told) sources.set(key, [...new Set([...(sources.get(key) ?? []), source])]);
  const first = new Map(told.toReversed().map((each) => [each.key, each]));
  return [...first.values()].toReversed().map(({ finding, key }) => {
    if (group.length < 2) return finding;
    return { ...finding, observed: `From ${listOf(sources.get(key) ?? [])}: ${finding.observed}` };
  });
}

/** Each sentence once, with the sources that it holds for. */
export function outlooksOf(group: readonly Diagnosis[]): string[] {
  const sources = new Map<string, string[]>();
  for (const diagnosis of group)
    for (const sentence of outlookSentences(diagnosis))
      sources.set(sentence, [...(sources.get(sentence) ?? []), diagnosis.source ?? ""]);
  if (group.length < 2) return [...sources.keys()];
  return [...sources].map(
    ([sentence, from]) => `From ${listOf(from)}: ${sentence.replace(/^A client/, "a client")}`,
  );
}
