import type { Progress } from "../run/steps.ts";
import { tell } from "../output/standard.ts";
import { wantsAscii } from "./output.ts";
import type { OutputFlags } from "./output.ts";
import type { Spinner } from "./spinner.ts";

/** Anything shorter needs no progress. */
const AFTER_MS = 1_000;

/** Without a terminal, a line now and then is enough. */
const PLAIN_EVERY_MS = 5_000;

const TICK_MS = 200;

/**
 * Whether nobody wants progress: it was said so, or a program reads what is printed. Zabbix' agents and monit take
 * stderr for a part of it (Zabbix 6.0, monit 5.33, 2026-11).
 */
export function wantsNoProgress({ quiet, format }: { quiet: boolean; format: string }): boolean {
  return quiet || (format !== "text" && !process.stderr.isTTY);
}

/** Progress on stderr for anything over a second: a spinner on a terminal, plain lines elsewhere. */
export function startProgress(
  quiet: boolean,
  flags: Pick<OutputFlags, "ascii">,
): { show: (progress: Progress) => void; stop: () => void } {
  if (quiet) return { show: () => {}, stop: () => {} };
  const animated = somebodyLooksOn();
  let latest: Progress | null = null;
  let stopped = false;
  let spinner: Spinner | null = null;
  const text = (): string => (latest === null ? "asking DNS" : progressText(latest, performance.now()));
  const begin = async (): Promise<void> => {
    if (!animated) return plain();
    const { startSpinner } = await import("./spinner.ts");
    if (stopped) return;
    spinner = startSpinner(text(), wantsAscii(flags));
    // What is left of a wait goes down by itself.
    ticker = setInterval(() => spinner?.show(text()), TICK_MS);
  };
  let ticker: NodeJS.Timeout | undefined;
  const plain = (): void => {
    tell(`kmsprobe: ${text()}\n`);
    timer = setTimeout(plain, PLAIN_EVERY_MS);
  };
  let timer = setTimeout(() => void begin(), AFTER_MS);
  return {
    show(progress) {
      latest = progress;
      spinner?.show(text());
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(ticker);
      spinner?.stop();
      spinner = null;
    },
  };
}

/** How far a run is; and where it waits, for what and how long. @param nowMs by the clock of the run */
export function progressText({ done, total, phase, waiting }: Progress, nowMs: number): string {
  if (waiting === null) return `${done} of ${total} steps done, ${phase}`;
  const { addresses, of, what, untilMs } = waiting;
  // An address is probed from each source.
  const seconds = (Math.max(0, untilMs - nowMs) / 1_000).toFixed(1);
  return `${addresses} of ${of} ${of === 1 ? "probe" : "probes"}: waiting up to ${seconds} s for ${what}`;
}

/** Whether stderr is a terminal that lines can be written over on. */
export function somebodyLooksOn(): boolean {
  const { CI, TERM } = process.env;
  return process.stderr.isTTY && (CI ?? "") === "" && TERM !== "dumb";
}
