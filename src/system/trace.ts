/**
 * The path to a port, as mtr or traceroute of this machine sees it: run as the user runs us, with no privileges of our
 * own. Their output is not trusted: bounded in time and size, and every address checked.
 */
import { errnoOf } from "../errno.ts";
import type { Trace, TraceHop, TraceWalk } from "../model/trace.ts";
import { ipFamily } from "../protocol/ip.ts";

/** Nothing further away is a company's own network. */
const MAX_HOPS = 24;
const TIMEOUT_MS = 45_000;
const MAX_OUTPUT_BYTES = 256 * 1024;

/** What a child gets between SIGTERM and SIGKILL. */
const KILL_AFTER_MS = 300;

type Program = {
  name: string;
  /** Arguments for a walk with TCP to the port, and for the control, which asks another way. */
  tcp: (address: string, port: number, from: string | undefined) => string[];
  control: (address: string, from: string | undefined) => string[];
  parse: (output: string, address: string) => TraceWalk;
};

/** mtr first: its helper has the privilege that TCP walks need, traceroute needs root for them. */
const PROGRAMS: readonly Program[] = [
  {
    name: "mtr",
    tcp: (address, port, from) => [...mtrArgs(from), "-T", "-P", String(port), address],
    control: (address, from) => [...mtrArgs(from), address],
    parse: parseMtrRaw,
  },
  {
    name: "traceroute",
    tcp: (address, port, from) => [...tracerouteArgs(from), "-T", "-p", String(port), address],
    control: (address, from) => [...tracerouteArgs(from), address],
    parse: parseTraceroute,
  },
];

function mtrArgs(from: string | undefined): string[] {
  return [
    "--raw",
    "-n",
    "-c",
    "2",
    "-m",
    String(MAX_HOPS),
    "-G",
    "2",
    ...(from === undefined ? [] : ["-a", from]),
  ];
}

function tracerouteArgs(from: string | undefined): string[] {
  return ["-n", "-q", "1", "-w", "2", "-m", String(MAX_HOPS), ...(from === undefined ? [] : ["-s", from])];
}

/** Walks to the port with TCP, and by another way for comparison, both at a time, until the signal aborts. Never rejects. */
export async function tracePath(
  to: { address: string; port: number },
  from: string | undefined,
  signal: AbortSignal,
): Promise<Trace> {
  let fault = "neither mtr nor traceroute is installed here";
  for (const { name, tcp, control, parse } of PROGRAMS) {
    const [port, other] = await Promise.all([
      outputOf(name, tcp(to.address, to.port, from), signal),
      outputOf(name, control(to.address, from), signal),
    ]);
    if ("missing" in port) continue;
    if ("fault" in port) {
      fault = `${name} ${port.fault}`;
      if (signal.aborted) break;
      continue;
    }
    return {
      program: name,
      fault: null,
      port: parse(port.output, to.address),
      control: "output" in other ? parse(other.output, to.address) : null,
    };
  }
  return { program: null, fault, port: null, control: null };
}

/**
 * mtr's raw format: `h <hop> <address>` for each answer, hops from 0. The far end answers again at every later hop, so
 * the path ends where it is first seen.
 */
function parseMtrRaw(output: string, address: string): TraceWalk {
  const answers = new Map<number, string>();
  for (const line of output.split("\n")) {
    const [, hop, from] = /^h (\d{1,2}) (\S+)$/.exec(line) ?? [];
    if (hop !== undefined && from !== undefined) answers.set(Number(hop) + 1, from);
  }
  return walkOf(answers, address);
}

/** traceroute's lines: ` 3  10.0.0.1  0.5 ms`, ` 4  *`, with notes such as `!X` behind. */
function parseTraceroute(output: string, address: string): TraceWalk {
  const answers = new Map<number, string>();
  for (const line of output.split("\n")) {
    const [, hop, from] = /^\s*(\d{1,2})\s+(\S+)/.exec(line) ?? [];
    if (hop !== undefined && from !== undefined) answers.set(Number(hop), from);
  }
  return walkOf(answers, address);
}

function walkOf(answers: ReadonlyMap<number, string>, address: string): TraceWalk {
  const hops: TraceHop[] = [];
  const last = Math.min(MAX_HOPS, Math.max(0, ...answers.keys()));
  for (let ttl = 1; ttl <= last; ttl++) {
    const from = answers.get(ttl) ?? "";
    hops.push({ ttl, address: ipFamily(from) === 0 ? null : from });
    if (from === address) return { hops, reached: true };
  }
  return { hops, reached: false };
}

type Output = { output: string } | { missing: true } | { fault: string };

async function outputOf(program: string, args: readonly string[], signal: AbortSignal): Promise<Output> {
  if (signal.aborted) return { fault: "no time was left" };
  const { spawn } = await import("node:child_process");
  return await new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
    const said = { out: "", err: "" };
    let stopped: string | null = null;
    let kill: NodeJS.Timeout | null = null;
    const finish = (output: Output): void => {
      clearTimeout(timer);
      if (kill !== null) clearTimeout(kill);
      signal.removeEventListener("abort", onAbort);
      // A grandchild that keeps the pipe open must not keep us.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      resolve(output);
    };
    const conclude = (fault: string): void => {
      // What came before it was ended is worth reading.
      finish(said.out !== "" && stopped !== null ? { output: said.out } : { fault: stopped ?? fault });
    };
    const stop = (why: string): void => {
      if (stopped !== null) return;
      stopped = why;
      child.kill("SIGTERM");
      kill = setTimeout(() => {
        child.kill("SIGKILL");
        conclude(why);
      }, KILL_AFTER_MS);
    };
    const onAbort = (): void =>
      stop(signal.reason === "deadline" ? "was ended at the deadline" : "was interrupted");
    const timer = setTimeout(() => stop(`was ended after ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
    signal.addEventListener("abort", onAbort, { once: true });
    const keep = (chunk: string, into: "out" | "err"): void => {
      said[into] += chunk.slice(0, MAX_OUTPUT_BYTES - said[into].length);
      if (said[into].length >= MAX_OUTPUT_BYTES) stop("says too much");
    };
    child.stdout.setEncoding("latin1").on("data", (chunk: string) => keep(chunk, "out"));
    child.stderr.setEncoding("latin1").on("data", (chunk: string) => keep(chunk, "err"));
    child.on("error", (error) => {
      finish(errnoOf(error) === "ENOENT" ? { missing: true } : { fault: error.message });
    });
    child.on("close", (code, by) => {
      if (code === 0) return finish({ output: said.out });
      return conclude(firstLine(said.err) || `ended with ${String(code ?? by ?? "an error")}`);
    });
  });
}

function firstLine(text: string): string {
  return (text.split("\n").find((line) => line.trim() !== "") ?? "").trim().slice(0, 200);
}
