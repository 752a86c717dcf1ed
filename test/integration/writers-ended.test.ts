/** Every writer, at many moments of a run: what ends it leaves whole files. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { needs } from "./servers/available.ts";
import { inTurns, moments, signalled } from "./support/faults.ts";
import { run } from "./support/kmsprobe.ts";
import { startSilentPeer } from "./support/peers.ts";

const { skip } = needs("linux");

let folder = "";

beforeAll(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), "kmsprobe-moments-"));
  const made = [
    ["check", "127.0.0.1:1", "--format", "json", "-o", "one.json"],
    ["check", "127.0.0.1:1", "--source", "127.0.0.1", "--format", "json", "-o", "other.json"],
    ["sweep", "127.0.0.1:1", "--retries", "0", "--format", "ndjson", "-q", "-o", "part.ndjson"],
  ];
  await Promise.all(made.map((args) => run(args, { cwd: folder })));
});

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true });
});

function typeOf(line: string): unknown {
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === "object" && parsed !== null && "type" in parsed ? parsed.type : null;
}

const RUN_MS = 1_600;

/** Longer than RUN_MS, of a peer that says nothing; files are FILE. */
async function slow(line: string): Promise<(file: string) => string[]> {
  const peer = await startSilentPeer();
  onTestFinished(peer.stop);
  const at = `${peer.address}:${peer.port}`;
  const policy = `version: 1\nsettings: { rpc-timeout: 600ms, count: 0 }\nhosts: ["${at}"]\nexpect: [{ serve: {} }]\n`;
  writeFileSync(join(folder, "slow.yaml"), policy);
  return (file) => line.split(" ").map((arg) => arg.replace("FILE", file).replace("SILENT", at));
}

const isJson = (file: string): boolean => typeof JSON.parse(readFileSync(file, "utf8")) === "object";
const isXml = (file: string): boolean => /<\/testsuites>\s*$/.test(readFileSync(file, "utf8"));
const isLines = (file: string): boolean =>
  readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .every((line) => typeof typeOf(line) === "string");

type Writer = readonly [name: string, line: string, runMs: number, isWhole: (file: string) => boolean];

const WRITERS: readonly Writer[] = [
  ["verify", "verify slow.yaml -q --report junit=FILE", RUN_MS, isXml],
  ["verify, a baseline", "verify slow.yaml -q --write-baseline FILE", RUN_MS, isJson],
  ["sweep", "sweep SILENT --rpc-timeout 600ms --count 0 -q --format json -o FILE", RUN_MS, isJson],
  [
    "sweep, its lines",
    "sweep SILENT --rpc-timeout 600ms --count 0 -q --format ndjson -o FILE",
    RUN_MS,
    isLines,
  ],
  ["watch", "watch SILENT --rpc-timeout 300ms --interval 100ms --for 1s --plain --log FILE", RUN_MS, isLines],
  ["compare", "compare one.json other.json --format json -o FILE", 500, isJson],
  ["merge", "merge part.ndjson --format ndjson -o FILE", 500, isLines],
  ["show", "show one.json --format json -o FILE", 500, isJson],
  ["explain", "explain 0xC004F074 --format json -o FILE", 500, isJson],
  ["demo", "demo --format json -o FILE", 3_000, isJson],
];

/** How many moments of each. What is different between them is where they come from, not what becomes of them. */
const SIGNALS = [
  ["SIGTERM", 20],
  ["SIGINT", 4],
  ["SIGHUP", 4],
] as const;

const codes = new Map<string, Promise<number | null>>();

/** @returns the exit code where nothing happens to it; then the file is there, and whole */
function leftAlone([name, line, , isWhole]: Writer): Promise<number | null> {
  const found = codes.get(name) ?? goes();
  codes.set(name, found);
  return found;
  async function goes(): Promise<number | null> {
    const file = join(folder, `${name}.whole`);
    const argsFor = await slow(line);
    const { code } = await signalled(argsFor(file), folder, []);
    expect(isWhole(file)).toBe(true);
    return code;
  }
}

describe.skipIf(skip)("at many moments of a run", () => {
  it.each(
    WRITERS.flatMap((writer) =>
      SIGNALS.map(([signal, count]) => [writer[0], signal, count, writer] as const),
    ),
  )(
    "left alone, %s writes a whole file; %s, at %i of them, leaves a whole one or, before there is anything to write, none",
    async (name, sent, count, writer) => {
      const [, line, runMs, isWhole] = writer;
      const alone = await leftAlone(writer);
      const argsFor = await slow(line);
      const own = await mkdtemp(join(folder, `${sent}-`));
      // What is known of a watched host by then may be nothing.
      const known = [alone, 130, ...(name === "watch" ? [3] : [])];
      const odd: unknown[] = [];
      const times = moments(count, runMs);
      await inTurns(times, async (atMs) => {
        const file = join(own, `${atMs}`);
        const { code, signal, stderr } = await signalled(argsFor(file), folder, [{ name: sent, atMs }]);
        // Before anything listens to it, and after all is done, the signal ends the program, as it ends any.
        const ended = signal === sent || known.includes(code);
        const fine = !existsSync(file) || isWhole(file);
        if (!ended || !fine || /^ +at /m.test(stderr)) odd.push({ atMs, code, signal, stderr });
      });
      expect(odd).toEqual([]);
      // Nothing that was written aside stays behind.
      const left = await readdir(own);
      expect(left.filter((each) => !times.map(String).includes(each))).toEqual([]);
    },
    180_000,
  );

  it.each(WRITERS)(
    "SIGKILL leaves the old file or a whole one: %s",
    async (_, line, runMs, isWhole) => {
      const argsFor = await slow(line);
      const own = await mkdtemp(join(folder, "kill-"));
      const old = '{"type":"old"}\n';
      const odd: unknown[] = [];
      await inTurns(moments(20, runMs), async (atMs) => {
        const file = join(own, `${atMs}`);
        writeFileSync(file, old);
        await signalled(argsFor(file), folder, [{ name: "SIGKILL", atMs }]);
        const text = readFileSync(file, "utf8");
        if (text !== old && !isWhole(file)) odd.push({ atMs, text: text.slice(-200) });
      });
      expect(odd).toEqual([]);
    },
    180_000,
  );
});
