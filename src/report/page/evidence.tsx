/** What stands behind the verdicts, folded: the lines of `check --verbose`, and what was found beside them. */
import type { ReactElement } from "react";
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Finding } from "../../model/finding.ts";
import type { Report } from "../../model/report.ts";
import type { ClosedEvidence, Verification } from "../../verify/model.ts";
import { hostPort } from "../../verdict/words.ts";
import { createStyle } from "../style.ts";
import { renderEvidence } from "../check/text-evidence.ts";
import { plural } from "../../verdict/figures.ts";
import { Sign } from "./badge.tsx";
import { EVIDENCE_SHOWN } from "./evidence-anchor.ts";
import { More, Section } from "./section.tsx";
import { tcpNote } from "./path.ts";

/** Characters on the whole page, shared out among the diagnoses. */
const CHARACTERS_SHOWN = 800_000;
const CHARACTERS_AT_LEAST = 4_000;

const FINDINGS_SHOWN = 60;
const CLOSED_SHOWN = 500;

export function Evidence({
  verification,
}: {
  verification: Pick<Verification, "report" | "closed">;
}): ReactElement {
  const { report, closed } = verification;
  const shown = report.diagnoses.slice(0, EVIDENCE_SHOWN);
  const room = Math.max(CHARACTERS_AT_LEAST, Math.floor(CHARACTERS_SHOWN / Math.max(1, shown.length)));
  return (
    <Section
      id="evidence"
      title="Evidence"
      lead="What was seen, in short; the JSON report has all of it, each value under its name."
    >
      {shown.map((diagnosis, index) => (
        <details className="fold" key={index}>
          <summary>
            <h3>{titleOf(diagnosis)}</h3>
          </summary>
          {/* A link to what is inside opens it; a link to the fold itself would not. */}
          <div className="evidence" id={`evidence-${index}`}>
            <Findings findings={diagnosis.findings} />
            <pre>{evidenceOf(diagnosis, room)}</pre>
          </div>
        </details>
      ))}
      <More count={report.diagnoses.length - shown.length} what="targets" />
      <Closed closed={closed} report={report} />
    </Section>
  );
}

function titleOf({ target, source, endpoints }: Diagnosis): string {
  const from = source === null ? "" : `, from ${source}`;
  const what =
    target.kind === "domain"
      ? `_vlmcs._tcp.${target.domain}`
      : target.kind === "list"
        ? `hosts of ${target.source}`
        : "no DNS suffix";
  return `${what}${from}: ${plural(endpoints.length, "host")}`;
}

/** Without its own headline, cut at the end of a line where there is too much of it. */
function evidenceOf(diagnosis: Diagnosis, room: number): string {
  const text = renderEvidence(diagnosis, createStyle(false))
    .split("\n")
    .slice(1)
    .map((line) => line.replace(/^ {2}/, ""))
    .join("\n");
  if (text === "") return "nothing was asked";
  if (text.length <= room) return text;
  const whole = text.slice(0, text.lastIndexOf("\n", room));
  return `${whole}\n… and so on: the JSON report has the rest`;
}

function Findings({ findings }: { findings: readonly Finding[] }): ReactElement | null {
  if (findings.length === 0) return null;
  return (
    <>
      <ul className="details">
        {findings.slice(0, FINDINGS_SHOWN).map(({ code, severity, observed }, index) => (
          <li key={index}>
            <Sign tone={severity === "warning" ? "degraded" : "neutral"} />
            <div>
              <span className="hidden">{severity}: </span>
              {observed} <code>{code}</code>
            </div>
          </li>
        ))}
      </ul>
      <More count={findings.length - FINDINGS_SHOWN} what="findings" />
    </>
  );
}

function Closed({
  closed,
  report,
}: {
  closed: readonly ClosedEvidence[];
  report: Report;
}): ReactElement | null {
  if (closed.length === 0) return null;
  const lines = closed.flatMap(({ host, port, source, attempts }) => {
    const name = hostPort(host, port);
    const from = source === null ? "" : ` from ${source}`;
    if (attempts.length === 0) return [`${name}${from}: no address`];
    return attempts.map(({ address, tcp }) => {
      const at = address === host ? "" : ` at ${address}`;
      const said = tcp.outcome === "ok" ? "connected" : tcp.outcome === "no-answer" ? tcp.cause : tcp.outcome;
      return `${name}${at}${from}: ${said}, ${tcpNote(tcp) ?? ""}`;
    });
  });
  return (
    <details className="fold">
      <summary>
        <h3>
          Ports that are to stay closed: {lines.length} tried from {report.from.host}
        </h3>
      </summary>
      <div className="evidence" id="evidence-closed">
        <pre>{lines.slice(0, CLOSED_SHOWN).join("\n")}</pre>
        <More count={lines.length - CLOSED_SHOWN} what="lines" />
      </div>
    </details>
  );
}
