/** What changed since the baseline was written: what got worse first, with what to do. */
import type { ReactElement } from "react";
import type { Change, Direction, Verification } from "../../verify/model.ts";
import { plural } from "../../verdict/figures.ts";
import { changesOf } from "../verify/words.ts";
import { Badge } from "./badge.tsx";
import type { Tone } from "./badge.tsx";
import { evidenceAnchor } from "./evidence-anchor.ts";
import { momentWords } from "./figures.ts";
import { More, Section } from "./section.tsx";
import { mergeSteps, Steps } from "./steps.tsx";

/** Of each direction. */
const CHANGES_SHOWN = 100;

const DIRECTIONS = [
  { direction: "worse", title: "Worse", tone: "failed" },
  { direction: "flapping", title: "Flapping", tone: "degraded" },
  { direction: "changed", title: "Changed", tone: "degraded" },
  { direction: "better", title: "Better", tone: "ok" },
] as const satisfies readonly { direction: Direction; title: string; tone: Tone }[];

export function Baseline({ baseline }: Pick<Verification, "baseline">): ReactElement | null {
  if (baseline === null) return null;
  const { file, writtenAt, unchanged, notCompared } = baseline;
  const rest = notCompared > 0 ? `, ${notCompared} not looked at this time` : "";
  return (
    <Section
      id="baseline"
      title="Since the baseline"
      lead={`Compared with ${file}, written ${momentWords(writtenAt)}: ${plural(baseline.changes.length, "change")}, ${unchanged} unchanged${rest}.`}
    >
      {DIRECTIONS.map(({ direction, title, tone }) => {
        const changes = changesOf(baseline, direction);
        if (changes.length === 0) return null;
        return (
          <div key={direction}>
            <h3 className="direction">
              <Badge tone={tone} words={`${title}: ${changes.length}`} />
            </h3>
            <ul className="changes">
              {changes.slice(0, CHANGES_SHOWN).map((change, index) => (
                <ChangeItem key={index} change={change} tone={tone} />
              ))}
            </ul>
            <More count={changes.length - CHANGES_SHOWN} what="changes" />
          </div>
        );
      })}
    </Section>
  );
}

function ChangeItem({ change, tone }: { change: Change; tone: Tone }): ReactElement {
  const { what, about, source, before, after, next, pointer } = change;
  const anchor = evidenceAnchor(pointer);
  return (
    <li className={`change ${tone}`}>
      <p className="change-about">
        <b className="name">{about}</b>
        <span className="meta">
          <span>{what}</span>
          {source === null ? null : <span>from {source}</span>}
          <span>{looksWords(change)}</span>
          {anchor === null ? null : (
            <a href={`#${anchor}`}>
              evidence<span className="hidden"> of {about}</span>
            </a>
          )}
        </span>
      </p>
      <p className="turn">
        <span className="hidden">before: </span>
        <span className="before">{before}</span>
        <span aria-hidden="true"> → </span>
        <span className="hidden">, now: </span>
        <b className={tone}>{after}</b>
      </p>
      <Steps steps={mergeSteps([next])} />
    </li>
  );
}

function looksWords({ looks: { worse, of } }: Change): string {
  return worse === 0 ? `seen in ${plural(of, "look")}` : `worse in ${worse} of ${plural(of, "look")}`;
}
