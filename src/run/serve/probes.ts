/** What an exporter does beside answering: looks at targets, by request and by itself, and keeps what they came to. */
import type { Report } from "../../model/report.ts";
import { monotonicClock } from "../../transport/clock.ts";
import { runCheck } from "../check.ts";
import { createPool } from "../pool.ts";
import { completeRequest } from "../request.ts";
import type { CheckOptions } from "../request.ts";
import { createLooks } from "./looks.ts";
import type { Asker, Looked, Looks } from "./looks.ts";
import { runSchedule } from "./schedule.ts";

/** One look: its name, what is checked, and how long it may take. */
export type LookKey = {
  name: string;
  options: CheckOptions;
  maxTimeMs: number;
  mayConnect: (address: string) => boolean;
};

export type Probes = {
  ask: (key: LookKey, asker: Asker) => Promise<Looked>;
  newest: Looks<LookKey>["newest"];
  /** Ends what is scheduled, and begins anew with these. */
  schedule: (targets: readonly { key: LookKey; intervalMs: number }[]) => void;
  stop: () => void;
};

export type ProbesWorld = {
  minIntervalMs: number;
  /** After each look that was scheduled. */
  onLook: (key: LookKey, report: Report) => void;
  /** A look that could not be begun: an interface that is gone, say. One line. */
  onFailure: (key: LookKey, error: unknown) => void;
  onLate: (lateMs: number) => void;
};

const NOTHING = (): void => {};

/** Looks under way at a time, over all targets; each has the concurrency of its module. */
const LOOKS_AT_A_TIME = 64;
const MOST_KEPT = 4_096;

export function createProbes({ minIntervalMs, onLook, onFailure, onLate }: ProbesWorld): Probes {
  const clock = monotonicClock;
  const pool = createPool(LOOKS_AT_A_TIME);
  const looks = createLooks<LookKey>({
    clock,
    nameOf: ({ name }) => name,
    minIntervalMs,
    most: MOST_KEPT,
    check: (key, stop) =>
      pool(async () => {
        const signal = AbortSignal.any([stop, AbortSignal.timeout(Math.ceil(key.maxTimeMs))]);
        // Resolvers and suffixes may have changed since the last time.
        const request = { ...(await completeRequest(key.options, signal)), mayConnect: key.mayConnect };
        return await runCheck(request, { signal, clock, onProgress: () => {} });
      }),
  });
  const stopping = new AbortController();
  let endSchedule = NOTHING;
  return {
    ask: looks.ask,
    newest: looks.newest,
    schedule(targets) {
      endSchedule();
      looks.keepOnly(targets.map(({ key }) => key));
      endSchedule = runSchedule(
        targets.map(({ key, intervalMs }) => ({ target: key, intervalMs })),
        {
          clock,
          random: Math.random,
          after: (ms, job) => {
            const timer = setTimeout(job, Math.ceil(ms));
            return () => clearTimeout(timer);
          },
          onLate,
          look: async (key, intervalMs) => {
            try {
              const limitMs = Math.max(intervalMs, key.maxTimeMs);
              const { report } = await looks.ask(key, { limitMs, signal: stopping.signal });
              // What a stop cut short is no news, and may be of a configuration that is gone.
              if (report !== null && !stopping.signal.aborted) onLook(key, report);
            } catch (error) {
              if (!stopping.signal.aborted) onFailure(key, error);
            }
          },
        },
      );
    },
    stop() {
      endSchedule();
      stopping.abort("interrupted");
    },
  };
}
