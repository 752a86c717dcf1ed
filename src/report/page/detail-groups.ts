/** Details of one expectation, those with the same advice together: forty silent hosts have their causes told once. */
import type { Detail, ExpectationResult } from "../../verify/model.ts";
import type { Told } from "../verify/told.ts";
import { mergeSteps } from "./steps.tsx";
import type { MergedStep } from "./steps.tsx";

export type DetailGroup = {
  details: readonly Detail[];
  causes: readonly string[];
  steps: readonly MergedStep[];
  /** The expectation under which the same was told before; null where it is told here. */
  before: string | null;
};

/** @param room details at most */
export function groupsOf(result: ExpectationResult, room: number, told: Told): DetailGroup[] {
  return groupDetails(result.details.slice(0, room)).map((group) => {
    return { ...group, before: told.before(result, group.details) };
  });
}

/** In the order in which they are first met. */
function groupDetails(details: readonly Detail[]): Omit<DetailGroup, "before">[] {
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
