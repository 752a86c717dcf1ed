/** Terminals of every size, also those that do not know theirs, with a host that keeps the spinner turning. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { needs, SYSTEM_PYTHON } from "./servers/available.ts";
import { run } from "./support/kmsprobe.ts";
import { type Peer, startSilentPeer } from "./support/peers.ts";

const { skip } = needs("linux", "python3");

const ON_TERMINAL = fileURLToPath(new URL("support/on-terminal.py", import.meta.url));

/** Rows and columns; 0 is "unknown". */
const SIZES = [
  [0, 0],
  [24, 0],
  [0, 80],
  [1, 1],
  [5, 20],
  [10, 40],
  [50, 300],
] as const;

/** Ten times what a run takes, all of them at a time on a busy machine. */
const LIMIT_S = 30;

/** For what ends when it is told to: with its own exit code. */
const UNTIL_SIGTERM = ["/usr/bin/timeout", "--foreground", "--preserve-status", "-s", "TERM", "5"];

const finishedSchema = z.strictObject({ code: z.int().nullable(), written: z.string() });

/** What ora hides while it turns. */
const HIDDEN_CURSOR = "\u001B[?25l";

let folder = "";
let peer: Peer | null = null;
let at = "";

beforeAll(async () => {
  if (skip) return;
  peer = await startSilentPeer();
  at = `${peer.address}:${peer.port}`;
  folder = await mkdtemp(join(tmpdir(), "kmsprobe-terminal-"));
  for (const file of ["one.json", "other.json"])
    await run(["check", "127.0.0.1:1", "--format", "json", "-o", file], { cwd: folder });
  await run(["sweep", "127.0.0.1:1", "--format", "ndjson", "-q", "-o", "part.ndjson"], { cwd: folder });
  await writeFile(
    join(folder, "policy.yaml"),
    `version: 1\nsettings: { rpc-timeout: 3s }\nexpect:\n  - serve: { hosts: '${at}' }\n`,
  );
});

afterAll(async () => {
  await peer?.stop();
  if (folder !== "") await rm(folder, { recursive: true });
});

async function runOn(
  rows: number,
  columns: number,
  args: readonly string[],
  { env = {}, through = [] }: { env?: Readonly<Record<string, string>>; through?: readonly string[] } = {},
) {
  const wrapper = [SYSTEM_PYTHON, ON_TERMINAL, `${rows}`, `${columns}`, `${LIMIT_S}`, ...through];
  const { stdout, stderr } = await run(args, { wrapper, cwd: folder, env });
  expect(stderr).toBe("");
  return finishedSchema.parse(JSON.parse(stdout));
}

describe.skipIf(skip)("a terminal of any size gets the report, after a spinner that ends", () => {
  test.each<[string, () => string[]]>([
    ["check", () => ["check", at, "--rpc-timeout", "3s"]],
    ["sweep", () => ["sweep", at, "--rpc-timeout", "3s"]],
    ["verify", () => ["verify", "policy.yaml"]],
  ])(
    "%s",
    async (_, args) => {
      const runs = await Promise.all(SIZES.map(async ([rows, columns]) => runOn(rows, columns, args())));
      const wrong = runs.flatMap(({ code, written }, index) => {
        const size = SIZES[index]?.join("×");
        // A spinner of one frame in 80 ms, of at most 80 lines at a column each.
        const fine = code === 1 && written.includes(HIDDEN_CURSOR) && written.length < 150_000;
        return fine ? [] : [{ size, code, bytes: written.length, written: written.slice(0, 300) }];
      });
      expect(wrong).toEqual([]);
      const unknown = runs[0]?.written ?? "";
      expect(unknown).toContain(peer?.address);
    },
    45_000,
  );
});

describe.skipIf(skip)("a terminal of any size gets what other commands say", () => {
  test.each<[string, () => string[], number]>([
    ["watch, live", () => ["watch", at, "--rounds", "2", "--interval", "1s", "--rpc-timeout", "1s"], 1],
    ["demo", () => ["demo"], 0],
    ["explain", () => ["explain", "0xC004F074"], 0],
    ["compare", () => ["compare", "one.json", "other.json"], 0],
    ["merge", () => ["merge", "part.ndjson"], 1],
    ["show", () => ["show", "one.json", "-v"], 1],
    ["serve", () => ["serve", "--listen", "127.0.0.1:0"], 0],
  ])(
    "%s",
    async (name, args, expected) => {
      const through = name === "serve" ? UNTIL_SIGTERM : [];
      const env: Record<string, string> = { TERM: "xterm" };
      const runs = await Promise.all(
        SIZES.map(async ([rows, columns]) => runOn(rows, columns, args(), { env, through })),
      );
      const wrong = runs.flatMap(({ code, written }, index) => {
        const fine = code === expected && written.length > 100 && written.length < 300_000;
        // A host is there before what happened to it, however small the screen.
        const hasHost = name !== "watch, live" || written.includes("127.71.");
        const listened = name !== "serve" || /msg=listening.*msg=stopping/s.test(written);
        return fine && hasHost && listened
          ? []
          : [{ size: SIZES[index]?.join("×"), code, bytes: written.length, written: written.slice(0, 300) }];
      });
      expect(wrong).toEqual([]);
    },
    45_000,
  );
});

function watched(): string[] {
  return ["watch", at, "--rounds", "2", "--interval", "1s", "--rpc-timeout", "1s"];
}

// Beside each other: each waits for its own run.
describe.skipIf(skip).concurrent("a terminal that shows ASCII only gets nothing else", () => {
  const foreign = /[\u0080-\u{10ffff}]/u;
  test.each<[string, () => string[], Record<string, string>]>([
    ["check", () => ["check", at, "--rpc-timeout", "3s", "--ascii"], {}],
    ["check in the C locale", () => ["check", at, "--rpc-timeout", "3s"], { LC_ALL: "C" }],
    ["sweep", () => ["sweep", at, "--rpc-timeout", "3s", "--ascii"], {}],
    ["verify", () => ["verify", "policy.yaml"], { LC_ALL: "en_US.ISO-8859-1" }],
    ["explain", () => ["explain", "0xC004F074", "--ascii"], {}],
    ["watch, live", () => [...watched(), "--ascii"], { TERM: "xterm" }],
    ["watch, plain", () => [...watched(), "--plain", "--ascii"], {}],
    ["demo on Linux' own console", () => ["demo"], { TERM: "linux" }],
  ])("%s", async (_, args, env) => {
    const { written } = await runOn(40, 120, args(), { env });
    expect(written).not.toMatch(foreign);
    expect(written.length).toBeGreaterThan(200);
    expect(written).not.toContain("\\u{");
  });

  test("and another one signs", async () => {
    const { written } = await runOn(40, 120, ["check", at, "--rpc-timeout", "2s"], {
      env: { LANG: "C.UTF-8" },
    });
    expect(written).toContain("✗");
  });
});
