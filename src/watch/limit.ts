/**
 * The picture of a limit on new connections: some pass, then silence, then some pass again, by turns. A path that comes
 * and goes looks alike, so it is a possible cause and no more; what speaks for it is that the turns are short and alike.
 */
import type { AttemptEvidence } from "../model/evidence.ts";

/** Connects of one kind in a row. */
export type Turn = { passed: boolean; connects: number; ms: number };

export type LimitPicture = {
  turns: Turn[];
  /** Connects that the watch itself made to the address in that time. */
  connectsPerMinute: number;
};

export type Turns = {
  record: (attempt: AttemptEvidence | null, nowMs: number) => void;
  /** Null while it does not look like a limit. */
  picture: () => LimitPicture | null;
};

/** Turns that are told, the latest. */
const TURNS_KEPT = 8;

/** A limit counts by the second, the minute or, for those who are banned, the quarter of an hour. */
const LONGEST_TURN_MS = 20 * 60_000;

/** By how much turns of one kind may differ: a probe of several seconds can't tell when silence ended. */
const ALIKE = 4;

/** TCP sends a SYN again after 1 s (RFC 6298 2.1): a connect that takes so long was not let through at first. */
const SYN_LOST_MS = 950;

type Running = { passed: boolean; connects: number; startMs: number; endMs: number };

/** Of connects that passed and connects that met silence, in turns: how a limit of connects per time shows. */
export function createTurns(): Turns {
  let turns: Running[] = [];
  const add = (passed: boolean, connects: number, nowMs: number): void => {
    const last = turns.at(-1);
    if (connects === 0) return;
    if (last?.passed === passed) {
      last.connects += connects;
      last.endMs = nowMs;
    } else {
      turns.push({ passed, connects, startMs: last?.endMs ?? nowMs, endMs: nowMs });
      turns = turns.slice(-TURNS_KEPT);
    }
  };
  return {
    record(attempt, nowMs) {
      const seen = attempt === null ? null : connectsOf(attempt);
      if (seen === null) {
        turns = [];
        return;
      }
      add(false, seen.lost, nowMs);
      add(true, seen.passed, nowMs);
    },
    picture: () => pictureOf(turns),
  };
}

/** Null for what is no part of the picture: a refusal, an error, or what this machine did to itself. */
function connectsOf({ tcp, rpc }: AttemptEvidence): { passed: number; lost: number } | null {
  if (tcp.outcome === "ok") {
    const { tries } = tcp.facts;
    const sentAgain = tries === 1 && tcp.elapsedMs >= SYN_LOST_MS ? 1 : 0;
    const second = rpc !== null && rpc.plain !== null ? 1 : 0;
    return { passed: 1 + second, lost: tries - 1 + sentAgain };
  }
  if (tcp.outcome !== "no-answer" || (tcp.cause !== "deadline" && tcp.cause !== "ETIMEDOUT")) return null;
  return { passed: 0, lost: tcp.tries };
}

/** Passed, silent, passed, silent, passed: twice is no accident that one outage makes. */
function pictureOf(turns: readonly Running[]): LimitPicture | null {
  const first = turns[0]?.passed === true ? 0 : 1;
  const seen = turns.slice(first);
  const silent = seen.filter(({ passed }) => !passed);
  // The first may have begun before the watch, or with a full allowance; the last is still going on.
  const between = seen.slice(1, -1).filter(({ passed }) => passed);
  const last = seen.at(-1);
  if (silent.length < 2 || last === undefined || !last.passed) return null;
  const isShort = [...silent, ...between].every((turn) => turn.endMs - turn.startMs <= LONGEST_TURN_MS);
  const areAlike =
    alike(silent.map((turn) => turn.endMs - turn.startMs)) && alike(between.map(({ connects }) => connects));
  if (!isShort || !areAlike) return null;
  const startMs = seen[0]?.startMs ?? last.startMs;
  const connects = seen.reduce((sum, turn) => sum + turn.connects, 0);
  return {
    turns: seen.map((turn) => ({
      passed: turn.passed,
      connects: turn.connects,
      ms: turn.endMs - turn.startMs,
    })),
    connectsPerMinute: (connects * 60_000) / Math.max(1, last.endMs - startMs),
  };
}

function alike(figures: readonly number[]): boolean {
  return Math.max(...figures) <= ALIKE * Math.max(1, Math.min(...figures));
}
