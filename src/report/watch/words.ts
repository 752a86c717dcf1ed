/** What happened, in one line without its time. All that comes from the network is escaped here. */
import type { Severity } from "../../model/verdict.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { hostPort } from "../../verdict/words.ts";
import type { Happening, Subject } from "../../watch/event.ts";
import type { Gap } from "../../watch/gap.ts";
import { printable } from "../escape.ts";
import { durationWords } from "../../verdict/duration.ts";

/** `note` is news about this machine or about DNS, neither good nor bad by itself. */
export type Told = { tone: Severity | "note"; text: string };

/** Records named in one line; the log file has them all. */
const MAX_RECORDS = 4;

export function tell(happening: Happening): Told {
  switch (happening.kind) {
    case "verdict": {
      const { subject, from, to, severity, observed } = happening;
      const title = entryOf(to).title;
      const change = from === null ? title : `${entryOf(from).title} → ${title}`;
      // A host that serves from the start needs no reason.
      const cause = from === null && severity === "ok" ? "" : `: ${printable(observed)}`;
      return { tone: severity, text: `${subjectName(subject)}  ${change}${cause}` };
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
    case "gap":
      return { tone: "note", text: gapWords(happening.gap) };
    default:
      return happening satisfies never;
  }
}

export function subjectName({ host, port, address, source }: Subject): string {
  const name = port === null ? printable(host) : hostPort(printable(host), port);
  const at = address === null || address === host ? "" : ` (${printable(address)})`;
  return `${name}${at}${source === null ? "" : ` from ${printable(source)}`}`;
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
