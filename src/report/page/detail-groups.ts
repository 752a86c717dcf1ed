/** Details of one expectation, those with the same advice together: forty silent hosts have their causes told once. */
import type { Detail } from "../../verify/model.ts";
import { mergeSteps } from "./steps.tsx";
import type { MergedStep } from "./steps.tsx";

export type DetailGroup = {
  details: readonly Detail[];
  causes: readonly string[];
  steps: readonly MergedStep[];
};

/** In the order in which they are first met. */
export function groupDetails(details: readonly Detail[]): DetailGroup[] {
  const groups = new Map<string, Detail[]>();
  for (const detail of details) {
    const { holds, causes, next } = detail;
    // Commands name their host; all else that differs is other advice.
    const advice = next.map(({ where, text, command }) => [where, text, command === null]);
    const key = JSON.stringify([holds, causes, advice]);
    const group = groups.get(key);
    if (group) group.push(detail);
    else groups.set(key, [detail]);
  }
  return [...groups.values()].map((group) => ({
    details: group,
    causes: group[0]?.causes ?? [],
    steps: mergeSteps(group.map(({ next }) => next)),
  }));
}
