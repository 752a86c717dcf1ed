/**
 * Every command, whatever is behind its output: readers that leave at any point or were never there, devices that are
 * full, disks that fill at any write and have room again.
 */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { needs } from "./servers/available.ts";
import { inShell, refusedFolder, wordsOf } from "./support/faults.ts";
import { run } from "./support/kmsprobe.ts";

const { skip } = needs("linux", "bash");
const asRoot = needs("linux", "bash", "root").skip;

let folder = "";
/** ADDRESS:PORT where nothing listens: whatever looks at it is over at once. */
let refused = "";

beforeAll(async () => {
  if (skip) return;
  ({ folder, refused } = await refusedFolder("everywhere"));
  writeFileSync(join(folder, "serve.yaml"), `version: 1\ntargets: [{ target: "${refused}" }]\n`);
  const made = [
    ["check", refused, "--format", "json", "-o", "one.json"],
    ["check", refused, "--source", "127.0.0.1", "--format", "json", "-o", "other.json"],
    ["verify", "policy.yaml", "-q", "--report", "json=verification.json"],
    ["sweep", refused, "--retries", "0", "--format", "ndjson", "-q", "-o", "part.ndjson"],
  ];
  await Promise.all(made.map((args) => run(args, { cwd: folder })));
});

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true });
});

/** Runs it with its output going nowhere, and says the exit code of the program itself. */
const READERS = {
  "reads nothing": '"$@" | true; exit "${PIPESTATUS[0]}"',
  "leaves after a thousand bytes": '"$@" | head -c 1000 > /dev/null; exit "${PIPESTATUS[0]}"',
  "was never there, nor anybody for what goes wrong": '"$@" >&- 2>&-',
} as const;

function formatted(command: string, formats: string): string[] {
  return formats.split(" ").map((format) => `${command} --format ${format}`);
}

const RUNS = [
  ...formatted("check REFUSED", "html markdown junit"),
  ...formatted("compare one.json other.json", "text json markdown"),
  ...formatted("merge part.ndjson", "text json csv ndjson"),
  ...formatted("explain 0xC004F074", "text json markdown"),
  ...formatted("show one.json", "text json ndjson csv html markdown junit"),
  ...formatted("show verification.json", "text sarif annotations prometheus"),
  ...formatted("demo", "text json ndjson csv"),
  "explain --list",
  "serve --config serve.yaml --check-config",
  "verify policy.yaml --dry-run",
  "sweep REFUSED --dry-run",
  "--help",
  "--version",
];

describe.skipIf(skip)("standard output that nobody takes changes no exit code", () => {
  it.each(RUNS)(
    "%s",
    async (line) => {
      const args = wordsOf(line, refused);
      const readers = Object.entries(READERS).map(async ([reader, how]) => {
        const { code, stderr } = await inShell(how, args, folder);
        return { reader, code, stack: /^ +at /m.test(stderr) };
      });
      // At the same time: some of them wait for silent peers. What could not be handed over is not as good as handed over.
      const [{ code: expected }, full, ...heard] = await Promise.all([
        inShell('"$@" > /dev/null', args, folder),
        inShell('"$@" > /dev/full', args, folder),
        ...readers,
      ]);
      expect([0, 1]).toContain(expected);
      expect(heard).toEqual(Object.keys(READERS).map((reader) => ({ reader, code: expected, stack: false })));
      expect({ code: full.code, said: full.stderr.includes("ENOSPC") }).toEqual({
        code: expected === 0 ? 3 : expected,
        said: true,
      });
    },
    60_000,
  );

  it("ends a watch with what is known by then", async () => {
    const args = ["watch", refused, "--plain", "--interval", "200ms", "--for", "2s"];
    await Promise.all(
      Object.entries(READERS).map(async ([reader, how]) => {
        const { code, stderr } = await inShell(how, args, folder);
        // Before anything was looked at nothing could be checked.
        expect({ reader, known: code === 1 || code === 3 }).toEqual({ reader, known: true });
        expect(stderr).not.toMatch(/^ +at /m);
      }),
    );
  }, 60_000);
});

describe.skipIf(skip)("watch --log -", () => {
  test("puts the log on standard output, each line an object, and what is for people on standard error", async () => {
    const args = ["watch", refused, "--log", "-", "--interval", "200ms", "--rounds", "2"];
    const { code, stdout, stderr } = await run(args, { cwd: folder });
    const lines = stdout.trimEnd().split("\n").map(typeOf);
    expect({ code, first: lines[0], last: lines.at(-1) }).toEqual({ code: 1, first: "start", last: "end" });
    expect(lines.slice(1, -1).every((type) => type === "event")).toBe(true);
    expect(lines.length).toBeGreaterThan(2);
    expect(stderr).toContain(refused);
  });

  test("ends with its reader", async () => {
    const args = ["watch", refused, "--log", "-", "--interval", "200ms", "--for", "30s"];
    const { code, stdout } = await inShell('"$@" | head -1; exit "${PIPESTATUS[0]}"', args, folder);
    expect(typeOf(stdout.trimEnd())).toBe("start");
    expect([1, 3]).toContain(code);
  });
});

function typeOf(line: string): unknown {
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === "object" && parsed !== null && "type" in parsed ? parsed.type : null;
}

/** Free space in KiB at which a run is tried, least first. */
const ROOMS = [0, 4, 16, 64, 512];

/**
 * Runs it once for each of ROOMS, in a mount namespace with a small file system `tiny` that has so much room.
 * @param before prepares `tiny` anew each time; `after` says what became of it
 * @returns what `after` printed, by room
 */
async function withRoom(before: string, after: string, args: readonly string[]): Promise<string[]> {
  mkdirSync(join(folder, "tiny"), { recursive: true });
  const each =
    "mount -t tmpfs -o size=1m tmpfs tiny; " +
    `${before}; (cat /dev/zero > tiny/filler 2> /dev/null); truncate -s -\${room}K tiny/filler; ` +
    `"$0" "$@" > /dev/null 2> said; code=$?; rm tiny/filler; ${after}; echo; umount tiny`;
  const line = `exec unshare -m bash -c 'for room in ${ROOMS.join(" ")}; do ${each}; done' "$@"`;
  const { stdout, stderr } = await inShell(line, args, folder);
  expect(stderr).toBe("");
  return stdout.trimEnd().split("\n");
}

describe.skipIf(asRoot)("a disk that fills at any write", () => {
  it.each([
    ["check REFUSED --format html -o tiny/file", "</html>"],
    ["check REFUSED -q --report json=tiny/file", "}"],
    ["compare one.json other.json --format json -o tiny/file", "}"],
    ["merge part.ndjson --format json -o tiny/file", "}"],
    ["explain --list -o tiny/file", ""],
    ["show one.json --format html -o tiny/file", "</html>"],
  ])(
    "leaves the old file or the new one: %s",
    async (line, ending) => {
      // A file that is neither the old one nor ends as a whole one would be a broken one.
      const after = 'printf "%s %s %s" "$code" "$(wc -c < tiny/file)" "$(tail -c 8 tiny/file | tr -d "\\n")"';
      const said = await withRoom("printf old > tiny/file", after, wordsOf(line, refused));
      const last = said.at(-1)?.split(" ") ?? [];
      const whole = Number(last[1]);
      expect(whole).toBeGreaterThan(3);
      for (const each of said) {
        const [code = "", size = "", ...rest] = each.split(" ");
        const isOld = size === "3" && rest.join(" ") === "old";
        expect({ each, ok: isOld ? code === "3" || code === "1" : Number(size) > 3 }).toEqual({
          each,
          ok: true,
        });
        if (!isOld) expect(rest.join(" ").trimEnd().endsWith(ending)).toBe(true);
      }
      // It begins with no room for it.
      expect(said[0]).toMatch(/^[13] 3 old$/);
    },
    120_000,
  );

  it.each([
    ["a sweep's lines", "sweep NETWORK --retries 0 --count 0 --rate 0 --all -q --format ndjson -o tiny/file"],
    ["a watch's log", "watch REFUSED --plain --interval 50ms --rounds 3 --log tiny/file"],
  ])(
    "leaves whole lines: %s",
    async (_, line) => {
      const [address = ""] = refused.split(":");
      const args = wordsOf(line, refused).map((arg) =>
        arg === "NETWORK" ? address.replace(/\.\d+$/, ".0/25") : arg,
      );
      const after = 'printf "%s %s" "$code" "$(base64 -w0 tiny/file)"';
      const said = await withRoom(": > tiny/file", after, args);
      for (const each of said) {
        const [, text = ""] = each.split(" ");
        const lines = Buffer.from(text, "base64").toString("utf8").split("\n");
        expect(lines.pop()).toBe("");
        for (const whole of lines) expect(typeof typeOf(whole)).toBe("string");
      }
    },
    120_000,
  );

  it("that has room again is no loss: a sweep that failed for want of space goes on, and finds each address once", async () => {
    mkdirSync(join(folder, "tiny"), { recursive: true });
    const [address = ""] = refused.split(":");
    const network = address.replace(/\.\d+$/, ".0/24");
    const args = ["sweep", network, "--retries", "0", "--count", "0", "--rate", "150", "--format", "json"];
    const steps = [
      "mount -t tmpfs -o size=64k tmpfs tiny",
      // Room for the state's first lines; it comes and goes while the sweep writes.
      "(cat /dev/zero > tiny/filler 2> /dev/null)",
      "truncate -s -4K tiny/filler",
      '"$0" "$@" --state tiny/state -o first.json > /dev/null 2>&1 & sweep=$!',
      "for turn in 1 2 3 4 5; do sleep 0.15; truncate -s -1K tiny/filler; sleep 0.05; (cat /dev/zero >> tiny/filler 2> /dev/null); done",
      "wait $sweep; first=$?",
      "rm tiny/filler",
      '"$0" "$@" --state tiny/state -o second.json > /dev/null 2>&1; echo "$first $?"',
    ].join("; ");
    const { stdout } = await inShell(`exec unshare -m bash -c '${steps}' "$@"`, args, folder);
    // It failed or had just room enough; what goes on after it is complete either way.
    expect(stdout).toMatch(/^[13] 1\n$/);
    const report: unknown = JSON.parse(readFileSync(join(folder, "second.json"), "utf8"));
    expect(report).toMatchObject({ coverage: { planned: 256, covered: 256, complete: true } });
  }, 60_000);
});

describe.skipIf(skip)("what a command reads is never what it writes to", () => {
  it.each([
    ["check", "check -f FILE -o FILE", "hosts.txt"],
    ["check, of a pasted text", "check REFUSED --with FILE -o FILE", "hosts.txt"],
    ["sweep", "sweep -f FILE -q -o FILE", "hosts.txt"],
    ["sweep, of what is permitted", "sweep REFUSED -q --allowed FILE -o FILE", "hosts.txt"],
    ["sweep, of what is left out", "sweep REFUSED -q --exclude-file FILE -o FILE", "hosts.txt"],
    ["watch", "watch -f FILE --log FILE --for 1s", "hosts.txt"],
    ["merge", "merge FILE -o FILE", "part.ndjson"],
    ["compare", "compare other.json FILE -o FILE", "one.json"],
    ["explain", "explain FILE -o FILE", "hosts.txt"],
    ["show", "show FILE -o FILE", "one.json"],
    ["verify", "verify FILE -o FILE", "policy.yaml"],
    ["by a link", "check -f FILE -o LINK", "hosts.txt"],
    ["verify, by a link", "verify FILE -o LINK", "policy.yaml"],
    ["a report besides, by a link", "check -f FILE --report json=LINK", "hosts.txt"],
  ])("%s", async (_, line, file) => {
    const made = await mkdtemp(join(folder, "own-"));
    writeFileSync(join(folder, "hosts.txt"), `${refused}\n`);
    const own = join(made, file);
    copyFileSync(join(folder, file), own);
    symlinkSync(own, join(made, "link"));
    const before = readFileSync(own, "utf8");
    const link = join(made, "link");
    const words = { FILE: own, LINK: link, "json=LINK": `json=${link}`, REFUSED: refused };
    const args = line
      .split(" ")
      .map((arg) => Object.entries(words).find(([word]) => word === arg)?.[1] ?? arg);
    const { code, stderr } = await run(args, { cwd: folder });
    expect(readFileSync(own, "utf8")).toBe(before);
    expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toContain("name another file to write to");
  });
});
