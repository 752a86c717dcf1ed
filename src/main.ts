/** argv in, exit code out. The only place that sets the exit code and listens to signals. */
import { createProgram } from "./cli/program.ts";
import { EXIT, exitCodeOf, isPlugin } from "./cli/exit.ts";

const interrupt = new AbortController();

// The first Ctrl-C ends the run with what is known; the second ends the program.
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort("interrupted");
  });
}

// A reader that has seen enough (`| head`) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode ?? EXIT.ok);
  process.stderr.write(`kmsprobe: can't write to standard output (${error.code ?? error.message})\n`);
  process.exit(EXIT.couldNotRun);
});

async function main(): Promise<void> {
  try {
    await createProgram(interrupt.signal, (code) => (process.exitCode = code)).parseAsync(process.argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error, (text) => process.stderr.write(text));
    if (process.exitCode !== EXIT.ok && isPlugin(process.argv)) {
      const { tellPlugin } = await import("./cli/plugin.ts");
      process.exitCode = tellPlugin(error);
    }
  }
}

void main();
