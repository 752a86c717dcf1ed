import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { programPath, requireProgram } from "./available.ts";

/** A child process that is up. `output` is the end of its stdout and stderr together, for error messages. */
export type RunningProcess = { pid: number; output: () => string; stop: () => Promise<void> };

/** What every server of this folder gives its test: where it listens, what it said, and how to end it. */
export type RunningServer = {
  address: string;
  port: number;
  output: () => string;
  /** Ends the process and removes its files; a second call waits for the first. */
  stop: () => Promise<void>;
};

/** Where a server runs that is not to run on this machine's own network: ip-netns(8), and a port that is free there. */
export type Place = { namespace: string; port: number };

export type StartOptions = {
  /** Absolute path, as `requireProgram` gives it. */
  command: string;
  args: readonly string[];
  /** From `makeServerDir`; the child's working directory, removed when it stops. */
  dir: string;
  /** Asked again and again until it is true. `output` is what the child has said so far. */
  ready: (output: string) => boolean | Promise<boolean>;
  /** Network namespace to run in, by its name; without it, our own. */
  namespace?: string | undefined;
  /** From spawn to ready, in milliseconds. Generous by default: a loaded CI machine is slow, not broken. */
  deadlineMs?: number;
};

const OUTPUT_KEPT = 64 * 1024;
const TERM_GRACE_MS = 3_000;

const liveChildren = new Map<ChildProcess, string>();
const liveDirs = new Set<string>();
let exitHandlerInstalled = false;

/** Makes an empty directory for one server; it goes away with the server, or with this process. */
export async function makeServerDir(name: string): Promise<string> {
  installExitHandler();
  const dir = await mkdtemp(join(tmpdir(), `kmsprobe-${name}-`));
  liveDirs.add(dir);
  return dir;
}

/** Removes a directory of `makeServerDir` whose server never came to be. */
export async function removeServerDir(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  liveDirs.delete(dir);
}

/**
 * Starts a server in the foreground and waits until it is ready.
 *
 * The child cannot outlive the test: `stop()` ends it, an ordinary exit of this process kills it, and where
 * setpriv exists (every Debian) the kernel ends it even if this process is killed.
 * @throws when it exits or is not ready in time, with the end of its output in the message
 */
export async function startProcess(options: StartOptions): Promise<RunningProcess> {
  installExitHandler();
  const { command, args, dir, ready, namespace, deadlineMs = 15_000 } = options;
  const setpriv = requireProgram("setpriv");
  // Neither of the two forks: the pid is the server's own.
  const argv = [
    ...(setpriv === null ? [] : [setpriv, "--pdeathsig", "TERM", "--"]),
    ...(namespace === undefined ? [] : [programPath("ip"), "netns", "exec", namespace]),
    command,
    ...args,
  ];
  const child = spawn(argv[0] ?? command, argv.slice(1), { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
  liveChildren.set(child, dir);

  let output = "";
  let spawnError = "";
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-OUTPUT_KEPT);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  child.on("error", (error) => {
    spawnError = error.message;
  });

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= endProcess(child, dir));

  const startedAt = performance.now();
  for (;;) {
    const why = failure(child, spawnError, performance.now() - startedAt, deadlineMs);
    if (why !== null) {
      await stop();
      throw new Error(`${command} ${why}. It said:\n${output === "" ? "(nothing)" : output}`);
    }
    if (await ready(output)) break;
    await sleep(10);
  }
  // The exit of a child that died just now must not be taken for readiness of somebody else on its port.
  if (hasEnded(child)) {
    await stop();
    throw new Error(`${command} ended at once. It said:\n${output}`);
  }
  return { pid: child.pid ?? -1, output: () => output, stop };
}

function failure(
  child: ChildProcess,
  spawnError: string,
  elapsedMs: number,
  deadlineMs: number,
): string | null {
  if (spawnError !== "") return `could not be started (${spawnError})`;
  if (hasEnded(child)) return `ended with ${child.exitCode ?? child.signalCode} before it was ready`;
  if (elapsedMs > deadlineMs) return `was not ready after ${deadlineMs} ms`;
  return null;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function endProcess(child: ChildProcess, dir: string): Promise<void> {
  if (child.pid !== undefined && !hasEnded(child)) {
    // Taken first: once the parent is gone nothing says any more whose children they were.
    const family = descendants(child.pid);
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), TERM_GRACE_MS);
    await exited;
    clearTimeout(timer);
    killIfStillThere(family);
  }
  liveChildren.delete(child);
  await removeServerDir(dir);
}

type Identity = { pid: number; startTicks: string };

/** Children and their children: sshd and dnsmasq fork one a connection, which may outlive the listener. */
function descendants(pid: number): Identity[] {
  const found: Identity[] = [];
  for (const child of childPids(pid)) {
    const startTicks = startTicksOf(child);
    if (startTicks !== null) found.push({ pid: child, startTicks }, ...descendants(child));
  }
  return found;
}

function childPids(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
      .filter((word) => word !== "")
      .map(Number);
  } catch {
    return []; // gone meanwhile, or a system without /proc
  }
}

/** Field 22 of proc(5) stat. A pid can be given to a stranger; a pid with its start time cannot. */
function startTicksOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function killIfStillThere(family: readonly Identity[]): void {
  for (const { pid, startTicks } of family) {
    if (startTicksOf(pid) !== startTicks) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // ended by itself between the two lines
    }
  }
}

/**
 * The last resort, for a test that threw before it could stop what it had started.
 *
 * vitest ends its workers with SIGTERM, and a process that dies of a signal has no "exit" event.
 */
function installExitHandler(): void {
  if (exitHandlerInstalled) return;
  exitHandlerInstalled = true;
  process.once("SIGTERM", () => process.exit(143));
  process.once("exit", () => {
    for (const child of liveChildren.keys()) {
      const family = child.pid === undefined ? [] : descendants(child.pid);
      child.kill("SIGKILL");
      killIfStillThere(family);
    }
    for (const dir of liveDirs) rmSync(dir, { recursive: true, force: true });
  });
}
