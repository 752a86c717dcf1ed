import ora from "ora";
import { wantsColor } from "./output.ts";
import { sized } from "./terminal-size.ts";

export type Spinner = { show: (text: string) => void; stop: () => void };

/** @param ascii whether it turns in signs that every terminal has */
export function startSpinner(text: string, ascii: boolean): Spinner {
  // ora counts the lines to clear by the columns, without end where there are 0; and it would swallow the Ctrl-C that
  // ends the run.
  const color = wantsColor({ color: "auto" }, process.stderr) ? "cyan" : false;
  const spinner = ora({
    text,
    color,
    ...(ascii ? { spinner: "line" } : {}),
    stream: sized(process.stderr),
    discardStdin: false,
  }).start();
  return {
    show(latest) {
      spinner.text = latest;
    },
    stop() {
      spinner.stop();
    },
  };
}
