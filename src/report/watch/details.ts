/** All about one host: figures, the evidence of the latest look, what to do. */
import type { Diagnosis, EndpointDiagnosis } from "../../model/diagnosis.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { plural } from "../../verdict/figures.ts";
import { lossOf } from "../../watch/host.ts";
import type { Host } from "../../watch/host.ts";
import type { Latency } from "../../watch/latency.ts";
import { printable } from "../escape.ts";
import { causeLines } from "../cause-list.ts";
import { createStyle, SIGNS, wrap } from "../style.ts";
import { renderEvidence } from "../check/text-evidence.ts";
import { PLACES } from "../words.ts";
import { durationWords } from "../../verdict/duration.ts";
import { limitWords, timeWords } from "./words.ts";

const PLAIN = createStyle(false);

/** Plain lines, no colour: the view that shows them has its own. */
export function detailLines(host: Host, width: number): string[] {
  const { verdict, lastChange, latest } = host;
  const loss = lossOf(host);
  const everyMs = host.pace.everyMs();
  const lines = [
    ...wrapped(
      `${SIGNS[verdict.severity]} ${entryOf(verdict.code).title} since ${timeWords(host.since)}  [${verdict.code}, ${verdict.certainty}]`,
      width,
      "  ",
    ).map((line, index) => (index === 0 ? line.trimStart() : line)),
    ...wrapped(printable(verdict.observed), width, "  "),
    "",
    `Rounds   ${host.rounds}, ${host.served} served${loss === null ? "" : `, ${(loss * 100).toFixed(1)} % not`}; ${plural(host.changes, "change")}; ${everyMs === null ? "looked at once" : `one every ${durationWords(everyMs)}`}`,
    `TCP      ${figureWords(host.tcp)}`,
    `RPC      ${figureWords(host.rpc)}`,
  ];
  if (lastChange !== null) {
    const change = `${entryOf(lastChange.from).title} → ${entryOf(lastChange.to).title}`;
    lines.push(
      ...wrapped(
        `Changed  ${timeWords(lastChange.at)}  ${change}: ${printable(lastChange.cause)}`,
        width,
        "",
      ),
    );
  }
  const picture = host.turns.picture();
  if (picture !== null) lines.push("", ...wrapped(capital(limitWords(picture, 0)), width, ""));
  // A line a line of the screen: what is counted is what is scrolled.
  const causes = causeLines(verdict.causes.map(printable), { verbose: true, width, indent: "" }).flatMap(
    (each) => each.split("\n"),
  );
  if (causes.length > 0) lines.push("", ...causes);
  if (verdict.next.length > 0) lines.push("", "What to do, most useful first");
  for (const { where, text, command } of verdict.next) {
    lines.push(...wrapped(`→ ${PLACES[where]}: ${printable(text)}`, width, "  "));
    if (command !== null) lines.push(`      ${printable(command)}`);
  }
  if (latest.endpoint !== null)
    lines.push("", ...renderEvidence(asDiagnosis(latest.endpoint), PLAIN).split("\n"));
  return lines;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function figureWords(latency: Latency): string {
  const figures = latency.figures();
  if (figures === null) return "–";
  const { lastMs, minMs, medianMs, p95Ms, jitterMs, count } = figures;
  const jitter = jitterMs === null ? "–" : ms(jitterMs);
  return `last ${ms(lastMs)}, min ${ms(minMs)}, median ${ms(medianMs)}, p95 ${ms(p95Ms)}, jitter ${jitter} ms (${plural(count, "sample")})`;
}

function ms(value: number): string {
  return value.toFixed(2);
}

function wrapped(text: string, width: number, indent: string): string[] {
  return wrap(text, width, indent).split("\n");
}

/** The evidence of one host alone, in the shape that the report's own lines are made from. */
function asDiagnosis(endpoint: EndpointDiagnosis): Pick<Diagnosis, "srv" | "endpoints" | "source"> {
  return { srv: [], endpoints: [endpoint], source: null };
}
