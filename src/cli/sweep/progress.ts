import type { SweepProgress } from "../../run/sweep/model.ts";
import { tell } from "../../output/standard.ts";
import { spelt, wantsAscii } from "../output.ts";
import type { OutputFlags } from "../output.ts";
import { grouped } from "../../sweep/counts.ts";
import { somebodyLooksOn } from "../progress.ts";
import { createSteadyRate } from "./steady-rate.ts";
import { durationOf } from "./plan.ts";
import type { Spinner } from "../spinner.ts";

/** Anything shorter needs no progress. */
const AFTER_MS = 1_000;

/** Without a terminal, a line now and then is enough. */
const PLAIN_EVERY_MS = 10_000;

const BAR_WIDTH = 24;

/** Progress on stderr: a bar with rate, time to go and what was found; plain lines where nobody looks on. */
export function startSweepProgress(
  quiet: boolean,
  flags: Pick<OutputFlags, "ascii">,
): {
  show: (progress: SweepProgress) => void;
  stop: () => void;
} {
  if (quiet) return { show: () => {}, stop: () => {} };
  const animated = somebodyLooksOn();
  const rate = createSteadyRate();
  const startedMs = performance.now();
  let saidMs = startedMs;
  let spinner: Spinner | null = null;
  let loading: Promise<void> | null = null;
  let latest = "";
  let stopped = false;
  const begin = async (): Promise<void> => {
    const { startSpinner } = await import("../spinner.ts");
    if (!stopped) spinner = startSpinner(latest, wantsAscii(flags));
  };
  return {
    show(progress) {
      const nowMs = performance.now();
      rate.add(progress.settled, nowMs);
      if (nowMs - startedMs < AFTER_MS) return;
      const text = spelt(progressText(progress, rate.perSecond()), flags);
      if (animated) {
        latest = text;
        loading ??= begin();
        spinner?.show(text);
      } else if (nowMs - saidMs >= PLAIN_EVERY_MS) {
        saidMs = nowMs;
        tell(`kmsprobe: ${text}\n`);
      }
    },
    stop() {
      stopped = true;
      spinner?.stop();
      spinner = null;
    },
  };
}

export function progressText(
  { phase, settled, total, earlier, serving, slowed }: SweepProgress,
  perSecond: number,
): string {
  const found = `${grouped(serving)} serve`;
  if (phase === "measuring") return `measuring what serves, quietly · ${found}`;
  const share = total === 0 ? 1 : settled / total;
  const filled = Math.floor(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const left = perSecond > 0 ? `${durationOf((total - settled) / perSecond)} left` : "waiting";
  const parts = [
    `${bar} ${Math.floor(share * 100)} %`,
    `${grouped(settled)} of ${grouped(total)}`,
    `${grouped(Math.round(perSecond))}/s`,
    left,
    found,
  ];
  if (earlier > 0) parts.push("resumed");
  if (slowed) parts.push("slowed down by this machine's limits");
  return parts.join(" · ");
}
