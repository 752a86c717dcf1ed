// The rows of the benchmark: a block, how much of it answers, what becomes of the rest.
import { pick, sizeOf } from "./addresses.mjs";
import { nmap, ours, yardstick } from "./contenders.mjs";
import { Namespace } from "./namespace.mjs";
import { startAnswerer, startDelayLine } from "./peers.mjs";

const ONE_IN = 100;

/**
 * `goals` bound our time as a multiple of the yardstick's and of nmap's, and our memory in MB; `inflight` is the yardstick's;
 * `large`: only with --large or by its name; `slowNmap`: nmap takes minutes, so that only with --large; `runs` bounds what
 * was asked for.
 */
export const rows = [
  {
    name: "a",
    title: "/16, 1 % answers, the rest refuses",
    block: "127.1.0.0/16",
    inflight: 1024,
    goals: { kmsprobe: { yardstick: 1.3, nmap: 0.95, mb: 90 } },
  },
  {
    name: "b",
    title: "/16, 5 % dropped silently, 1 s of patience",
    block: "127.1.0.0/16",
    dropShare: 0.05,
    inflight: 4096,
    goals: { kmsprobe: { yardstick: 1.15 }, "kmsprobe --count 0": { yardstick: 1.15 } },
  },
  {
    name: "c",
    title: "/14, 5 % dropped silently, 1 s of patience",
    block: "127.4.0.0/14",
    dropShare: 0.05,
    inflight: 4096,
    slowNmap: true,
    large: true,
    goals: { kmsprobe: { yardstick: 1.1, mb: 130 }, "kmsprobe --count 0": { yardstick: 1.1 } },
  },
  {
    name: "d",
    title: "/16 at 20 ms of round trip",
    block: "198.18.0.0/16",
    delayMs: 10,
    inflight: 4096,
    goals: { kmsprobe: { yardstick: 1.6 } },
  },
  {
    name: "e",
    title: "/12, for its memory",
    block: "127.16.0.0/12",
    inflight: 1024,
    slowNmap: true,
    large: true,
    runs: 1,
    goals: { kmsprobe: { mb: 150 } },
  },
];

/** Runs all contenders in turn, so often, and prints the row. */
export async function measureRow(row, bench, runs) {
  const near = new Namespace("near");
  const far = row.delayMs === undefined ? near : new Namespace("far");
  const running = [];
  try {
    if (row.delayMs !== undefined) {
      if (bench.delayLine === null) throw new Error(`row ${row.name} needs a C compiler, for the delay`);
      const { delayMs, block } = row;
      running.push(await startDelayLine({ near, far, program: bench.delayLine, delayMs, block }));
    }
    const expected = pick(row.block, Math.floor(sizeOf(row.block) / ONE_IN), 1688);
    running.push(
      await startAnswerer({ namespace: far, program: bench.answerer, addresses: expected, dir: bench.dir }),
    );
    const dropped = pick(row.block, Math.floor(sizeOf(row.block) * (row.dropShare ?? 0)), 5, expected);
    near.firewall({ dropped });
    const entries = contenders(row, bench, near, expected).map((contender) => ({ contender, results: [] }));
    for (let run = 0; run < Math.min(runs, row.runs ?? runs); run += 1) {
      for (const { contender, results } of entries) results.push(await contender.run());
    }
    return print(row, entries, expected.length);
  } finally {
    for (const each of running.toReversed()) await each.stop();
    for (const namespace of new Set([near, far])) namespace.remove();
  }
}

function contenders(row, bench, namespace, expected) {
  const { block, inflight } = row;
  const at = { namespace, block, expected, dir: bench.dir };
  const patience = ["--rate", "0", "--retries", "0", "--timeout", "1s"];
  return [
    ours("kmsprobe", { ...at, options: patience }),
    ...(bench.yardstick === null ? [] : [yardstick(bench.yardstick, { namespace, block, inflight })]),
    ours("kmsprobe, 1 worker", { ...at, options: [...patience, "--workers", "1"] }),
    // What the others do: connect and bind, without the quiet look at what serves.
    ours("kmsprobe --count 0", { ...at, options: [...patience, "--count", "0"] }),
    ...(bench.nmap && (bench.large || !row.slowNmap) ? [nmap({ namespace, block })] : []),
  ];
}

function print(row, entries, expected) {
  const seconds = new Map(
    entries.map(({ contender, results }) => [contender.name, median(results, "seconds")]),
  );
  const state = { exact: true, fast: true };
  console.log(`\n${row.name}  ${row.title}`);
  console.log(line("", "seconds", "yardstick", "nmap", "MB", "found"));
  for (const { contender, results } of entries) {
    const time = seconds.get(contender.name);
    const measured = {
      yardstick: ratio(time, seconds.get("yardstick")),
      nmap: ratio(time, seconds.get("nmap -sT -T4")),
      mb: Math.max(...results.map(({ peakMb }) => peakMb)),
    };
    const found = [...new Set(results.map((result) => result.found))].join("/");
    console.log(
      line(
        contender.name,
        time.toFixed(2),
        measured.yardstick?.toFixed(2) ?? "",
        measured.nmap?.toFixed(2) ?? "",
        measured.mb.toFixed(0),
        `${found} of ${expected}`,
      ),
    );
    // What was not measured beside it (no yardstick, no nmap) has no goal.
    for (const [of, goal] of Object.entries(row.goals[contender.name] ?? {})) {
      if (measured[of] === null) continue;
      const over = measured[of] > goal;
      if (over) state.fast = false;
      console.log(`   goal: ${GOALS[of](goal)}${over ? " OVER" : ", met"}`);
    }
    for (const { wrong } of results) {
      if (wrong === null) continue;
      state.exact = false;
      console.log(`   NOT EXACT: ${wrong}`);
    }
  }
  return state;
}

const GOALS = {
  yardstick: (goal) => `${goal} of the yardstick's time`,
  nmap: (goal) => `${goal} of nmap's time`,
  mb: (goal) => `${goal} MB`,
};

function ratio(time, reference) {
  return reference === undefined ? null : time / reference;
}

function line(name, ...cells) {
  const widths = [9, 11, 7, 6, 16];
  return `   ${name.padEnd(20)}${cells.map((cell, index) => cell.padStart(widths[index])).join("")}`;
}

function median(results, key) {
  const sorted = results.map((result) => result[key]).toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
