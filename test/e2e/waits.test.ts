import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { type Branch, BRANCH_KMS, buildBranch } from "./branch.ts";
import { attemptAt, type Checked, condition, kernelOf } from "./conditions.ts";
import { needsNetwork } from "./office.ts";
import { Peers, startRpcScript } from "./peers.ts";

const STARTING = 1690;
const MUTE = 1691;

/** As the command line has it. */
const DEFAULTS = ["--timeout", "4s", "--rpc-timeout", "5s", "--count", "1"];

/** Room for a busy machine, and less than a further timeout would take. */
const A_LITTLE_MS = 2_500;

describe.skipIf(needsNetwork("tun").skip)("what is waited for, and how long, with default settings", () => {
  let branch: Branch;
  const peers = new Peers();

  beforeAll(async () => {
    branch = await buildBranch();
    await branch.wire.set({});
    await peers.add(startRpcScript(branch.kms, BRANCH_KMS, 1688, "serves"));
    await peers.add(startRpcScript(branch.kms, BRANCH_KMS, STARTING, "starting"));
    await peers.add(startRpcScript(branch.kms, BRANCH_KMS, MUTE, "silent"));
  });

  afterEach(async () => {
    branch.network.permitAll();
    await branch.wire.set({});
  });

  afterAll(async () => {
    await peers.stop();
    await branch.stop();
  });

  /** Connects that leave the client, each counted once however many SYNs it sends. */
  function countConnects(): () => number {
    branch.client.run(["nft", "add", "table", "inet", "counting"]);
    branch.client.run(
      ["nft", "-f", "-"],
      `flush table inet counting
table inet counting {
  set ports { type inet_service; size 65535; flags dynamic; }
  chain out { type filter hook output priority 10
    oifname != "lo" tcp flags & (syn|ack) == syn add @ports { tcp sport }
  }
}`,
    );
    return () => {
      const said = branch.client.run(["nft", "-j", "list", "set", "inet", "counting", "ports"]);
      branch.client.run(["nft", "delete", "table", "inet", "counting"]);
      const { nftables }: { nftables: { set?: { elem?: unknown[] } }[] } = JSON.parse(said);
      return nftables.flatMap(({ set }) => set?.elem ?? []).length;
    };
  }

  condition("a silent host costs little more than one timeout, and two connects", async (check) => {
    branch.near.firewall({ forward: ["tcp dport 1688 drop"] });
    const connects = countConnects();
    const checked = await check(branch.client, [BRANCH_KMS, ...DEFAULTS]);
    expect(connects()).toBe(2);
    expect(tookMs(checked)).toBeLessThan(4_000 + A_LITTLE_MS);
    const { tcp } = attemptAt(checked);
    expect(tcp).toMatchObject({ outcome: "no-answer", cause: "deadline", tries: 2 });
    // Each of them lasted as long as it says.
    expect(tcp.outcome === "no-answer" ? tcp.elapsedMs : 0).toBeGreaterThanOrEqual(3_999);
  });

  condition("a host that answers no SYN before the one at 3 s", async (check) => {
    branch.near.firewall({ forward: ["tcp dport 1688 drop"] });
    const checking = check(branch.client, [BRANCH_KMS, ...DEFAULTS]);
    while (branch.client.run(["ss", "-Hnt", "state", "syn-sent"]) === "") await sleep(20);
    await sleep(2_500);
    branch.network.permitAll();
    const { tcp } = attemptAt(await checking);
    expect(tcp.outcome === "ok" ? tcp.elapsedMs : 0).toBeGreaterThan(2_400);
  });

  condition(
    "a path of 3 s of round trip",
    async (check) => {
      await branch.wire.set({ delayMs: 1_500 });
      const { tcp } = attemptAt(await check(branch.client, [BRANCH_KMS, ...DEFAULTS]));
      expect(tcp.outcome === "ok" ? tcp.elapsedMs : 0).toBeGreaterThan(2_700);
    },
    60_000,
  );

  condition("a service that needs 3 s for its first answer", async (check) => {
    const { rpc } = attemptAt(await check(branch.client, [`${BRANCH_KMS}:${STARTING}`, ...DEFAULTS]));
    const answer = rpc?.bind.answer;
    expect(answer?.outcome === "ok" ? answer.elapsedMs : 0).toBeGreaterThanOrEqual(2_990);
    // What was begun beside it is of no interest any more.
    expect(rpc?.plain).toBeNull();
  });

  condition(
    "a service that stays silent costs little more than one timeout, and three connects",
    async (check) => {
      const connects = countConnects();
      const checked = await check(branch.client, [`${BRANCH_KMS}:${MUTE}`, ...DEFAULTS]);
      expect(connects()).toBe(3);
      expect(tookMs(checked)).toBeLessThan(5_000 + A_LITTLE_MS);
      const attempt = attemptAt(checked);
      expect(kernelOf(attempt).unacknowledgedBytes).toBe(0);
      const answer = attempt.rpc?.bind.answer;
      expect(answer?.outcome === "no-answer" ? answer.elapsedMs : 0).toBeGreaterThanOrEqual(4_999);
      expect(attempt.controlPort?.answer).toBe("ECONNREFUSED");
    },
  );

  condition(
    "a path that loses what follows the handshake costs little more than one timeout",
    async (check) => {
      branch.near.firewall({ forward: ["tcp dport 1688 tcp flags & (psh|syn|rst) == psh drop"] });
      const checked = await check(branch.client, [BRANCH_KMS, ...DEFAULTS]);
      expect(tookMs(checked)).toBeLessThan(5_000 + A_LITTLE_MS);
      expect(kernelOf(attemptAt(checked)).unacknowledgedBytes).toBe(160);
    },
  );
});

function tookMs({ report }: Checked): number {
  return report.elapsedMs;
}
