import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runtime } from "../../scripts/runtimes.mjs";
import type { RuntimeName } from "../../scripts/runtimes.mjs";
import { startTcpPeer } from "../integration/scripted/peers.ts";
import type { TcpPeer } from "../integration/scripted/peers.ts";
import { checkedReport } from "../integration/support/checked-report.ts";
import { PROGRAM, startProgram } from "../integration/support/kmsprobe.ts";
import { PEERS } from "./peers.ts";

/** Fetching one the first time included. */
const LIMIT_MS = 240_000;

const OTHERS: readonly RuntimeName[] = ["node22", "node24", "node26"];

/**
 * What differs from run to run on one Node as well: times, in figures and in sentences, ports (in a bind_ack as well),
 * ids of calls, names that nobody has.
 */
function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value === "string")
    return value
      .replaceAll(/\b\d+(?:\.\d+)? (?:ms|s)\b/g, "# ms")
      .replaceAll(/(?<=^|[\s:[])\d{4,5}\b/g, "#")
      .replaceAll(/\b(0500[\da-f]{20})[\da-f]{8}/g, "$1#")
      .replaceAll(/0600(?:3\d){5}00/g, "0600#00")
      .replaceAll(/\bkmsprobe-[\da-f]{8}\b/g, "kmsprobe-#");
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] => {
      if (key === "startedAt" || key === "port" || key === "callId") return [];
      if (key.endsWith("Ms")) return [[key, Array.isArray(inner) ? inner.length : typeof inner]];
      return [[key, withoutTimes(inner)]];
    }),
  );
}

async function reportOf(node: string, args: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await startProgram(node, [PROGRAM, ...args, "--format", "json"]).finished;
  expect(stderr, "on standard error").not.toMatch(/warning|deprecat/i);
  if (stdout === "") throw new Error(`no report: ${stderr}`);
  return withoutTimes(checkedReport(stdout));
}

describe("one report on every Node.js", () => {
  const peers: TcpPeer[] = [];
  let hosts: string[] = [];
  let program = "";

  beforeAll(async () => {
    for (const script of Object.values(PEERS)) peers.push(await startTcpPeer(script));
    hosts = peers.map(({ address, port }) => `${address}:${port}`);
    program = await runtime("node20");
  }, LIMIT_MS);

  afterAll(async () => {
    for (const peer of peers) await peer.stop();
    expect(peers.flatMap(({ violations }) => violations)).toEqual([]);
  });

  /**
   * Whether a close or a reset comes first, and what the kernel's table still shows of it, is a race on one Node as well:
   * each looks up to four times, and one report of the other has to be one of ours.
   */
  async function expectTheSame(other: string, args: readonly string[]): Promise<void> {
    const ours: unknown[] = [];
    const theirs: unknown[] = [];
    for (let look = 0; look < 4; look += 1) {
      ours.push(await reportOf(program, args));
      theirs.push(await reportOf(other, args));
      if (theirs.some((report) => ours.some((own) => isDeepStrictEqual(report, own)))) return;
    }
    expect(theirs.at(-1)).toEqual(ours.at(-1));
  }

  const peersArgs = (): string[] => ["check", ...hosts, "--rpc-timeout", "1s", "--concurrency", "8"];

  test("the peers are thirty and more, and tell ten verdicts and more", async () => {
    expect(hosts.length).toBeGreaterThanOrEqual(30);
    const { stdout } = await startProgram(program, [PROGRAM, ...peersArgs(), "--format", "json"]).finished;
    const codes = checkedReport(stdout).diagnoses.flatMap(({ endpoints }) =>
      endpoints.map(({ verdict }) => verdict.code),
    );
    expect(new Set(codes).size).toBeGreaterThanOrEqual(10);
  });

  test.each(OTHERS)(
    "%s says of thirty scripted peers what Node.js 20 says",
    async (key) => {
      const other = await runtime(key);
      await expectTheSame(other, peersArgs());
    },
    LIMIT_MS,
  );

  test.each(OTHERS)(
    "%s says of the demo's lab what Node.js 20 says",
    async (key) => {
      const other = await runtime(key);
      await expectTheSame(other, ["demo"]);
    },
    LIMIT_MS,
  );
});
