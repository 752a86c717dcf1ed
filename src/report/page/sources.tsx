import type { ReactElement } from "react";
import type { Report } from "../../model/report.ts";
import { Section } from "./section.tsx";

/** What the sources come to, taken together: the sentences of `kmsprobe compare`. Null where there is one source. */
export function Sources({ report }: { report: Report }): ReactElement | null {
  const said = report.conclusions.filter(({ rule }) => rule !== "note");
  const notes = report.conclusions.filter(({ rule }) => rule === "note");
  if (said.length === 0) return null;
  return (
    <Section id="sources" title="The sources taken together">
      <ul className="causes">
        {said.map(({ text }, index) => (
          <li key={index}>{text}</li>
        ))}
      </ul>
      {notes.map(({ text }, index) => (
        <p className="more" key={index}>
          {text}
        </p>
      ))}
    </Section>
  );
}
