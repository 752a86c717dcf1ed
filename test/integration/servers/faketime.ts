import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { programPath } from "./available.ts";

/** A program with its arguments, as `startProcess` takes them. */
export type Command = { command: string; args: readonly string[] };

/**
 * The same program, under a clock that is ahead of this machine's by so many seconds (behind, if negative).
 *
 * It is preloaded with libfaketime by hand: the `faketime` command stays between as a parent, which would be the one
 * to get the signals. Monotonic clocks are left alone, so that the program's own timers go on as usual.
 */
export function withShiftedClock({ command, args }: Command, shiftSeconds: number): Command {
  if (shiftSeconds === 0) return { command, args };
  const settings = [
    `LD_PRELOAD=${libraryPath()}`,
    `FAKETIME=${shiftSeconds > 0 ? "+" : ""}${shiftSeconds}`,
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
  ];
  return { command: programPath("env"), args: [...settings, command, ...args] };
}

/** The environment of a program whose clock is ahead by what a file says, `+86400`, whenever it is read. */
export function withClockFile(file: string): Record<string, string> {
  return {
    LD_PRELOAD: libraryPath(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
}

/** Debian keeps it in a folder of the architecture's name. */
function libraryPath(): string {
  const paths = readdirSync("/usr/lib").map((dir) => join("/usr/lib", dir, "faketime/libfaketimeMT.so.1"));
  const path = paths.find((each) => existsSync(each));
  if (path === undefined)
    throw new Error("libfaketime is not there; run scripts/install-test-servers.sh as root");
  return path;
}
