/** `w32tm`: how far another clock is from this one (/stripchart), and by what this one is set (/query /status). */
import { claim } from "../claims.ts";
import type { Line } from "../clean.ts";
import { step } from "../found.ts";
import type { Claim, Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";

/** Looked for where its end is: a search of each line for its beginning would cost more than all else. */
const HEAD = /(\S{1,253}) \[[0-9a-f.:]{2,45}:123\]/i;
const SAMPLE =
  /^(\d{1,2}:\d{2}:\d{2}),? (?:d:[+-]\d{1,6}\.\d{1,9}s o:)?([+-]\d{1,9}\.\d{1,9})s(?: {1,9}\[.{0,80}\]?)?$/;
const FAILED = /^\d{1,2}:\d{2}:\d{2},? error: ?0x[0-9a-f]{8}$/i;
const MAX_GAP = 5;
const FOUR_HOURS = 4 * 3_600;

const STRATUM = /^Stratum ?: ?\d{1,2}\b/i;
const SOURCE = /^(?:Source|Quelle|Origen|Origine|Fonte|Источник|Źródło|源|ソース) ?: ?(\S.{0,120})$/iu;
const OWN_CLOCK = /^(?:Local CMOS Clock|Free-running System Clock)/i;

export const w32tm: Recogniser = (lines, at) => stripchart(lines, at) ?? status(lines, at);

/** From its stratum to the source: everything between is figures of NTP. */
function status(lines: readonly Line[], at: number): Found | null {
  if (!STRATUM.test(lines[at]?.text ?? "")) return null;
  for (let index = at + 1; index < Math.min(lines.length, at + 12); index++) {
    const line = lines[index];
    const [, source] = SOURCE.exec(line?.text ?? "") ?? [];
    if (line === undefined || source === undefined || line.cut) continue;
    const own = OWN_CLOCK.test(source);
    const facts: Facts = { errorCodes: [], timeSource: source };
    return {
      kind: "w32tm",
      side: "either",
      language: null,
      facts,
      cause: own ? null : "none",
      says: own
        ? `This machine's clock is set by nothing (${source}).`
        : `This machine's clock is set by ${source}.`,
      doesNotTell: "How far it is from the KMS host's: that is what counts.",
      next: [
        step(
          "client",
          "Compare it with the host's",
          "w32tm /stripchart /computer:<kms host> /samples:3 /dataonly",
        ),
      ],
      claims: own
        ? [claim("clock", "possible", `The clock is set by nothing (${source})`, "timeSource")]
        : [],
      from: at,
      to: index + 1,
    };
  }
  return null;
}

const stripchart: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? "";
  if (!SAMPLE.test(first) && !FAILED.test(first) && !(headOf(lines[at]) !== null && first.length < 300))
    return null;
  const offsets: number[] = [];
  let clockHost: string | null = null;
  let failed = 0;
  let to = at;
  for (let index = at, gap = 0; index < lines.length && gap < MAX_GAP; index++) {
    const text = lines[index]?.text ?? "";
    const [, , offset] = SAMPLE.exec(text) ?? [];
    const head = headOf(lines[index]);
    // A second clock, or the same again: the first is not read to the end of all that follow it.
    if (head !== null && (offsets.length + failed > 0 || clockHost !== null)) break;
    if (offset !== undefined) offsets.push(Number(offset));
    else if (FAILED.test(text)) failed += 1;
    else if (head !== null) clockHost = head;
    else {
      gap += 1;
      continue;
    }
    gap = 0;
    to = index + 1;
  }
  if (offsets.length + failed === 0) return null;
  const sorted = offsets.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  const facts: Facts = {
    errorCodes: [],
    samples: offsets.length,
    ...(median === undefined ? {} : { offsetSeconds: median }),
    ...(clockHost === null ? {} : { clockHost }),
  };
  return { kind: "w32tm", side: "either", language: null, facts, ...conclude(facts), from: at, to };
};

function headOf(line: Line | undefined): string | null {
  const text = line?.text.slice(0, 600) ?? "";
  const found = text.includes(":123]") ? HEAD.exec(text) : null;
  // At the very beginning of a text a name may be the rest of one.
  return found === null || (found.index === 0 && line?.number === 1) ? null : (found[1] ?? null);
}

function conclude({
  offsetSeconds,
  clockHost,
}: Facts): Pick<Found, "cause" | "says" | "doesNotTell" | "next" | "claims"> {
  const whose = clockHost ?? "the other machine";
  const doesNotTell = "Whether the machine whose clock was asked is the KMS host.";
  if (offsetSeconds === undefined)
    return {
      cause: "unknown",
      says: `${whose} gave no time: that is no fault of activation, and its code is none of activation's.`,
      doesNotTell: "How far the clocks are apart.",
      next: [
        step(
          "client",
          "Ask a domain controller instead",
          "w32tm /stripchart /computer:<domain controller> /samples:3 /dataonly",
        ),
      ],
      claims: [],
    };
  const off = Math.abs(offsetSeconds);
  const size =
    off < 1
      ? `${(off * 1000).toFixed(2)} ms`
      : off < 7_200
        ? `${off.toFixed(0)} s`
        : `${(off / 3_600).toFixed(1)} h`;
  const evidence = `The clock of ${whose} is ${size} ${offsetSeconds < 0 ? "behind" : "ahead"}`;
  const state: Claim["state"] = off > FOUR_HOURS ? "confirmed" : off > 3_600 ? "possible" : "ruled-out";
  return {
    cause: state === "ruled-out" ? "none" : null,
    says: `${evidence}.`,
    doesNotTell,
    next:
      state === "ruled-out"
        ? []
        : [step("client", "Set the clock by the domain", "w32tm /resync /rediscover")],
    claims: [
      claim(
        "clock",
        state,
        state === "confirmed" ? `${evidence}: more than the four hours that a host allows` : evidence,
        "offsetSeconds",
      ),
    ],
  };
}
