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

/** Arguments of a run that waits for a peer that says nothing, where SILENT stands; files are FILE. */
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

type Writer = readonly [name: string, line: string, isWhole: (file: string) => boolean];

const WRITERS: readonly Writer[] = [
  ["verify", "verify slow.yaml -q --report junit=FILE", isXml],
  ["verify, a baseline", "verify slow.yaml -q --write-baseline FILE", isJson],
  ["sweep", "sweep SILENT --rpc-timeout 600ms --count 0 -q --format json -o FILE", isJson],
  ["sweep, its lines", "sweep SILENT --rpc-timeout 600ms --count 0 -q --format ndjson -o FILE", isLines],
  ["watch", "watch SILENT --rpc-timeout 300ms --interval 100ms --for 1s --plain --log FILE", isLines],
  ["compare", "compare one.json other.json --format json -o FILE", isJson],
  ["merge", "merge part.ndjson --format ndjson -o FILE", isLines],
  ["show", "show one.json --format json -o FILE", isJson],
  ["explain", "explain 0xC004F074 --format json -o FILE", isJson],
  ["demo", "demo --format json -o FILE", isJson],
];

/** How many moments of each. What is different between them is where they come from, not what becomes of them. */
const SIGNALS = [
  ["SIGTERM", 20],
  ["SIGINT", 4],
  ["SIGHUP", 4],
] as const;

type Alone = { codes: ReadonlySet<number | null>; tookMs: number };

const alone = new Map<string, Promise<Alone>>();

/** What comes of it where nothing happens to it, and how long that takes where four run at a time: the file is whole. */
function leftAlone(writer: Writer): Promise<Alone> {
  const [name] = writer;
  const found = alone.get(name) ?? runAlone(writer);
  alone.set(name, found);
  return found;
}

async function runAlone([name, line, isWhole]: Writer): Promise<Alone> {
  const argsFor = await slow(line);
  const codes = new Set<number | null>();
  const startedMs = performance.now();
  await inTurns([1, 2, 3, 4], async (each) => {
    const file = join(folder, `${name}.${each}`);
    codes.add((await signalled(argsFor(file), folder, [])).code);
    expect(isWhole(file)).toBe(true);
  });
  return { codes, tookMs: performance.now() - startedMs };
}

describe.skipIf(skip)("at many moments of a run", () => {
  it.each(
    WRITERS.flatMap((writer) =>
      SIGNALS.map(([signal, count]) => [writer[0], signal, count, writer] as const),
    ),
  )(
    "left alone, %s writes a whole file; %s, at %i of them, leaves a whole one or, before there is anything to write, none",
    async (name, sent, count, writer) => {
      const [, line, isWhole] = writer;
      const { codes, tookMs } = await leftAlone(writer);
      const argsFor = await slow(line);
      const own = await mkdtemp(join(folder, `${sent}-`));
      // What is known of a watched host by then may be nothing.
      const known = [...codes, 130, ...(name === "watch" ? [3] : [])];
      const odd: unknown[] = [];
      const times = moments(count, tookMs);
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

  it.each(WRITERS.map((writer) => [writer[0], writer] as const))(
    "SIGKILL leaves the old file or a whole one: %s",
    async (_, writer) => {
      const [, line, isWhole] = writer;
      const { tookMs } = await leftAlone(writer);
      const argsFor = await slow(line);
      const own = await mkdtemp(join(folder, "kill-"));
      const old = '{"type":"old"}\n';
      const odd: unknown[] = [];
      await inTurns(moments(20, tookMs), async (atMs) => {
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
