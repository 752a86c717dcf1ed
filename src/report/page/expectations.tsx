/** The expectations: those that want attention one by one, those that hold in a table that can be folded. */
import type { ReactElement } from "react";
import type { ExpectationResult, Verification } from "../../verify/model.ts";
import { plural } from "../../verdict/figures.ts";
import { byUrgency, severityOf } from "../verify/words.ts";
import { ExpectationCard } from "./expectation-card.tsx";
import { HoldingTable } from "./holding-table.tsx";
import { createTold } from "../verify/told.ts";
import { groupsOf } from "./detail-groups.ts";
import { Section } from "./section.tsx";

/** Cards that are open from the start. */
const CARDS_OPEN = 25;

/** Details on the whole page: shared out evenly, so that neither many expectations nor many hosts make it huge. */
const DETAILS_SHOWN = 1_000;
const DETAILS_AT_LEAST = 2;

/** Up to here there is nothing gained by folding. */
const HOLDING_OPEN = 12;

export function Expectations({ verification }: { verification: Verification }): ReactElement {
  const { policy, results } = verification;
  const sorted = byUrgency(results);
  const cards = sorted.filter((each) => !["ok", null].includes(severityOf(each)));
  const room = Math.max(DETAILS_AT_LEAST, Math.floor(DETAILS_SHOWN / Math.max(1, cards.length)));
  const holding = sorted.filter((each) => severityOf(each) === "ok");
  const elsewhere = sorted.filter((each) => severityOf(each) === null);
  const told = createTold();
  return (
    <Section id="expectations" title="Expectations">
      {results.length === 0 ? <p className="lead">The policy expects nothing.</p> : null}
      {cards.map((result, index) => (
        <ExpectationCard
          key={index}
          result={result}
          groups={groupsOf(result, room, told)}
          file={policy.file}
          room={room}
          open={index < CARDS_OPEN}
        />
      ))}
      <Folded
        results={holding}
        title={`${plural(holding.length, "expectation")} ${holding.length === 1 ? "holds" : "hold"}`}
        open={holding.length <= HOLDING_OPEN}
      />
      <Folded
        results={elsewhere}
        title={`${plural(elsewhere.length, "expectation")} for other places than this one`}
        open={false}
      />
    </Section>
  );
}

function Folded(props: {
  results: readonly ExpectationResult[];
  title: string;
  open: boolean;
}): ReactElement | null {
  const { results, title, open } = props;
  if (results.length === 0) return null;
  return (
    <details className="fold" open={open}>
      <summary>
        <h3>{title}</h3>
      </summary>
      <HoldingTable results={results} label={title} />
    </details>
  );
}
