import ora from "ora";

export type Spinner = { show: (text: string) => void; stop: () => void };

export function startSpinner(text: string): Spinner {
  // ora would swallow the Ctrl-C that ends the run.
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
  return {
    show(latest) {
      spinner.text = latest;
    },
    stop() {
      spinner.stop();
    },
  };
}
