import { renderNagiosUnknown } from "../report/verify-nagios.ts";
import { EXIT } from "./exit.ts";

/** Tells a monitoring core that nothing could be told. @returns the exit code for that */
export function tellPlugin(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stdout.write(renderNagiosUnknown(message));
  return EXIT.couldNotRun;
}
