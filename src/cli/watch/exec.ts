/** Runs the user's program for each change of a verdict. Nothing of the network ever comes near a shell. */
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { errnoOf } from "../../errno.ts";
import { printable } from "../../report/escape.ts";
import { renderLogLine } from "../../report/watch/lines.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { plural } from "../../verdict/figures.ts";
import type { WatchEvent } from "../../watch/event.ts";

export type Executor = {
  /** Takes note of every event; runs the program for those that change a verdict. */
  tell: (event: WatchEvent) => void;
  /** Waits for what still runs; of what still waits, for as long as one may run. */
  close: () => Promise<void>;
};

/** Programs at a time, changes that may wait for one, and how long each may take. */
export const EXEC_LIMITS = { running: 4, waiting: 64, timeoutMs: 10_000 } as const;

/** From asking a program to end to making it end. */
const GRACE_MS = 1_000;

type Change = Extract<WatchEvent, { kind: "verdict" }>;

/**
 * @param command a program and its arguments, as `commandWords` reads them
 * @param complain told, in a line, of what did not work; each kind of trouble once in a row
 * @throws UsageError where there is no such program
 */
export function createExecutor(command: string, complain: (text: string) => void): Executor {
  const [program, ...args] = commandWords(command);
  if (program === undefined) throw new UsageError("--exec '' names no program");
  requireProgram(program);
  const workers = new Set<Promise<void>>();
  const waiting: Change[] = [];
  let complained = "";
  const trouble = (what: string): void => {
    if (what !== complained) complain(`kmsprobe: --exec ${printable(program)}: ${what}; the watch goes on\n`);
    complained = what;
  };
  /** Takes changes from the line, one after the other, until none waits. */
  const work = async (): Promise<void> => {
    for (let change = waiting.shift(); change !== undefined; change = waiting.shift()) {
      const failure = await runProgram(program, args, change);
      if (failure === null) complained = "";
      else trouble(failure);
    }
  };
  const begin = async (): Promise<void> => {
    const worker = work();
    workers.add(worker);
    await worker;
    workers.delete(worker);
  };
  return {
    tell(event) {
      if (event.kind !== "verdict" || event.from === null) return;
      if (waiting.length >= EXEC_LIMITS.waiting) {
        trouble(`${EXEC_LIMITS.waiting} changes wait for it already, and a further one is left out`);
        return;
      }
      waiting.push(event);
      if (workers.size < EXEC_LIMITS.running) void begin();
    },
    async close() {
      const end = setTimeout(() => {
        if (waiting.length > 0)
          trouble(`${plural(waiting.length, "change")} left out, for it takes too long`);
        waiting.length = 0;
      }, EXEC_LIMITS.timeoutMs);
      while (workers.size > 0) await Promise.all(workers);
      clearTimeout(end);
    },
  };
}

/** @returns what went wrong; null where nothing did */
function runProgram(program: string, args: readonly string[], change: Change): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...environmentOf(change) },
      shell: false,
      stdio: ["pipe", "ignore", "ignore"],
      windowsHide: true,
    });
    let late = false;
    let kill: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGTERM");
      kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    }, EXEC_LIMITS.timeoutMs);
    const end = (failure: string | null): void => {
      clearTimeout(timer);
      clearTimeout(kill);
      resolve(failure);
    };
    child.once("error", (error) => end(errnoOf(error, error.message)));
    child.once("exit", (code, signal) => {
      if (late) end(`was ended after ${EXEC_LIMITS.timeoutMs / 1_000} s`);
      else end(code === 0 ? null : `ended with ${code ?? signal}`);
    });
    // It need not read what it is told.
    child.stdin.on("error", () => {});
    child.stdin.end(renderLogLine({ type: "event", ...change }));
  });
}

/** Each value is one line of printable text, whatever the network called it. */
function environmentOf({ at, subject, from, to, severity, serves, observed }: Change): NodeJS.ProcessEnv {
  const values: Record<string, string> = {
    AT: at,
    HOST: subject.host,
    PORT: String(subject.port ?? ""),
    ADDRESS: subject.address ?? "",
    SOURCE: subject.source ?? "",
    FROM: from ?? "",
    TO: to,
    SEVERITY: severity,
    SERVES: String(serves),
    OBSERVED: observed,
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`KMSPROBE_${name}`, printable(value)]),
  );
}

/**
 * Words as one would type them: quotes of both kinds hold a word together, a backslash takes the next character as it is
 * (on Windows it is part of a path, and an ordinary character). Nothing is expanded.
 * @throws UsageError where a quote is not closed
 */
export function commandWords(command: string, platform: NodeJS.Platform = process.platform): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < command.length; at++) {
    const character = command.charAt(at);
    const escapes = character === "\\" && quote !== "'" && platform !== "win32";
    if (escapes && at + 1 < command.length) word = (word ?? "") + command.charAt(++at);
    else if (character === quote) quote = null;
    else if (quote === null && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (quote === null && /\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  if (quote !== null) throw new UsageError(`--exec has a quote ${quote} that is not closed`);
  if (word !== null) words.push(word);
  return words;
}

/** Told before the watch begins, not by the first page that never came. */
function requireProgram(program: string): void {
  const folders = /[/\\]/.test(program) ? [""] : (process.env["PATH"] ?? "").split(path.delimiter);
  const endings = process.platform === "win32" ? ["", ".exe", ".com"] : [""];
  const found = folders.some((folder) =>
    endings.some((ending) => isExecutable(path.join(folder, program + ending))),
  );
  if (found) return;
  const where = folders.length > 1 ? "on the PATH" : "there";
  throw new UsageError(
    `--exec: no program '${printable(program)}' ${where} that this user may run: name an executable file`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
