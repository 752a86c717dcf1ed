import type { Explanation } from "../../explain/model.ts";
import { asciiJson } from "../escape.ts";

/** The whole explanation, as `schema/explain-v1.json` describes it. */
export function renderExplainJson(explanation: Explanation): string {
  return `${asciiJson(explanation, 2)}\n`;
}
