/** What was looked at for one expectation: what was seen there, why it may be, what to do. */
import type { ReactElement } from "react";
import type { Detail, ExpectationResult } from "../../verify/model.ts";
import { severityOf } from "../verify/words.ts";
import { Sign } from "./badge.tsx";
import { Causes } from "./causes.tsx";
import type { Tone } from "./badge.tsx";
import type { DetailGroup } from "./detail-groups.ts";
import { evidenceAnchor } from "./evidence-anchor.ts";
import { Steps } from "./steps.tsx";

/** Of a group, before the rest is folded: what to do about it is to stay in sight. */
const LINES_OPEN = 8;

/** @param props.room details shown at most; how many there are besides is said */
export function Details(props: {
  result: ExpectationResult;
  groups: readonly DetailGroup[];
  room: number;
}): ReactElement {
  const { result, groups, room } = props;
  const more = Math.max(0, result.details.length - room) + result.detailsDropped;
  return (
    <>
      {groups.map(({ details, causes, steps, before }, index) => (
        <div className="group" key={index}>
          <Lines details={details.slice(0, LINES_OPEN)} result={result} />
          {details.length > LINES_OPEN ? (
            <details className="rest">
              <summary>{details.length - LINES_OPEN} more with the same picture</summary>
              <Lines details={details.slice(LINES_OPEN)} result={result} />
            </details>
          ) : null}
          {before === null ? (
            <>
              <Causes causes={causes} />
              <Steps steps={steps} />
            </>
          ) : (
            <p className="more">As under {before}.</p>
          )}
        </div>
      ))}
      {more > 0 ? <p className="more">And {more} more like these, not shown here.</p> : null}
    </>
  );
}

function Lines({ details, result }: { details: readonly Detail[]; result: ExpectationResult }): ReactElement {
  return (
    <ul className="details">
      {details.map((detail, index) => (
        <DetailLine key={index} detail={detail} tone={toneOf(detail, result)} />
      ))}
    </ul>
  );
}

export function DetailLine({ detail, tone }: { detail: Detail; tone: Tone }): ReactElement {
  const { about, observed, code, certainty, pointer } = detail;
  const anchor = evidenceAnchor(pointer);
  return (
    <li>
      <Sign tone={tone} />
      <div>
        <span className="hidden">
          {detail.holds ? "holds: " : tone === "inconclusive" ? "not known: " : "does not hold: "}
        </span>
        <b className="name">{about}</b>
        <span className="observed">{observed}</span>
        <span className="meta">
          {code === null ? null : <code>{code}</code>}
          {certainty === null ? null : <span>{CERTAINTY[certainty]}</span>}
          {anchor === null ? null : (
            <a href={`#${anchor}`}>
              evidence<span className="hidden"> of {about}</span>
            </a>
          )}
        </span>
      </div>
    </li>
  );
}

const CERTAINTY: Readonly<Record<NonNullable<Detail["certainty"]>, string>> = {
  certain: "certain",
  likely: "likely",
  ambiguous: "ambiguous: several causes give this picture",
};

/** With "at least one serves", a host that does not serve is worth a look in an expectation that holds. */
export function toneOf({ holds }: Detail, result: ExpectationResult): Tone {
  if (holds) return "ok";
  return result.status === "met" ? "degraded" : (severityOf(result) ?? "neutral");
}
