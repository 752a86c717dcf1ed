/** The answer, before anything else, and where and when it was seen. */
import type { ReactElement, ReactNode } from "react";
import type { Report } from "../../model/report.ts";
import { durationWords } from "../../verdict/duration.ts";
import { signOf } from "./badge.tsx";
import type { Tone } from "./badge.tsx";
import { Fact } from "./fact.tsx";
import { momentWords } from "./figures.ts";

type Answer = { tone: Tone; command: string; title: string; subject: string };
type Seen = Pick<Report, "startedAt" | "elapsedMs" | "from" | "sources">;

/** @param props.facts before those of every page; `children` stand between the answer and the facts */
export function Header(props: {
  answer: Answer;
  seen: Seen;
  facts?: ReactNode;
  children?: ReactNode;
}): ReactElement {
  const { answer, seen, facts, children } = props;
  const sources = seen.sources.map(({ label }) => label).join(", ");
  return (
    <header className={`verdict ${answer.tone}`}>
      <div className="headline">
        <span className={`seal ${answer.tone}`} aria-hidden="true">
          {signOf(answer.tone)}
        </span>
        <div>
          <p className="overline">kmsprobe {answer.command}</p>
          <h1>{answer.title}</h1>
          <p className="policy-name">{answer.subject}</p>
        </div>
      </div>
      {children}
      <dl className="facts">
        {facts}
        <Fact term="When">
          <time dateTime={seen.startedAt}>{momentWords(seen.startedAt)}</time>
        </Fact>
        <Fact term="Seen from">
          {seen.from.host} ({seen.from.platform}){sources === "" ? "" : `, sources ${sources}`}
        </Fact>
        <Fact term="Took">{durationWords(seen.elapsedMs)}</Fact>
        <Fact term="Activation requests">none sent</Fact>
      </dl>
    </header>
  );
}
