import type { Change, Detail, ExpectationResult, Verification } from "../../verify/model.ts";
import { csvText } from "../csv-format.ts";
import type { Cells } from "../csv-format.ts";
import { failing } from "./lines.ts";
import { printableVerification } from "./words.ts";

/**
 * A row a detail that does not hold, one a result that has none, then one a change since the baseline: `kind` is
 * "baseline" there, and `status` its direction. Count results by `id` and `source`, not by rows.
 *
 * The first column is of our words only, so that no line can begin with another's.
 */
export function renderVerifyCsv(given: Verification): string {
  const { results, baseline, policy } = printableVerification(given);
  const rows = [
    ...results.flatMap((result) => {
      const common = resultCells(result, policy.file);
      const details = failing(result);
      return details.length === 0 ? [common] : details.map((each) => ({ ...common, ...detailCells(each) }));
    }),
    ...(baseline?.changes ?? []).map(changeCells),
  ];
  return csvText(rows, COLUMNS, Infinity);
}

function resultCells(result: ExpectationResult, file: string): Cells {
  const { kind, id, status, level, source, name, expected, observed, at, detailsDropped } = result;
  return {
    kind,
    id,
    status,
    level,
    source: source ?? "",
    name,
    expected,
    observed,
    policy: file,
    line: at.line,
    column: at.column,
    details_dropped: detailsDropped,
  };
}

function detailCells({ about, observed, code, certainty, causes, next, pointer }: Detail): Cells {
  const [step] = next;
  return {
    about,
    detail: observed,
    code: code ?? "",
    certainty: certainty ?? "",
    causes: causes.join("; "),
    next: step?.text ?? "",
    command: step?.command ?? "",
    pointer: pointer ?? "",
  };
}

function changeCells({ what, about, source, direction, before, after, next, pointer }: Change): Cells {
  const [step] = next;
  return {
    kind: "baseline",
    status: direction,
    level: direction === "worse" ? "error" : "",
    name: what,
    source: source ?? "",
    expected: before,
    observed: after,
    about,
    next: step?.text ?? "",
    command: step?.command ?? "",
    pointer: pointer ?? "",
  };
}

const COLUMNS = [
  "kind",
  "id",
  "status",
  "level",
  "source",
  "name",
  "expected",
  "observed",
  "about",
  "detail",
  "code",
  "certainty",
  "causes",
  "next",
  "command",
  "policy",
  "line",
  "column",
  "pointer",
  "details_dropped",
] as const;
