/** One run of `watch`: the plain lines or the live view, the log, and the summary at the end. */
import type { CheckOptions } from "../../run/request.ts";
import { renderConclusions } from "../../report/check/text-conclusions.ts";
import { renderEvent } from "../../report/watch/lines.ts";
import { createStyle } from "../../report/style.ts";
import { renderSummary, roundsOf, summaryOf } from "../../report/watch/summary.ts";
import { standardOutput, tell } from "../../output/standard.ts";
import { createRequestSource, realWorld } from "../../run/watch/world.ts";
import { createWatch } from "../../run/watch/watch.ts";
import type { WatchPlan } from "../../run/watch/surroundings.ts";
import type { Watch } from "../../run/watch/watch.ts";
import { VERSION } from "../../version.ts";
import type { WatchEvent } from "../../watch/event.ts";
import type { Host } from "../../watch/host.ts";
import { asciiScreen } from "../../report/ascii.ts";
import { spelt, wantsAscii, wantsColor, widthOf } from "../output.ts";
import { defaultNotes } from "../config/heed.ts";
import type { Defaulted } from "../config/heed.ts";
import { sized } from "../terminal-size.ts";
import type { OutputFlags } from "../output.ts";
import { createExecutor } from "./exec.ts";
import type { Executor } from "./exec.ts";
import { openLog } from "./log.ts";
import type { WatchLog } from "./log.ts";
import { durationWords } from "../../verdict/duration.ts";

export type WatchFlags = { plain: boolean; log?: string; exec?: string } & Defaulted &
  Pick<OutputFlags, "color" | "ascii">;

/** Of the sentences under the table. */
const SUMMARY_WIDTH = 100;

const NOBODY: Executor = { tell: () => {}, close: () => Promise.resolve() };

const NO_LOG: WatchLog = { write: () => {}, close: () => Promise.resolve() };

/** @returns the hosts as they are at the end */
export async function watchAndTell(
  options: CheckOptions,
  plan: WatchPlan,
  flags: WatchFlags,
  signal: AbortSignal,
): Promise<readonly Host[]> {
  const request = await createRequestSource(options);
  const executor = flags.exec === undefined ? NOBODY : createExecutor(flags.exec, tell);
  // Then the log is what is printed, and what is for people goes to standard error.
  const printsLog = flags.log === "-";
  const log = flags.log === undefined ? NO_LOG : await openLog(flags.log, tell);
  const color = wantsColor(flags);
  const style = createStyle(color);
  const live = !flags.plain && !printsLog && isTerminal();
  const world = realWorld(request, (event: WatchEvent) => {
    log.write({ type: "event", ...event });
    executor.tell(event);
    if (!live && !printsLog) standardOutput.offer(spelt(renderEvent(event, style), flags));
  });
  const watch = createWatch(plan, world);
  const { intervalMs, dnsIntervalMs } = plan;
  const { defaults } = flags;
  log.write({
    type: "start",
    at: world.wall().iso,
    tool: `kmsprobe ${VERSION}`,
    intervalMs,
    dnsIntervalMs,
    ...(defaults === undefined ? {} : { defaults }),
  });
  signal.addEventListener("abort", watch.stop, { once: true });
  if (signal.aborted) watch.stop();
  // Without a log nobody is told anything any more.
  if (flags.log === undefined || printsLog) standardOutput.onGone(watch.stop);
  try {
    if (live) await runLive(watch, color, wantsAscii(flags));
    else {
      for (const note of defaultNotes(flags)) tell(`kmsprobe: ${note}\n`);
      tell(`kmsprobe: each address every ${durationWords(intervalMs)}; Ctrl-C ends it\n`);
      await watch.run();
    }
  } finally {
    signal.removeEventListener("abort", watch.stop);
    const hosts = watch.state.hosts();
    const elapsedMs = watch.clock.nowMs() - watch.startedMs;
    const summaries = hosts.map(summaryOf);
    const rounds = roundsOf(summaries);
    log.write({ type: "end", at: world.wall().iso, rounds, elapsedMs, hosts: summaries });
    await log.close();
    const told = printsLog ? createStyle(false) : style;
    const width = process.stdout.isTTY ? widthOf({}) : Infinity;
    const found = watch.report()?.conclusions ?? [];
    const conclusions = renderConclusions(found, Math.min(width, SUMMARY_WIDTH), told);
    const summary = renderSummary(summaries, { elapsedMs }, width, told) + blankBefore(conclusions);
    if (printsLog) tell(summary);
    else standardOutput.write(spelt(summary, flags));
    await executor.close();
  }
  return watch.state.hosts();
}

function blankBefore(text: string): string {
  return text === "" ? "" : `\n${text}`;
}

async function runLive(watch: Watch, color: boolean, ascii: boolean): Promise<void> {
  const { startView } = await import("../../tui/load.ts");
  const { stdin } = process;
  // Where a terminal tells no size, ink asks for it anew for each frame, and leaves a handle behind every time.
  const terminal = sized(process.stdout);
  const stdout = ascii ? inAscii(terminal) : terminal;
  const view = await startView({ watch, color, stdin, stdout, interrupt });
  // Also where a second Ctrl-C ends the program at once.
  process.once("exit", view.stop);
  await Promise.all([watch.run().finally(view.stop), view.ended.finally(watch.stop)]);
  process.off("exit", view.stop);
}

/** The same terminal, where everything is written in ASCII, by whatever draws on it. */
function inAscii(terminal: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = terminal.write.bind(terminal);
  terminal.write = (text: Uint8Array | string, ...rest: never[]) =>
    write(typeof text === "string" ? asciiScreen(text) : text, ...rest);
  return terminal;
}

/** What Ctrl-C does where the terminal makes a signal of it. */
function interrupt(): void {
  process.emit("SIGINT");
}

/** Keys need one to be read from, the view one to be drawn on; CI systems lend a terminal that nobody looks at. */
function isTerminal(): boolean {
  const { CI, TERM } = process.env;
  return process.stdin.isTTY && process.stdout.isTTY && (CI ?? "") === "" && TERM !== "dumb";
}
