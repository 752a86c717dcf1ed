import type { View } from "./view.ts";
import type { AppProps } from "./app.ts";

export type { View };

/**
 * Loads the view when it is wanted: ink is as large as all the rest, and comes as ES modules with a top-level await,
 * so that the bundle keeps it in a file of its own.
 */
export async function startView(props: AppProps & { stdin: NodeJS.ReadStream }): Promise<View> {
  const view = await import("./view.ts");
  return view.startView(props);
}
