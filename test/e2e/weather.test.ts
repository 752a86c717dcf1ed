import { afterAll, beforeAll, describe, expect, onTestFinished } from "vitest";
import { type Branch, BRANCH_KMS, buildBranch } from "./branch.ts";
import { attemptAt, causesOf, condition, kernelOf } from "./conditions.ts";
import { needsNetwork } from "./office.ts";
import { Peers, startRpcScript } from "./peers.ts";

/** As the command line has it: here loss is what patience is for. */
const DEFAULT_PATIENCE = ["--timeout", "4s", "--rpc-timeout", "5s", "--count", "3"];

describe.skipIf(needsNetwork("tun").skip)("a path that delays, loses and swallows", () => {
  let branch: Branch;
  const peers = new Peers();

  beforeAll(async () => {
    branch = await buildBranch();
    await peers.add(startRpcScript(branch.kms, BRANCH_KMS, 1688, "serves"));
  });

  afterAll(async () => {
    await peers.stop();
    await branch.stop();
  });

  condition("a path of 300 ms with 100 ms of jitter serves", async (check) => {
    await branch.wire.set({ delayMs: 300, jitterMs: 100, seed: 71 });
    const checked = await check(branch.client, [BRANCH_KMS, "--timeout", "4s", "--rpc-timeout", "5s"]);
    expect(checked.code).toBe(0);
    const { tcp, rpc } = attemptAt(checked);
    // There and back: 200 to 400 ms each way.
    const times = [tcp.outcome === "ok" ? tcp.elapsedMs : 0, ...(rpc?.latency.samplesMs ?? [])];
    expect(times).toHaveLength(2);
    for (const ms of times) expect(ms).toBeGreaterThan(390);
    for (const ms of times) expect(ms).toBeLessThan(1_000);
  });

  function narrowLink(mtu: number, icmp: "filtered" | "passes"): void {
    branch.near.ip(`link set to-far mtu ${mtu}`);
    onTestFinished(() => branch.near.ip("link set to-far mtu 1500"));
    if (icmp === "filtered") branch.near.firewall({ output: ["icmp type destination-unreachable drop"] });
    onTestFinished(() => branch.near.firewall({}));
  }

  condition("a link of 140 bytes, its ICMP filtered, passes only the plain bind", async (check) => {
    await branch.wire.set({});
    narrowLink(140, "filtered");
    const { verdict } = attemptAt(await check(branch.client, [BRANCH_KMS]));
    expect(verdict.certainty).toBe("likely");
    expect(causesOf(verdict)).toContain("the path loses larger packets");
  });

  condition("a link of 100 bytes, its ICMP filtered, passes no bind", async (check) => {
    await branch.wire.set({});
    narrowLink(100, "filtered");
    const attempt = attemptAt(await check(branch.client, [BRANCH_KMS]));
    expect(kernelOf(attempt).unacknowledgedBytes).toBe(160);
    expect(attempt.verdict.certainty).toBe("likely");
    expect(causesOf(attempt.verdict)).toContain("MTU");
  });

  condition("a link of 140 bytes whose ICMP passes serves", async (check) => {
    await branch.wire.set({});
    narrowLink(140, "passes");
    expect((await check(branch.client, [BRANCH_KMS])).code).toBe(0);
  });

  condition("a path that loses packets larger than the plain bind passes only that", async (check) => {
    await branch.wire.set({ maxBytes: 150 });
    const { verdict } = attemptAt(await check(branch.client, [BRANCH_KMS]));
    expect(verdict.certainty).toBe("likely");
    expect(causesOf(verdict)).toContain("the path loses larger packets");
  });

  condition("a path that loses every bind for its size", async (check) => {
    await branch.wire.set({ maxBytes: 100 });
    const attempt = attemptAt(await check(branch.client, [BRANCH_KMS]));
    expect(kernelOf(attempt).unacknowledgedBytes).toBe(160);
    expect(kernelOf(attempt).retransmissions).toBeGreaterThan(0);
    expect(attempt.verdict.certainty).toBe("likely");
    expect(causesOf(attempt.verdict)).toContain("MTU");
  });

  condition("a slow path that loses every bind before it is sent again", async (check) => {
    await branch.wire.set({ delayMs: 400, maxBytes: 100 });
    const args = [BRANCH_KMS, "--timeout", "2s", "--rpc-timeout", "1s"];
    const attempt = attemptAt(await check(branch.client, args));
    // The first retransmission would come after three round trips: not a zero window, only no time for it.
    expect(kernelOf(attempt)).toMatchObject({ unacknowledgedBytes: 160, retransmissions: 0 });
    expect(causesOf(attempt.verdict)).toContain("a device drops data after the handshake");
  });

  condition(
    "with 5 % of the packets lost, 200 checks of a host that serves say 200 times that it does",
    async (check) => {
      await branch.wire.set({ lossPercent: 5, seed: 5 });
      const attempts = await checks(200, 10, async () =>
        attemptAt(await check(branch.client, [BRANCH_KMS, ...DEFAULT_PATIENCE])),
      );
      expect(attempts.filter(({ verdict }) => verdict.code === "rpc-serves")).toHaveLength(200);
      // A round trip takes 2 ms, a retransmission 200 at the least: the loss was there.
      const slow = attempts.filter(({ rpc }) => rpc?.latency.samplesMs.some((ms) => ms > 150));
      expect(slow.length).toBeGreaterThan(10);
    },
    170_000,
  );

  condition(
    "with 30 % of the packets lost nine of ten checks say that it serves",
    async (check) => {
      await branch.wire.set({ lossPercent: 30, seed: 30 });
      const codes = await checks(20, 10, async () => {
        const { report } = await check(branch.client, [BRANCH_KMS, ...DEFAULT_PATIENCE]);
        return report.verdict.code;
      });
      expect(codes.filter((code) => code === "rpc-serves").length).toBeGreaterThanOrEqual(18);
    },
    170_000,
  );
});

/** So many runs, so many of them at a time. */
async function checks<Value>(count: number, atATime: number, run: () => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) values.push(await run());
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return values;
}
