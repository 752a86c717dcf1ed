// How long people wait where a network says nothing, whole process, beside another build of kmsprobe (--baseline) and nmap.
// Everything happens in network namespaces that it makes: needs root.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { pick } from "./bench/addresses.mjs";
import { compareWith, nmapIsThere } from "./bench/contenders.mjs";
import { Namespace, requireRoot } from "./bench/namespace.mjs";
import { buildOffice, MUTE, NOWHERE, ON_LINK, ROUTED, serving, SILENT } from "./bench/office.mjs";
import { compile, startAnswerer } from "./bench/peers.mjs";
import { timed } from "./bench/timed.mjs";

const USAGE = `usage: npm run bench:waits -- [options]

  --rows a,b          only these
  --runs N            of each program, in turn (default 5)
  --baseline PATH     another build's kmsprobe.cjs, measured beside this one
  --strict            a ratio over its goal ends with 1
  --help
`;

const PROGRAM = "dist/kmsprobe.cjs";
const NMAP = ["nmap", "-n", "-Pn", "-sT", "-T4", "-p1688", "--open", "-oG", "-"];
const MANY = "127.20.0.0/20";

/** `beside`: what the goal is a ratio to. `found` reads what was found, where that is known beforehand. */
const ROWS = [
  {
    name: "silent",
    title: "check of a silent host",
    beside: "baseline",
    goal: 0.55,
    words: ["check", SILENT],
  },
  {
    name: "mute",
    title: "check of a host that connects and stays silent in RPC",
    beside: "baseline",
    goal: 0.55,
    words: ["check", MUTE],
  },
  {
    name: "many",
    title: "check -f of 2,000 hosts, every fifth silent",
    beside: "baseline",
    goal: 0.1,
    many: true,
  },
  sweepRow("routed", "sweep of a routed /24, 246 silent", ROUTED, 1),
  sweepRow("on-link", "sweep of a /24 on the link, 246 silent", ON_LINK, 1),
  { ...sweepRow("nowhere", "sweep of a routed /24, all silent", NOWHERE, 1.6), expected: [] },
];

function sweepRow(name, title, net, goal) {
  return {
    name,
    title,
    beside: "nmap",
    goal,
    block: `${net}.0/24`,
    words: ["sweep", `${net}.0/24`, "--format", "ndjson"],
    expected: serving(net),
  };
}

const { values: options } = parseArgs({
  options: {
    rows: { type: "string" },
    runs: { type: "string", default: "5" },
    baseline: { type: "string" },
    strict: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (options.help) process.stdout.write(USAGE);
else {
  try {
    process.exitCode = (await main()) ? 0 : 1;
  } catch (error) {
    console.error(`bench:waits: ${error.message}`);
    process.exitCode = 2;
  }
}

async function main() {
  requireRoot();
  const wanted = options.rows?.split(",") ?? ROWS.map(({ name }) => name);
  const unknown = wanted.filter((name) => ROWS.every((row) => row.name !== name));
  if (unknown.length > 0) throw new Error(`no row is called ${unknown.join(", ")}`);
  const runs = Number(options.runs);
  if (!(Number.isInteger(runs) && runs > 0)) throw new Error(`--runs takes a number from 1`);
  const dir = mkdtempSync(path.join(tmpdir(), "kmsprobe-bench-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const answerer = compile("answerer", dir);
  console.log(
    `${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, medians of ${runs}`,
  );
  let good = true;
  for (const row of ROWS.filter(({ name }) => wanted.includes(name))) {
    const world = row.many ? await buildCrowd(dir, answerer) : await buildOffice({ dir, answerer });
    try {
      good = (await measure({ ...row, ...world.row }, world.near, runs)) && good;
    } finally {
      await world.stop();
    }
  }
  return good;
}

/** Two thousand hosts on one loopback. */
async function buildCrowd(dir, answerer) {
  const near = new Namespace("crowd");
  const hosts = pick(MANY, 2_000, 1688);
  const dropped = hosts.filter((_, index) => index % 5 === 0);
  const answering = hosts.filter((_, index) => index % 5 !== 0);
  near.firewall({ dropped });
  const peers = await startAnswerer({ namespace: near, program: answerer, addresses: answering, dir });
  const file = path.join(dir, "hosts");
  writeFileSync(file, `${hosts.join("\n")}\n`);
  return {
    near,
    row: { words: ["check", "-f", file, "--format", "json"], expected: answering },
    async stop() {
      await peers.stop();
      near.remove();
    },
  };
}

async function measure(row, near, runs) {
  const build = (name, program) => ({
    name,
    run: async () => {
      const run = await timed([...near.wrapper, process.execPath, program, ...row.words, "-q"]);
      return { ...run, wrong: row.expected === undefined ? null : wrongIn(run, row.expected) };
    },
  });
  const contenders = [
    build("kmsprobe", PROGRAM),
    ...(options.baseline === undefined ? [] : [build("baseline", path.resolve(options.baseline))]),
    ...(row.block !== undefined && nmapIsThere()
      ? [
          {
            name: "nmap",
            run: async () => ({ ...(await timed([...near.wrapper, ...NMAP, row.block])), wrong: null }),
          },
        ]
      : []),
  ];
  const results = new Map(contenders.map(({ name }) => [name, []]));
  for (let run = 0; run < runs; run += 1)
    for (const contender of contenders) results.get(contender.name).push(await contender.run());
  const [ours, beside] = ["kmsprobe", row.beside].map((name) => median(results.get(name) ?? []));
  console.log(`\n${row.name}  ${row.title}`);
  let good = true;
  for (const [name, of] of results) {
    const seconds = median(of);
    const over = name === "kmsprobe" && beside !== null && ours / beside > row.goal;
    if (over && options.strict) good = false;
    const ratio = beside === null ? "" : (seconds / beside).toFixed(2);
    const goal =
      name === "kmsprobe" ? `goal ${row.goal.toFixed(2)} × ${row.beside}${over ? " OVER" : ""}` : "";
    console.log(`   ${name.padEnd(12)}${seconds.toFixed(2).padStart(8)} s ${ratio.padStart(7)}   ${goal}`);
    for (const { wrong } of of) {
      if (wrong === null) continue;
      if (name === "kmsprobe") good = false;
      console.log(`      NOT EXACT: ${String(wrong)}`);
    }
  }
  return good;
}

function wrongIn({ stdout, stderr, code }, expected) {
  try {
    const values = stdout.startsWith('{"type"')
      ? stdout
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [JSON.parse(stdout)];
    const endpoints = values.flatMap((value) =>
      value.type === "endpoint" ? [value] : (value.diagnoses ?? []).flatMap(({ endpoints: each }) => each),
    );
    const found = endpoints.filter(({ verdict }) => verdict.serves).map(({ endpoint }) => endpoint.host);
    const { missed, invented, twice } = compareWith(expected, found);
    if (missed.length + invented.length + twice === 0) return null;
    return `${missed.length} missed, ${invented.length} invented, ${twice} twice (exit code ${code})`;
  } catch (error) {
    return `no report (exit code ${code}): ${error.message} ${stderr.slice(0, 300)}`;
  }
}

function median(results) {
  if (results.length === 0) return null;
  const sorted = results.map(({ seconds }) => seconds).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
