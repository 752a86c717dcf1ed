/**
 * What the clocks that were seen mean. A KMS host refuses a client whose UTC time is more than four hours from its
 * own. What is measured is this machine against the host; the client's clock is seen by nobody here, and every finding
 * says so.
 */
import type { ClockEvidence, ClockReading, OwnClockEvidence } from "../model/clock.ts";
import type { Finding } from "../model/finding.ts";
import { fill } from "./words.ts";
import { durationWords } from "./duration.ts";
import { clockCatalog } from "./findings/clock-catalog.ts";
import type { ClockFindingCode } from "./findings/clock-catalog.ts";

const HOUR_MS = 3_600_000;
/** What a KMS host tolerates, UTC against UTC (Microsoft: "Error 0xC004F06C", "Error 0xC004F074"). */
const LIMIT_MS = 4 * HOUR_MS;
/** Chosen by us: nothing breaks yet, and nobody wants a clock that is an hour off. */
const WARN_MS = HOUR_MS;
/** Beyond Kerberos' usual tolerance no domain member keeps working: a machine that is off by that is not set at all. */
const OWN_LIMIT_MS = 5 * 60_000;
/** Signals this close together don't contradict each other: services keep the date of their answers for a while. */
const SLACK_MS = 2_000;

/** One clock against this machine's: `offsetMs` is theirs minus ours, and true to `uncertaintyMs`. */
type Signal = { offsetMs: number; uncertaintyMs: number; from: string };

/** How far this machine's clock is from those of the resolvers that agree: ours minus theirs. */
export type OwnClock = {
  offsetMs: number;
  uncertaintyMs: number;
  agreeing: readonly string[];
  asked: number;
};

/**
 * Judges what one address showed of its clock.
 * @param about `host` is what a client calls the host; `subject` the pointer to this evidence
 * @param resolvers where they were asked: so that a fault of this machine's clock isn't put down to the host
 * @returns nothing where nothing was asked, and for a clock less than an hour off
 */
export function judgeClock(
  evidence: ClockEvidence | null,
  about: { host: string; address: string; subject: string },
  resolvers: OwnClockEvidence | null = null,
): Finding[] {
  const readings = evidence?.readings.filter(({ answer }) => answer.outcome !== "skipped") ?? [];
  if (readings.length === 0) return [];
  const finding = (code: ClockFindingCode, observed: string): Finding => build(code, about, observed);
  const signals = readings.flatMap(signalOf);
  if (signals.length === 0) {
    const seen = readings.map((reading) => `${port(reading)} ${silence(reading)}`);
    return [finding("clock-no-signal", `${about.address} shows no clock: ${seen.join(", ")}`)];
  }
  const found: Finding[] = [];
  const groups = factions(signals);
  const own = ownClockOf(resolvers, about.address);
  const speakers = groups.map((group) => measure(mostExact(group), own));
  const [worst, ...rivals] = speakers.toSorted((a, b) => size(b.offsetMs) - size(a.offsetMs));
  const limit = worst === undefined ? null : limitOf(worst, rivals.length > 0);
  if (worst !== undefined && limit !== null) {
    const off = `${about.address} is ${distance(worst.offsetMs, worst.whom)} by ${exactly(worst)}`;
    found.push(finding(limit.code, `${off}${limit.words}. ${worst.compared}`));
  }
  if (groups[0]?.length !== signals.length) {
    const said = signals.map((signal) => `${distance(signal.offsetMs, HERE)} by ${exactly(signal)}`);
    found.push(
      finding("clock-signals-differ", `${about.address} shows different clocks: ${said.join("; ")}`),
    );
  }
  return found;
}

/**
 * Judges this machine's own clock by those of the resolvers. Our clock has a vote: where they contradict each other
 * and some agree with us, nothing is found.
 * @param subject the pointer to this evidence
 */
export function judgeOwnClock(evidence: OwnClockEvidence | null, subject: string): Finding[] {
  const own = ownClockOf(evidence);
  if (own === null || !isOff(own)) return [];
  const [first = ""] = own.agreeing;
  const others = `${own.agreeing.length > 1 ? "the clocks" : "the clock"} of ${own.agreeing.join(", ")}`;
  const doubt =
    own.agreeing.length > 1 || own.asked > own.agreeing.length
      ? `${own.agreeing.length} of the ${own.asked} resolvers that show a clock say so`
      : "one resolver shows a clock: this machine's is off, or that one";
  const observed = `This machine is ${distance(own.offsetMs, others)} (± ${durationWords(Math.ceil(own.uncertaintyMs))}): ${doubt}`;
  return [build("clock-own-off", { host: first, subject }, observed)];
}

/**
 * What the resolvers' clocks say of ours; null where none shows one, or where they contradict each other.
 * @param without an address whose own word doesn't count: that of a host which is a resolver as well
 */
export function ownClockOf(evidence: OwnClockEvidence | null, without = ""): OwnClock | null {
  const peers = evidence?.peers.filter(({ address }) => address !== without) ?? [];
  const signals = peers.flatMap(({ address, clock }) => {
    const groups = factions(clock.readings.flatMap(signalOf));
    const [only, ...more] = groups.map(mostExact);
    return only === undefined || more.length > 0 ? [] : [{ ...only, from: address }];
  });
  const groups = factions(signals);
  const [group, ...more] = groups;
  if (group === undefined) return null;
  // A tie among the resolvers: ours decides, where it is with one side.
  const chosen = more.length === 0 ? group : groups.find((each) => holds(mostExact(each), 0));
  if (chosen === undefined) return null;
  const { offsetMs, uncertaintyMs } = mostExact(chosen);
  const agreeing = chosen.map(({ from }) => from);
  return { offsetMs: offsetMs === 0 ? 0 : -offsetMs, uncertaintyMs, agreeing, asked: signals.length };
}

function build(code: ClockFindingCode, about: { host: string; subject: string }, observed: string): Finding {
  const { severity, next } = clockCatalog[code];
  return {
    code,
    severity,
    subject: about.subject,
    observed,
    next: fill(next, { host: about.host }),
    fix: null,
  };
}

type Limit = { code: ClockFindingCode; words: string };

/** @param contested as many signals say otherwise: then nothing is certain */
function limitOf({ offsetMs, uncertaintyMs }: Signal, contested: boolean): Limit | null {
  const least = size(offsetMs) - uncertaintyMs;
  const most = size(offsetMs) + uncertaintyMs;
  if (least > LIMIT_MS && !contested)
    return {
      code: "clock-beyond-four-hours",
      words: ", more than the four hours from which on a KMS host refuses",
    };
  if (size(offsetMs) < WARN_MS) return null;
  if (most > LIMIT_MS)
    return { code: "clock-off", words: ", which may be beyond the four hours that a KMS host tolerates" };
  return { code: "clock-off", words: ", within the four hours that a KMS host tolerates" };
}

const HERE = "this machine";

/** A signal against the clock that it is judged by. */
type Measured = Signal & { whom: string; compared: string };

/**
 * Against this machine, unless the resolvers show that its clock is the one that is off: members of the domain have the
 * resolvers' time. One resolver alone may be wrong itself, and then the host is judged by whichever of the two it is
 * nearer to.
 */
function measure(signal: Signal, own: OwnClock | null): Measured {
  const plain = {
    ...signal,
    whom: HERE,
    compared: "This compares the machine that probes with the KMS host, not a client with it",
  };
  if (own === null || !isOff(own)) return plain;
  const corrected = {
    ...signal,
    // Theirs minus ours, plus ours minus the resolvers'.
    offsetMs: signal.offsetMs + own.offsetMs,
    uncertaintyMs: signal.uncertaintyMs + own.uncertaintyMs,
    whom: `the clock of ${own.agreeing.join(", ")}`,
    compared:
      "This compares the resolvers' clocks with the KMS host, not a client with it: this machine's own clock is off",
  };
  const alone = own.agreeing.length === 1;
  return alone && size(plain.offsetMs) < size(corrected.offsetMs) ? plain : corrected;
}

function isOff({ offsetMs, uncertaintyMs }: OwnClock): boolean {
  return size(offsetMs) - uncertaintyMs > OWN_LIMIT_MS;
}

/**
 * The largest groups of signals that agree, each on one time (Marzullo's algorithm, as in RFC 5905 11.2.1): more than
 * one group only where as many contradict each other.
 */
function factions<Each extends Signal>(signals: readonly Each[]): Each[][] {
  // The time that most intervals hold is the start of one of them.
  const groups = signals.map((each) => {
    const { startMs } = intervalOf(each);
    return signals.filter((signal) => holds(signal, startMs));
  });
  const most = Math.max(0, ...groups.map((group) => group.length));
  const largest = groups.filter((group) => group.length === most);
  const same = (one: Each[], other: Each[]): boolean => one.every((each, index) => each === other[index]);
  return largest.filter((group, index) => largest.findIndex((other) => same(group, other)) === index);
}

/** Where the true offset lies by this signal. Compared by these same figures, so that rounding parts nothing. */
function intervalOf({ offsetMs, uncertaintyMs }: Signal): { startMs: number; endMs: number } {
  const widthMs = uncertaintyMs + SLACK_MS / 2;
  return { startMs: offsetMs - widthMs, endMs: offsetMs + widthMs };
}

function holds(signal: Signal, atMs: number): boolean {
  const { startMs, endMs } = intervalOf(signal);
  return startMs <= atMs && atMs <= endMs;
}

function mostExact(group: readonly Signal[]): Signal {
  return group.reduce((best, each) => (each.uncertaintyMs < best.uncertaintyMs ? each : best));
}

function signalOf(reading: ClockReading): Signal[] {
  const { answer } = reading;
  if (answer.outcome !== "ok") return [];
  const { offsetMs, uncertaintyMs, detail } = answer.facts;
  const from = `${NAMES[reading.by]} on ${port(reading)}`;
  return [{ offsetMs, uncertaintyMs, from: detail === null ? from : `${from}, ${detail}` }];
}

const NAMES = { smb2: "SMB2", sntp: "SNTP", http: "HTTP" } as const;

function port({ by, port: number }: ClockReading): string {
  return `${number}/${by === "sntp" ? "udp" : "tcp"}`;
}

function silence({ answer }: ClockReading): string {
  switch (answer.outcome) {
    case "denied":
      return answer.denial.what;
    case "malformed":
      return answer.fault.what;
    case "no-answer":
      return answer.cause === "deadline" ? "is silent" : answer.cause;
    case "not-sent":
      return `not sent (${answer.errno})`;
    case "ok":
    case "skipped":
      return answer.outcome;
    default:
      return answer satisfies never;
  }
}

function exactly({ from, uncertaintyMs }: Signal): string {
  return `${from} (± ${durationWords(Math.ceil(uncertaintyMs))})`;
}

/** "5 h behind this machine". */
function distance(offsetMs: number, whom: string): string {
  if (size(offsetMs) < 500) return `level with ${whom}`;
  return `${durationWords(size(offsetMs))} ${offsetMs < 0 ? "behind" : "ahead of"} ${whom}`;
}

function size(ms: number): number {
  return Math.abs(ms);
}
