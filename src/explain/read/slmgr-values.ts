/** Lines of slmgr.vbs whose label is in no table: what the value can only be, and where it stands among the others. */
import type { Line } from "../clean.ts";
import { fieldOf, valueAt } from "../fields.ts";
import type { Language } from "../label-row.ts";
import { licenceState, stateLanguage } from "../states.ts";
import * as value from "../values.ts";

/** What a line is, and whose letters or words it is written in. */
export type ByValue = { readonly name: string; readonly text: string; readonly language: Language | null };

const LABELLED = /^([^:]{2,110}?) ?: {0,20}(\S.{0,400})$/;
const EXTENDED_PID = /^\d{5}-\d{5}-\d{3}-\d{6}-\d{2}-\d{4,5}-\d{4,5}\.\d{4}-\d{7}$/;
const KEY_CHANNEL = /^(?:Volume:(?:GVLK|CSVLK|MAK)|Retail|OEM:[A-Za-z:]{2,20})$/;
/** No digits alone, which a count may be, and no letter that keys don't have. */
const KEY = /^(?=.{0,4}[A-Z])[BCDFGHJKMNPQRTVWXY2346789]{5}$/;
const WINDOWS = /^55c92734-/;
const OFFICE = /^0ff1ce1[56]-/;
const PORT = /port|puert|порт|ポート|포트|端口|連接埠|noktas/i;

/** A block may begin with a line whose label nobody knows: its value ends in a word that Windows translates nowhere. */
const BEGINS =
  /: ?(?:Windows|Office|Microsoft|Visio|Project)\b[^:=]{0,120}\bedition$|, [A-Z][A-Z0-9_()-]{2,60} channel$/;

export function beginsByValue(line: Line): boolean {
  return line.text.length < 300 && fieldOf(line) === null && BEGINS.test(line.text);
}

/** @param seen what of the block was read before this line */
export function byValue(lines: readonly Line[], at: number, seen: ReadonlySet<string>): ByValue | null {
  const told = labelled(lines, at);
  const name = told === null ? null : nameOf(lines, at, told, seen);
  if (told === null || name === null || seen.has(name)) return null;
  const [label, text] = told;
  return { name, text, language: stateLanguage(text) ?? scriptOf(label) };
}

function labelled(lines: readonly Line[], at: number): readonly [string, string] | null {
  const line = lines[at];
  if (line === undefined || line.text.length > 500 || fieldOf(line) !== null) return null;
  const [, label, text] = LABELLED.exec(line.text) ?? [];
  return label === undefined || text === undefined ? null : [label, text];
}

function nameOf(
  lines: readonly Line[],
  at: number,
  [label, text]: readonly [string, string],
  seen: ReadonlySet<string>,
): string | null {
  const reads = (reader: Parameters<typeof valueAt>[3]): boolean => valueAt(lines, at, text, reader) !== null;
  if (reads(value.product)) return "product";
  if (reads(value.channel)) return "description";
  // Everything else is what it is by what stood before it.
  if (!seen.has("description") && !seen.has("product")) return null;
  const guid = value.guid(text);
  if (guid !== null) {
    if (label.includes("CMID")) return "cmid";
    if (WINDOWS.test(guid) || OFFICE.test(guid)) return "applicationId";
    return seen.has("partialKey") || seen.has("applicationId") ? null : "activationId";
  }
  if (EXTENDED_PID.test(text)) return label.includes("KMS") ? "kmsPid" : "extendedPid";
  if (KEY_CHANNEL.test(text)) return "keyChannel";
  if (KEY.test(text)) return "partialKey";
  if (licenceState(text) !== null) return "licenceStatus";
  if (reads(value.minutesLeft)) return "expiration";
  if (label.includes("KMS") && reads(value.hostAndPort))
    return label.includes("DNS") ? "kmsFromDns" : "kmsRegistered";
  if (label.includes("KMS") && reads(value.ipAddress)) return "kmsIp";
  if (label.includes("DNS") && /\bKMS\b/.test(text) && !/\d/.test(text)) return "autoDiscovery";
  if (/^0x[0-9a-f]{8}\b/i.test(text) && (seen.has("licenceStatus") || seen.has("partialKey")))
    return "notificationReason";
  return seen.has("licenceStatus") || seen.has("partialKey")
    ? countName(lines, at, [label, text], seen)
    : null;
}

/** Numbers tell by their neighbours: a pair of intervals, a count before a port, eight sums in a row. */
function countName(
  lines: readonly Line[],
  at: number,
  [label, text]: readonly [string, string],
  seen: ReadonlySet<string>,
): string | null {
  if (value.minutes(text) !== null) {
    if (seen.has("activationInterval")) return "renewalInterval";
    const [, after = ""] = labelledNext(lines, at) ?? [];
    return value.minutes(after) === null ? null : "activationInterval";
  }
  if (value.count(text) === null || lines[at]?.cut === true) return null;
  if (PORT.test(label) && value.isPort(Number(text))) return "listeningPort";
  if (!seen.has("listeningPort")) return isPortNext(lines, at) ? "currentCount" : null;
  if (seen.has("requestsTotal")) return SUMS.find((name) => !seen.has(name)) ?? null;
  return sumsFrom(lines, at) === SUMS.length ? "requestsTotal" : null;
}

const SUMS = [
  "requestsTotal",
  "requestsFailed",
  "requestsUnlicensed",
  "requestsLicensed",
  "requestsInitialGrace",
  "requestsExpired",
  "requestsNonGenuine",
  "requestsNotification",
] as const;

/** The next line that is not blank, as label and value, whether its label is known or not. */
function labelledNext(lines: readonly Line[], at: number): readonly [string, string, number] | null {
  for (let index = at + 1; index < Math.min(lines.length, at + 3); index++) {
    const text = lines[index]?.text ?? "";
    if (text === "") continue;
    const [, label, held] = LABELLED.exec(text.slice(0, 500)) ?? [];
    return label === undefined || held === undefined ? null : [label, held, index];
  }
  return null;
}

function isPortNext(lines: readonly Line[], at: number): boolean {
  const [label, held] = labelledNext(lines, at) ?? [];
  return label !== undefined && held !== undefined && PORT.test(label) && value.isPort(Number(held));
}

function sumsFrom(lines: readonly Line[], at: number): number {
  let found = 1;
  for (let next = labelledNext(lines, at); next !== null && found < 9; next = labelledNext(lines, next[2])) {
    if (value.count(next[1]) === null) break;
    found += 1;
  }
  return found;
}

function scriptOf(label: string): Language | null {
  if (/[\u3040-\u30FF]/.test(label)) return "ja";
  if (/[\uAC00-\uD7AF]/.test(label)) return "ko";
  return /[\u0400-\u04FF]/.test(label) ? "ru" : null;
}
