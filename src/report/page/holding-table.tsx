import type { ReactElement } from "react";
import type { ExpectationResult } from "../../verify/model.ts";
import { nameOf, severityOf } from "../verify/words.ts";
import { Sign } from "./badge.tsx";
import { DetailLine, toneOf } from "./details.tsx";
import { ScrollRegion } from "./section.tsx";

/** "At least one serves" may hold and some host not serve: so many of those are named. */
const EXCEPTIONS_SHOWN = 3;

/** Expectations that ask for nothing to be done, a line each. */
export function HoldingTable(props: { results: readonly ExpectationResult[]; label: string }): ReactElement {
  const { results, label } = props;
  return (
    <ScrollRegion label={`Table: ${label}`}>
      <table className="holding">
        <caption className="hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Expectation</th>
            <th scope="col">Seen</th>
            <th scope="col">Id</th>
            <th scope="col">Kind</th>
            <th scope="col" className="number">
              Line
            </th>
          </tr>
        </thead>
        <tbody>
          {results.map((result, index) => (
            <tr key={index}>
              <th scope="row">
                <span className="signed">
                  <Sign tone={severityOf(result) ?? "neutral"} />
                  <span>{nameOf(result)}</span>
                </span>
              </th>
              <td>
                {result.observed}
                <Exceptions result={result} />
              </td>
              <td>
                <code>{result.id}</code>
              </td>
              <td>{result.kind}</td>
              <td className="number">{result.at.line}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function Exceptions({ result }: { result: ExpectationResult }): ReactElement | null {
  const exceptions = result.details.filter(({ holds }) => !holds);
  if (exceptions.length === 0) return null;
  const more = exceptions.length - EXCEPTIONS_SHOWN;
  return (
    <>
      <ul className="details">
        {exceptions.slice(0, EXCEPTIONS_SHOWN).map((detail, index) => (
          <DetailLine key={index} detail={detail} tone={toneOf(detail, result)} />
        ))}
      </ul>
      {more > 0 ? <p className="more">And {more} more.</p> : null}
    </>
  );
}
