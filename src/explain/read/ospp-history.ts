/** `ospp.vbs /dhistorykms`: what the 12288 events of Office held, one entry an attempt. */
import { codeClaims } from "../claims.ts";
import type { Line } from "../clean.ts";
import { step } from "../found.ts";
import type { Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";

const WRITTEN = /^Coordinated Universal Time Written ?: ?(\S.{0,40})$/i;
const ENTRY = /^ERROR\/HOST ?: ?(0x[0-9a-f]{8})(?: ?, ?(0x[0-9a-f]{1,8}))?(?: ?, ?(\S{0,253}))?$/i;
const BETWEEN = /^-{20,}$|^ERROR DESCRIPTION ?:/i;
const MAX_GAP = 3;
const MOST_LINES = 2_000;

export const osppHistory: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? "";
  if (!WRITTEN.test(first) && !ENTRY.test(first)) return null;
  const facts: Facts = { errorCodes: [] };
  let entries = 0;
  let waiting = false;
  let to = at;
  for (let index = at, gap = 0; index < Math.min(lines.length, at + MOST_LINES) && gap <= MAX_GAP; index++) {
    const line = lines[index];
    const text = line?.text ?? "";
    const [, stamp] = WRITTEN.exec(text) ?? [];
    // A time without its entry: the listing is none.
    if (stamp !== undefined && waiting) break;
    const taken = line !== undefined && takeEntry(line, facts);
    if (taken) entries += 1;
    else if (stamp === undefined && !BETWEEN.test(text)) {
      if (/^-{3,} ?(?:Processing|Exiting)/.test(text)) break;
      gap += 1;
      continue;
    }
    waiting = (waiting || stamp !== undefined) && !taken;
    gap = 0;
    to = index + 1;
  }
  if (entries === 0) return null;
  const claims = codeClaims(facts.errorCodes ?? []);
  const failed = (facts.errorCodes ?? []).length > 0;
  const named = claims.some(({ state }) => state === "confirmed" || state === "possible");
  const count = entries === 1 ? "One attempt" : `${entries} attempts`;
  return {
    kind: "ospp-dhistorykms",
    side: "client",
    language: "en",
    facts,
    cause: named ? null : failed ? "unknown" : "none",
    says: failed
      ? `${count} of Office, with ${facts.errorCodes?.join(", ") ?? ""}.`
      : `${count} of Office, sent without an error.`,
    doesNotTell:
      "Events with an empty last field: the script leaves them out, so what is missing here proves nothing.",
    next: [
      step(
        "client",
        "Read all of them: the first field is the real code, the third the host that was tried",
        "Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='Microsoft-Windows-Security-SPP','Office Software Protection Platform Service'; Id=12288} -MaxEvents 5 | Format-List TimeCreated, Message",
      ),
    ],
    claims,
    from: at,
    to,
  };
};

/** @returns whether the line is an entry; its host is that of the first that has one */
function takeEntry(line: Line, facts: Facts): boolean {
  const [, code, flags, target = ""] = ENTRY.exec(line.text) ?? [];
  if (code === undefined) return false;
  facts.errorCodes = value.withCodes(facts.errorCodes ?? [], code);
  if (flags !== undefined && facts.statusFlags === undefined) {
    const padded = value.hresult(flags);
    if (padded !== null && (target !== "" || !line.cut)) facts.statusFlags = padded;
  }
  const host = line.cut ? null : (value.hostName(target) ?? value.ipAddress(target));
  if (host !== null) facts.kmsHost ??= host;
  return true;
}
