import { renderNagiosUnknown } from "../report/verify/nagios.ts";
import { standardOutput } from "../output/standard.ts";
import { EXIT } from "./exit.ts";

/** Tells a monitoring core that nothing could be told. @returns the exit code for that */
export function tellPlugin(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  // What commander suggests stands on a line of its own.
  standardOutput.write(renderNagiosUnknown(message.replaceAll("\n(", " (")));
  return EXIT.couldNotRun;
}
