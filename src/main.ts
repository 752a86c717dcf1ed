/** argv in, exit code out. The only place that sets the exit code and listens to signals. */
import { createProgram } from "./cli/program.ts";
import { EXIT, exitCodeOf, isPlugin } from "./cli/exit.ts";
import { heedInterruption } from "./output/interruption.ts";
import { standardOutput, tell, tolerateErrors } from "./output/standard.ts";

/** One interruption that arrives twice within this is one: from npx, npm and `timeout` it does. */
const SAME_MS = 250;

const interrupt = new AbortController();
let interruptedMs = 0;
/** What SIGHUP does instead, where it is no end: an exporter reads its configuration again. */
let hangup: (() => void) | null = null;
/** What it came to, once there is nothing left to do but to hand over what was printed. */
let settled: number | null = null;

/** Runs the command line of this process; whoever asks for a part of the program only doesn't call it. */
export function run(): void {
  heedInterruption(interrupt.signal);
  // The first Ctrl-C ends the run with what is known; the second ends the program. A session that breaks off is the same.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => interrupted(name));
  // A reader that has seen enough (`| head`) is no error of ours, and changes nothing.
  standardOutput.onGone(() => {});
  tolerateErrors();
  void main();
}

function interrupted(name: NodeJS.Signals): void {
  if (name === "SIGHUP" && hangup !== null) return hangup();
  const nowMs = performance.now();
  if (!interrupt.signal.aborted) {
    interruptedMs = nowMs;
    interrupt.abort("interrupted");
    // A reader that is just slow has that long; of one that never reads nothing can be expected.
    if (settled !== null) setTimeout(leave, SAME_MS, name, settled).unref();
  } else if (nowMs - interruptedMs >= SAME_MS) leave(name, EXIT.interrupted);
}

/** What reads or opens a file on a thread holds up process.exit, and a pipe that nobody writes to holds it for ever. */
function leave(name: NodeJS.Signals, code: number): void {
  if (!process.getActiveResourcesInfo().some((resource) => resource.startsWith("FSReq"))) process.exit(code);
  process.emit("exit", code);
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

async function main(): Promise<void> {
  let code: number = EXIT.ok;
  try {
    await createProgram(
      interrupt.signal,
      (found) => (code = found),
      (handler) => (hangup = handler),
      process.argv[2],
    ).parseAsync(process.argv);
  } catch (error) {
    code = exitCodeOf(error, tell);
    if (code !== EXIT.ok && isPlugin(process.argv)) {
      const { tellPlugin } = await import("./cli/plugin.ts");
      code = tellPlugin(error);
    }
  }
  // What could not be printed, for want of space, is not as good as printed; that it would not serve stays the news.
  if (code === EXIT.ok && standardOutput.fault !== null) code = EXIT.couldNotRun;
  settled = code;
  process.exitCode = code;
}
