/** Runs of the built command line that something happens to: a signal, a reader that goes, a disk that fills. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refusedPlace } from "../servers/free-port.ts";
import { PROGRAM } from "./kmsprobe.ts";

/** Nothing here takes longer; a run that does hangs. */
const LIMIT_MS = 40_000;

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

/** A place that refuses, and a folder of its own with a policy of it: `policy.yaml`. Runs there fail, and are over at once. */
export async function refusedFolder(name: string): Promise<{ folder: string; refused: string }> {
  const folder = await mkdtemp(join(tmpdir(), `kmsprobe-${name}-`));
  const refused = await refusedPlace();
  const policy = `version: 1\nhosts: ["${refused}"]\nexpect: [{ serve: {} }]\n`;
  await writeFile(join(folder, "policy.yaml"), policy);
  return { folder, refused };
}

/** A command line with the place that refuses, which is known only once the tests run, put in for REFUSED. */
export function wordsOf(line: string, refused: string): string[] {
  return line.split(" ").map((word) => (word === "REFUSED" ? refused : word));
}

/** Runs a line of bash in which `"$@"` is the program with these arguments. @returns what the line printed */
export async function inShell(line: string, args: readonly string[], cwd: string): Promise<Ended> {
  return await ended(
    spawn("bash", ["--norc", "-c", line, "bash", process.execPath, PROGRAM, ...args], {
      cwd,
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    }),
  );
}

/** Sends the signals, each at its time from the start. */
export async function signalled(
  args: readonly string[],
  cwd: string,
  signals: readonly { name: NodeJS.Signals; atMs: number }[],
): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const timers = signals.map(({ name, atMs }) => setTimeout(() => child.kill(name), atMs));
  const end = await ended(child);
  for (const timer of timers) clearTimeout(timer);
  return end;
}

async function ended(child: ReturnType<typeof spawn>): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** So many moments, spread over a run of this length. */
export function moments(count: number, runMs: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.round(((index + 0.5) * runMs) / count));
}

/** So many runs at a time: most of each is waiting. */
const AT_A_TIME = 4;

/** Does a job for each of the moments, a few at a time. */
export async function inTurns(times: readonly number[], job: (atMs: number) => Promise<void>): Promise<void> {
  const left = [...times];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await job(next);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}
