// Runs a program to its end: wall time as its caller has it, and the peak of its memory, its children's included.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const POLL_MS = 20;

/**
 * @returns seconds from spawn to exit; peakMb, the sum of the peaks of all its processes (VmHWM, seen every 20 ms);
 *   code, stdout and stderr
 */
export async function timed([program, ...args], { limitMs = 600_000 } = {}) {
  const peaks = new Map();
  const startedAt = performance.now();
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const poll = setInterval(() => observe(child.pid, peaks), POLL_MS);
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => (said[stream] += text));
  }
  let seconds = 0;
  child.once("exit", () => (seconds = (performance.now() - startedAt) / 1000));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearInterval(poll);
  const peakMb = [...peaks.values()].reduce((sum, kb) => sum + kb, 0) / 1024;
  return { seconds, peakMb, code, ...said };
}

function observe(pid, peaks) {
  try {
    const [, kb] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    if (kb !== undefined) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, Number(kb)));
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8");
      for (const each of children.split(" ").filter(Boolean)) observe(each, peaks);
    }
  } catch {
    // It ended meanwhile.
  }
}
