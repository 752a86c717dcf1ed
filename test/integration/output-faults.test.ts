/**
 * What goes wrong around a run and must not change what it comes to: a reader that leaves, a disk that fills, a signal,
 * two runs on one state.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { reportSchema } from "../../src/model/report.ts";
import { baselineSchema } from "../../src/verify/baseline/file.ts";
import { needs } from "./servers/available.ts";
import { inShell, inTurns, moments, refusedFolder, signalled, wordsOf } from "./support/faults.ts";
import { startSilentPeer } from "./support/peers.ts";

const { skip } = needs("linux", "bash");
const asRoot = needs("linux", "bash", "root").skip;

let folder = "";
/** ADDRESS:PORT where nothing listens: a check of it fails, and is over at once. */
let refused = "";

beforeAll(async () => {
  if (skip) return;
  ({ folder, refused } = await refusedFolder("faults"));
});

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true });
});

/** The exit code of the program itself, whatever its reader did. */
const READERS = {
  "that reads nothing": '"$@" | true; exit "${PIPESTATUS[0]}"',
  "that leaves after a line": '"$@" | head -1 > /dev/null; exit "${PIPESTATUS[0]}"',
  "that was never there": '"$@" >&-',
};

const check = (format: string): string => `check REFUSED --format ${format}`;
const sweep = (format: string): string => `sweep REFUSED --retries 0 --count 0 --format ${format}`;
const verify = (format: string): string => `verify policy.yaml --format ${format}`;
const RUNS = [
  ["text", "json", "ndjson", "csv"].map(check),
  ["text", "json", "csv"].map(sweep),
  ["text", "json", "csv", "junit", "sarif", "markdown", "html", "prometheus"].map(verify),
];

/** Runs in a mount namespace of its own, in which `tiny` is a file system of 64 KiB with 4 KiB left. */
const onFullDisk = async (then: string, args: readonly string[]): Promise<string> => {
  mkdirSync(join(folder, "tiny"), { recursive: true });
  const setUp =
    "mount -t tmpfs -o size=64k tmpfs tiny && printf old > tiny/old.json && " +
    "head -c 57344 /dev/zero > tiny/filler && (cat /dev/zero > tiny/rest 2> /dev/null; true)";
  const line = `exec unshare -m bash -c '${setUp}; "$@"; echo "code $?"; ${then}' "$@"`;
  // unshare's bash takes the next word as its own name.
  const { stdout } = await inShell(line.replace('"$@"; echo', '"$0" "$@"; echo'), args, folder);
  return stdout;
};

/** A check that takes a while, of a peer that says nothing. */
async function slowCheck(): Promise<{ args: string[]; file: string }> {
  const peer = await startSilentPeer();
  onTestFinished(peer.stop);
  const own = await mkdtemp(join(folder, "signal-"));
  const file = join(own, "report.json");
  const patience = ["--rpc-timeout", "600ms", "--count", "0"];
  return {
    file,
    args: ["check", `${peer.address}:${peer.port}`, ...patience, "--format", "json", "-o", file],
  };
}

let takes: Promise<number> | null = null;

/** How long such a check takes where four run at a time, on this machine and as busy as it is. */
async function runMs(): Promise<number> {
  takes ??= measured();
  return await takes;
}

async function measured(): Promise<number> {
  const startedMs = performance.now();
  await inTurns([0, 0, 0, 0], async () => {
    const { args } = await slowCheck();
    await signalled(args, folder, []);
  });
  return performance.now() - startedMs;
}

const isWhole = (file: string): boolean =>
  reportSchema.safeParse(JSON.parse(readFileSync(file, "utf8"))).success;

describe.skipIf(skip).each(Object.entries(READERS))("a reader %s", (_, line) => {
  it.each(RUNS.flat())("does not make a failure a success: %s", async (args) => {
    const end = await inShell(line, wordsOf(args, refused), folder);
    expect({ code: end.code, stack: end.stderr.includes("    at ") }).toEqual({ code: 1, stack: false });
  });

  it("costs no report that goes to a file, and no baseline", async () => {
    const own = await mkdtemp(join(folder, "reports-"));
    const reports = ["github", "html=-", `json=${own}/a.json`, `junit=${own}/b.xml`, `csv=${own}/c.csv`];
    const args = [
      "verify",
      "policy.yaml",
      "--write-baseline",
      join(own, "base.json"),
      ...reports.flatMap((report) => ["--report", report]),
    ];
    const { code } = await inShell(line, args, folder);
    expect(code).toBe(1);
    expect(JSON.parse(readFileSync(join(own, "a.json"), "utf8"))).toMatchObject({ outcome: "failed" });
    expect(readFileSync(join(own, "b.xml"), "utf8")).toMatch(/<\/testsuites>\s*$/);
    expect(readFileSync(join(own, "c.csv"), "utf8")).toMatch(/\n$/);
    expect(baselineSchema.safeParse(JSON.parse(readFileSync(join(own, "base.json"), "utf8"))).success).toBe(
      true,
    );
    expect((await readdir(own)).toSorted()).toEqual(["a.json", "b.xml", "base.json", "c.csv"]);
  });
});

describe.skipIf(skip)("a sweep that nobody reads any more", () => {
  it("ends before its time, and as one that did not look at all", async () => {
    const [address = ""] = refused.split(":");
    const network = address.replace(/\.\d+$/, ".0/22");
    const args = ["sweep", network, "--rate", "100", "--format", "ndjson", "--all", "--retries", "0"];
    const { code } = await inShell('"$@" | head -2 > /dev/null; exit "${PIPESTATUS[0]}"', args, folder);
    expect(code).toBe(3);
  });
});

describe.skipIf(skip)("a reader that begins late", () => {
  it("is waited for, and gets every line", async () => {
    const [address = ""] = refused.split(":");
    const network = address.replace(/\.\d+\.\d+$/, ".0.0/19");
    const args = ["sweep", network, "--rate", "0", "--format", "ndjson", "--all", "--retries", "0"];
    // It reads once the sweep has said that it waits.
    const begin = 'until grep -q "the sweep waits for its reader" late.err; do sleep 0.1; done';
    const line = `"$@" 2> late.err | { ${begin}; grep -c '^{"type":"endpoint".*}$'; }; exit "\${PIPESTATUS[0]}"`;
    const { code, stdout } = await inShell(line, args, folder);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "8192\n" });
  });
});

describe.skipIf(asRoot)("a disk that is full", () => {
  it.each([
    ["a report", "check REFUSED --format json -o tiny/old.json"],
    ["a baseline", "verify policy.yaml -q --write-baseline tiny/old.json"],
    ["a report among others", "verify policy.yaml -q --report html=tiny/old.json"],
  ])("leaves %s that was there as it was, and is told", async (_, line) => {
    const stdout = await onFullDisk("cat tiny/old.json; echo; ls -A tiny", wordsOf(line, refused));
    expect(stdout).toBe("code 3\nold\nfiller\nold.json\nrest\n");
  });
});

describe.skipIf(skip)("a signal", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s, twice within a moment, leaves a whole report or, before the run began, none",
    async (name) => {
      const ends: (number | string | null)[] = [];
      await inTurns(moments(20, await runMs()), async (atMs) => {
        const { args, file } = await slowCheck();
        const signals = [
          { name, atMs },
          { name, atMs: atMs + 5 },
        ];
        const { code, signal } = await signalled(args, folder, signals);
        ends.push(code ?? signal);
        // Before anything listens to it, and after all is done, the signal ends the program, as it ends any.
        if (code !== null || existsSync(file)) expect(isWhole(file)).toBe(true);
      });
      expect(ends.filter((end) => end !== 1 && end !== 130 && end !== name)).toEqual([]);
      expect(ends).toContain(130);
    },
    120_000,
  );

  it("SIGKILL at any moment leaves the old file or the new one", async () => {
    await inTurns(moments(20, (await runMs()) + 400), async (atMs) => {
      const { args, file } = await slowCheck();
      writeFileSync(file, "old");
      await signalled(args, folder, [{ name: "SIGKILL", atMs }]);
      if (readFileSync(file, "utf8") !== "old") expect(isWhole(file)).toBe(true);
    });
  }, 120_000);
});

describe.skipIf(asRoot)("two sweeps with one state", () => {
  it("are told apart even in containers of their own: the second is refused, and touches nothing", async () => {
    const [address = ""] = refused.split(":");
    const network = address.replace(/\.\d+$/, ".0/26");
    const common = `sweep ${network} --rate 40 --retries 0 --count 0 --format json`;
    const inOwn = 'unshare -p -f --mount-proc "$@"';
    const line =
      `printf kept > second.json; ${inOwn} ${common} --state s.state -o first.json & ` +
      `sleep 1; ${inOwn} ${common} --state s.state -o second.json; echo "second $?"; wait $!; echo "first $?"; cat second.json`;
    const { stdout, stderr } = await inShell(line, [], folder);
    expect(stdout).toBe("second 2\nfirst 1\nkept");
    expect(stderr).toMatch(/s\.state/);
    const first: unknown = JSON.parse(readFileSync(join(folder, "first.json"), "utf8"));
    expect(first).toMatchObject({ coverage: { complete: true } });
  });
});
