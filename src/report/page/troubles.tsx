/** What keeps hosts from serving, most useful first: where it was met, why it may be, what to do. */
import type { ReactElement } from "react";
import type { Report } from "../../model/report.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { troublesOf, whereWords } from "../check/troubles.ts";
import { Badge } from "./badge.tsx";
import { Causes } from "./causes.tsx";
import { More, Section } from "./section.tsx";
import { mergeSteps, Steps } from "./steps.tsx";

const TROUBLES_SHOWN = 100;

export function Troubles({ report }: { report: Report }): ReactElement | null {
  const troubles = troublesOf(report);
  if (troubles.length === 0) return null;
  return (
    <Section id="todo" title="What to do, most useful first">
      {troubles.slice(0, TROUBLES_SHOWN).map(({ verdict, where }, index) => (
        <details className={`card ${verdict.severity}`} key={index} open>
          <summary>
            <Badge tone={verdict.severity} words={entryOf(verdict.code).title} />
            <h3 className="name">{whereWords(where)}</h3>
          </summary>
          <div className="card-body">
            <p className="meta">
              <code>{verdict.code}</code>
              <span>{verdict.certainty}</span>
            </p>
            <p>{verdict.observed}</p>
            <Causes causes={verdict.causes} />
            <Steps steps={mergeSteps([verdict.next])} />
          </div>
        </details>
      ))}
      <More count={troubles.length - TROUBLES_SHOWN} what="kinds of trouble" />
    </Section>
  );
}
