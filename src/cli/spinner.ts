import ora from "ora";
import { sized } from "./terminal-size.ts";

export type Spinner = { show: (text: string) => void; stop: () => void };

export function startSpinner(text: string): Spinner {
  // ora counts the lines to clear by the columns, without end where there are 0; and it would swallow the Ctrl-C that
  // ends the run.
  const spinner = ora({ text, stream: sized(process.stderr), discardStdin: false }).start();
  return {
    show(latest) {
      spinner.text = latest;
    },
    stop() {
      spinner.stop();
    },
  };
}
