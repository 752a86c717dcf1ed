/** The live view: takes the terminal over, and gives it back as it was. */
import { render } from "ink";
import { createElement as h } from "react";
import { App } from "./app.ts";
import type { AppProps } from "./app.ts";

export type View = {
  /** Gives the terminal back; again does nothing. */
  stop: () => void;
  /** Resolves when the view is gone, rejects where it failed by a mistake of ours. */
  ended: Promise<unknown>;
};

const ENTER_ALTERNATE_SCREEN = "\u001b[?1049h\u001b[H";
const LEAVE_ALTERNATE_SCREEN = "\u001b[?1049l";

export function startView(props: AppProps & { stdin: NodeJS.ReadStream }): View {
  const { stdin, ...app } = props;
  const { stdout } = app;
  let stopped = false;
  stdout.write(ENTER_ALTERNATE_SCREEN);
  const instance = render(h(App, app), {
    stdin,
    stdout,
    exitOnCtrlC: false,
    maxFps: 10,
    patchConsole: false,
  });
  return {
    stop() {
      if (stopped) return;
      stopped = true;
      instance.unmount();
      stdout.write(LEAVE_ALTERNATE_SCREEN);
    },
    ended: instance.waitUntilExit(),
  };
}
