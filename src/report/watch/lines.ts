/** A watch in lines: for people who read along, and for programs that read the log. */
import type { Default } from "../../model/report.ts";
import type { WatchEvent } from "../../watch/event.ts";
import { asciiJson } from "../escape.ts";
import { SIGNS } from "../style.ts";
import type { Style } from "../style.ts";
import type { HostSummary } from "./summary.ts";
import { NOTE_SIGN, tell } from "./words.ts";

/** `2026-01-31T12:00:00.000Z ✗ kms1.corp.example:1688 (10.0.0.5)  serves → refused: ...` */
export function renderEvent(event: WatchEvent, style: Style): string {
  const { tone, text } = tell(event);
  const sign = tone === "note" ? style.dim(NOTE_SIGN) : style.severity(tone, SIGNS[tone]);
  return `${style.dim(event.at)} ${sign} ${text}\n`;
}

export type LogLine =
  | {
      type: "start";
      at: string;
      tool: string;
      intervalMs: number;
      dnsIntervalMs: number;
      defaults?: readonly Default[];
    }
  | ({ type: "event" } & WatchEvent)
  | { type: "end"; at: string; rounds: number; elapsedMs: number; hosts: HostSummary[] };

/** One object a line. */
export function renderLogLine(line: LogLine): string {
  return `${asciiJson(line)}\n`;
}
