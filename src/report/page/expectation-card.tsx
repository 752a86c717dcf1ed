import type { ReactElement } from "react";
import type { ExpectationResult } from "../../verify/model.ts";
import { nameOf, severityOf, STATUS_WORDS } from "../verify/words.ts";
import { Badge } from "./badge.tsx";
import type { DetailGroup } from "./detail-groups.ts";
import { Details } from "./details.tsx";

/** One expectation that does not hold, warns, or could not be checked. */
export function ExpectationCard(props: {
  result: ExpectationResult;
  groups: readonly DetailGroup[];
  file: string;
  room: number;
  open: boolean;
}): ReactElement {
  const { result, groups, file, room, open } = props;
  const tone = severityOf(result) ?? "neutral";
  return (
    <details className={`card ${tone}`} open={open}>
      <summary>
        <Badge tone={tone} words={tone === "neutral" ? "not for here" : STATUS_WORDS[tone]} />
        <h3>{nameOf(result)}</h3>
      </summary>
      <div className="card-body">
        <p className="meta">
          <code>{result.id}</code>
          <span>{result.kind}</span>
          <span>
            {file} line {result.at.line}
          </span>
        </p>
        <dl className="contrast">
          <div>
            <dt>Expected</dt>
            <dd>{result.expected}</dd>
          </div>
          <div>
            <dt>Observed</dt>
            <dd className={tone}>{result.observed}</dd>
          </div>
        </dl>
        <Details result={result} groups={groups} room={room} />
      </div>
    </details>
  );
}
