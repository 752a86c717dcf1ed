/** What turns the report of a sweep into text, in a file of the bundle of its own. */
export { renderSweepCsv } from "../../report/sweep/csv.ts";
export { renderSweepJson } from "../../report/sweep/json.ts";
export { renderSweepText } from "../../report/sweep/text.ts";
