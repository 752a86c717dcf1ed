import { type Finished, type RunOptions, startProgram } from "../support/kmsprobe.ts";

/** Jobs that run other tools take a little longer than we do. */
const LIMIT_MS = 50_000;

/** Runs a program to its end. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: Omit<RunOptions, "wrapper"> = {},
): Promise<Finished> {
  return startProgram(command, args, options, LIMIT_MS).finished;
}
