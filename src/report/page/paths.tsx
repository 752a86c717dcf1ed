/** Where the path to each failing host ends, drawn as its steps. */
import type { ReactElement } from "react";
import type { Verification } from "../../verify/model.ts";
import { plural } from "../../verdict/figures.ts";
import { Sign } from "./badge.tsx";
import { closedPathsOf } from "./closed-paths.ts";
import { More, Section } from "./section.tsx";
import { pathsOf } from "./path.ts";
import type { Path, Stop } from "./path.ts";

const PATHS_SHOWN = 50;

export function Paths({
  verification,
}: {
  verification: Pick<Verification, "report" | "closed" | "results">;
}): ReactElement | null {
  const hosts = pathsOf(verification.report);
  const open = closedPathsOf(verification);
  if (hosts.length + open.length === 0) return null;
  return (
    <Section
      id="paths"
      title="Where the path ends"
      lead="Each step as this machine saw it. A step that was not reached says nothing about the host."
    >
      <PathList paths={hosts} title={`${plural(hosts.length, "path")} on which nothing was seen to serve`} />
      <PathList paths={open} title={`${plural(open.length, "path")} to a port that is to stay closed`} />
    </Section>
  );
}

function PathList({ paths, title }: { paths: readonly Path[]; title: string }): ReactElement | null {
  if (paths.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul className="paths">
        {paths.slice(0, PATHS_SHOWN).map(({ name, source, stops, anchor }, index) => (
          <li key={index}>
            <p className="path-name">
              <b className="name">{name}</b>
              <span className="meta">
                {source === null ? null : <span>from {source}</span>}
                {anchor === null ? null : (
                  <a href={`#${anchor}`}>
                    evidence<span className="hidden"> of the path to {name}</span>
                  </a>
                )}
              </span>
            </p>
            <ol className="track">
              {stops.map((stop) => (
                <StopItem key={stop.title} stop={stop} />
              ))}
            </ol>
          </li>
        ))}
      </ul>
      <More count={paths.length - PATHS_SHOWN} what="paths" />
    </>
  );
}

function StopItem({ stop: { title, tone, ends, words, note } }: { stop: Stop }): ReactElement {
  const reached = words !== "not reached";
  return (
    <li className={`stop ${tone}${ends ? " ends" : ""}${reached ? "" : " beyond"}`}>
      {title === "From" ? <span className="origin" aria-hidden="true" /> : <Sign tone={tone} />}
      <span className="stop-title">{title}</span>
      {ends ? <span className="hidden">the path ends here: </span> : null}
      <span className="stop-words">{words}</span>
      {note === null ? null : <span className="stop-note">{note}</span>}
    </li>
  );
}
