/** Published × answering × permitted, as things to do: one entry for each kind of trouble. */
import type { ReconcileCode, ReconcileRow, SweepReport } from "../../sweep/model.ts";
import { plural } from "../../verdict/figures.ts";
import { hostPort } from "../../verdict/words.ts";
import { wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { grouped } from "../../sweep/counts.ts";
import { RECONCILE_TITLES } from "./words.ts";
import { PLACES } from "../words.ts";

/** Places named in one entry. */
const PLACES_SHOWN = 3;

type Finding = ReconcileRow["findings"][number];
type Met = { place: string; finding: Finding };

/** Warnings with all their steps; a note without them unless --verbose asks, which also tells of each place apart. */
export function renderFindings(
  { reconcile }: SweepReport,
  { width, verbose }: { width: number; verbose: boolean },
  style: Style,
): string {
  if (reconcile === null) return "";
  const groups = new Map<string, Met[]>();
  for (const row of reconcile.rows)
    for (const finding of row.findings) {
      const kind = verbose ? `${groups.size}` : `${finding.severity} ${finding.code}`;
      const met = groups.get(kind) ?? [];
      met.push({ place: placeOf(row), finding });
      groups.set(kind, met);
    }
  const order = Object.keys(RECONCILE_TITLES);
  const rank = ({ severity, code }: Finding): number =>
    (severity === "warning" ? 0 : order.length) + order.indexOf(code);
  const entries = [...groups.values()]
    .flatMap((met) => (met[0] === undefined ? [] : [{ first: met[0].finding, met }]))
    .toSorted((a, b) => rank(a.first) - rank(b.first));
  if (entries.length === 0) return "";
  let cut = 0;
  const blocks = entries.map(({ first, met }, index) => {
    const sign = first.severity === "warning" ? style.severity("degraded", "!") : style.dim("i");
    const title = titleOf(first.code);
    const whole = `${title}: ${placesOf(met)} [${first.code}]`;
    const head = wrap(whole, width, "     ").trimStart();
    const lines = [
      `${String(index + 1).padStart(2)} ${sign} ${style.bold(title)}${head.slice(title.length)}`,
    ];
    if (met.length === 1) lines.push(wrap(first.observed, width, "     "));
    const steps = first.severity === "warning" || verbose ? first.next : [];
    if (met.length > 1 && steps.length > 0)
      lines.push(
        wrap(
          `For ${met[0]?.place}, and the others likewise (--verbose has the steps of each):`,
          width,
          "     ",
        ),
      );
    for (const step of steps) {
      lines.push(wrap(`→ ${PLACES[step.where]}: ${step.text}`, width, "     "));
      // A command stays on one line, so that it can be copied.
      if (step.command === null) continue;
      if (isCut(step.command)) cut += 1;
      else lines.push(`         ${style.bold(step.command)}`);
    }
    return lines.join("\n");
  });
  if (cut > 0)
    blocks.push(style.dim(`     ${plural(cut, "command")} too long for a line: see the JSON report`));
  return [style.bold("Published, answering, permitted: what does not go together"), ...blocks].join("\n");
}

/** What `printable` had to cut would do something else. */
function isCut(command: string): boolean {
  return command.endsWith("…");
}

function titleOf(code: ReconcileCode): string {
  return RECONCILE_TITLES[code];
}

function placesOf(met: readonly Met[]): string {
  const shown = met.slice(0, PLACES_SHOWN).map(({ place }) => place);
  const more = met.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${grouped(more)} more` : shown.join(", ");
}

function placeOf({ address, port, names }: ReconcileRow): string {
  const host = address ?? names[0] ?? "a name";
  return port === null ? host : hostPort(host, port);
}
