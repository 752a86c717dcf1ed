/** What happened, in one line without its time. All that comes from the network is escaped here. */
import type { Severity } from "../../model/verdict.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { durationWords } from "../../verdict/duration.ts";
import { hostPort } from "../../verdict/words.ts";
import type { Happening, Subject } from "../../watch/event.ts";
import type { Gap } from "../../watch/gap.ts";
import type { LimitPicture } from "../../watch/limit.ts";
import { printable } from "../escape.ts";

/** `note` is news about this machine or about DNS, neither good nor bad by itself. */
export type Told = { tone: Severity | "note"; text: string };

/** What stands before news that is neither good nor bad. */
export const NOTE_SIGN = "·";

/** Records named in one line; the log file has them all. */
const MAX_RECORDS = 4;

/** Turns of passing and silence that are told. */
const MAX_TURNS = 6;

/** Below that, a start that was moved on purpose may be all there is to it. */
const CLEARLY_SLOWER = 1.5;

/** A happening as a line for people. */
export function tell(happening: Happening): Told {
  switch (happening.kind) {
    case "verdict": {
      const { subject, from, to, severity, observed } = happening;
      const title = entryOf(to).title;
      const change = from === null ? title : `${entryOf(from).title} → ${title}`;
      // A host that serves from the start needs no reason.
      const cause = from === null && severity === "ok" ? "" : `: ${printable(observed)}`;
      const remedy = to === "srv-no-suffix" ? " Name one with -d, or wait until this machine has one." : "";
      return { tone: severity, text: `${subjectName(subject)}  ${change}${cause}${remedy}` };
    }
    case "unlisted":
      return {
        tone: "note",
        text: `${subjectName(happening.subject)}  is not in DNS any more, and not probed any longer`,
      };
    case "dns": {
      const { asked, name, recordType, added, removed, answer } = happening;
      const news = [
        ...(answer === null ? [] : [`${answer.from} → ${answer.to}`]),
        ...(removed.length > 0 ? [`without ${recordWords(removed)}`] : []),
        ...(added.length > 0 ? [`now ${recordWords(added)}`] : []),
      ];
      return {
        tone: "note",
        text: `DNS at ${printable(asked)}: ${printable(name)} ${recordType} ${news.join("; ")}`,
      };
    }
    case "configuration": {
      const { what, from, to } = happening;
      return { tone: "note", text: `${what} of this machine: ${recordWords(from)} → ${recordWords(to)}` };
    }
    case "network":
      return { tone: "note", text: `${happening.what} ${printable(happening.name)} ${happening.change}` };
    case "rate-limit": {
      const { subject, sourceConnectsPerMinute } = happening;
      return {
        tone: "note",
        text: `${subjectName(subject)}  ${limitWords(happening, sourceConnectsPerMinute)}`,
      };
    }
    case "gap":
      return { tone: "note", text: gapWords(happening.gap) };
    default:
      return happening satisfies never;
  }
}

/** Host, port, address where it is another, and source: what a line of a watch is about. */
export function subjectName({ host, port, address, source }: Subject): string {
  const name = port === null ? printable(host) : hostPort(printable(host), port);
  const at = address === null || address === host ? "" : ` (${printable(address)})`;
  return `${name}${at}${source === null ? "" : ` from ${printable(source)}`}`;
}

/**
 * @param fromSource connects a minute to all hosts from the same source, where it is known to be more than to this one
 */
export function limitWords({ turns, connectsPerMinute }: LimitPicture, fromSource: number): string {
  const shown = turns
    .slice(0, MAX_TURNS)
    .map(({ passed, connects, ms }) => (passed ? `${connects} passed` : `silence for ${durationWords(ms)}`))
    .join(", ");
  const own = Math.round(connectsPerMinute);
  const all = Math.round(fromSource);
  const inAll = all > own ? `, ${all} from here to all hosts` : "";
  return (
    `connects pass and meet silence by turns: ${shown}. Possible cause: a limit on new connections (of a firewall or an ` +
    `IPS). This watch itself makes ${own} a minute to the address${inAll}: see whether it goes with a longer --interval. A ` +
    `path or a host that comes and goes looks alike.`
  );
}

/** `2026-01-31 12:00:00 UTC (13:00:00+01:00 here)`: logs of a VPN are in one of the two. */
export function timeWords(iso: string): string {
  const utc = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
  const date = new Date(iso);
  const offset = -date.getTimezoneOffset();
  if (Number.isNaN(offset) || offset === 0) return utc;
  const local = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const zone = `${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  const dayWords = day === Number(iso.slice(8, 10)) ? "" : `${year}-${two(month)}-${two(day)} `;
  return `${utc} (${dayWords}${local}${offset < 0 ? "-" : "+"}${zone} here)`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `every 1 s`, and how often it really is where it takes longer. */
export function paceWords(intervalMs: number, slowestMs: number | null): string {
  const every = `every ${durationWords(intervalMs)}`;
  if (slowestMs === null || slowestMs < intervalMs * CLEARLY_SLOWER) return every;
  return `${every}, the slowest every ${durationWords(slowestMs)}`;
}

function gapWords({ kind, ms }: Gap): string {
  return kind === "slept"
    ? `this machine slept for ${durationWords(ms)} (or its clock was set forward); that round is not counted`
    : `this machine's clock was set back by ${durationWords(ms)}`;
}

function recordWords(records: readonly string[]): string {
  if (records.length === 0) return "none";
  const shown = records.slice(0, MAX_RECORDS).map(printable).join(", ");
  return records.length > MAX_RECORDS ? `${shown} and ${records.length - MAX_RECORDS} more` : shown;
}
