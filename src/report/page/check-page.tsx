/** The check as one page to attach to a ticket: the answer, what to do, what was seen. */
import type { Report } from "../../model/report.ts";
import { headlineOf } from "../check/headline.ts";
import { printableThroughout } from "../escape.ts";
import { Closing } from "./closing.tsx";
import { Dns } from "./dns.tsx";
import { Evidence } from "./evidence.tsx";
import { Header } from "./header.tsx";
import { Latency } from "./latency.tsx";
import { Matrix } from "./matrix.tsx";
import { Paths } from "./paths.tsx";
import { pageOf } from "./shell.tsx";
import { Sources } from "./sources.tsx";
import { Troubles } from "./troubles.tsx";

/** Longer than any sentence of ours; shorter than what a hostile name could make of one. */
const MAX_TEXT = 2_000;
/** Names of targets in the header. */
const TARGETS_SHOWN = 8;

export function renderHtml(given: Report): string {
  const report = printableThroughout(MAX_TEXT, given);
  const seen = { report, closed: [], results: [] };
  const { severity, text } = headlineOf(report);
  const subject = targetsOf(report);
  return pageOf({
    title: `${text}: ${subject}`,
    header: <Header answer={{ tone: severity, command: "check", title: text, subject }} seen={report} />,
    // Called, and not made elements of: a chapter that has nothing to say is left out of the contents too.
    chapters: [
      { id: "todo", title: "What to do", element: Troubles({ report }) },
      { id: "matrix", title: "Hosts", element: Matrix({ report }) },
      { id: "sources", title: "Sources", element: Sources({ report }) },
      { id: "paths", title: "Paths", element: Paths({ verification: seen }) },
      { id: "dns", title: "DNS", element: Dns({ report }) },
      { id: "latency", title: "Latency", element: Latency({ report }) },
      { id: "evidence", title: "Evidence", element: Evidence({ verification: seen }) },
    ],
    footer: <Closing report={report} kind="report" />,
  });
}

/** `corp.example, branch.example`. */
function targetsOf({ diagnoses }: Report): string {
  const names = diagnoses.map(({ target }) => {
    if (target.kind === "domain") return target.domain;
    return target.kind === "list" ? "hosts that were named" : "no DNS suffix";
  });
  const all = [...new Set(names)];
  const more = all.length - TARGETS_SHOWN;
  return all.slice(0, TARGETS_SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
