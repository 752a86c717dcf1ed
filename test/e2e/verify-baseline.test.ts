/** What `verify --baseline` calls worse, better, flapping and the same, on a network that changes between two runs. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Change } from "../../src/verify/model.ts";
import { type Baseline, baselineSchema } from "../../src/verify/baseline/file.ts";
import { makeServerDir, removeServerDir } from "../integration/servers/process.ts";
import { run } from "../integration/support/kmsprobe.ts";
import { commandsOf, policyOf, runVerify, type Verified } from "../integration/support/verify.ts";
import { type ZoneEntry, zoneFile } from "../integration/support/zone.ts";
import { type Branch, BRANCH_KMS, buildBranch } from "./branch.ts";
import { buildOffice, CLIENT, DNS, KMS, needsNetwork, type Office } from "./office.ts";
import { Peers, startDns, startRpcScript } from "./peers.ts";
import type { Host } from "./topology.ts";

let dir: string;
let files = 0;

beforeAll(async () => (dir = await makeServerDir("baseline")));
afterAll(() => removeServerDir(dir));

/** A policy on quick cables, where a busy machine may slow down anything: no latency counts. */
function steady(...lines: readonly string[]): string {
  return policyOf("baseline: { latency-floor: 1m }", ...lines);
}

/** Writes a baseline; what the run itself makes of it, and the file. */
async function remember(
  host: Host,
  policy: string,
  args: readonly string[] = [],
): Promise<{ file: string; baseline: Baseline; code: number | null }> {
  const file = join(dir, `baseline-${++files}.json`);
  const { code } = await runVerify(policy, ["--write-baseline", file, ...args], { wrapper: host.wrapper });
  const baseline = baselineSchema.parse(JSON.parse(await readFile(file, "utf8")));
  return { file, baseline, code };
}

type Compared = Verified & { changes: Change[]; unchanged: number; notCompared: number };

async function compare(
  host: Host,
  policy: string,
  file: string,
  args: readonly string[] = [],
): Promise<Compared> {
  const verified = await runVerify(policy, ["--baseline", file, ...args], { wrapper: host.wrapper });
  const { baseline } = verified.verification;
  if (baseline === null) throw new Error("no comparison");
  expect(baseline.file).toBe(file);
  const { changes, unchanged, notCompared } = baseline;
  return { ...verified, changes, unchanged, notCompared };
}

function zoneOf(name: string, address: string): ZoneEntry[] {
  const target = `${name}.corp.test`;
  return [
    { name: "_vlmcs._tcp.corp.test", srv: { priority: 0, weight: 0, port: 1688, target } },
    { name: target, address },
  ];
}

describe.skipIf(needsNetwork("named").skip)("a baseline, and a network that changes", () => {
  let office: Office;
  const peers = new Peers();

  const TO_KMS = `ip daddr ${KMS} tcp dport 1688`;
  const SYN = "tcp flags & (syn|ack) == syn";
  /** Nothing is expected: what is seen is compared. */
  const WATCHED = steady(`hosts: ['${KMS}:1688', '10.71.2.11:1688']`);

  const KMS1 = zoneOf("kms1", KMS);
  const KMS2 = zoneOf("kms2", "10.71.2.11");
  const LISTED = steady(`domains: corp.test`, `resolvers: ${DNS}`);

  beforeAll(async () => {
    office = buildOffice();
    office.kms.ip("address add 10.71.2.11/24 dev to-router");
    await peers.add(startRpcScript(office.kms, KMS, 1688, "serves"));
    await peers.add(startRpcScript(office.kms, "10.71.2.11", 1688, "serves"));
  });

  afterEach(() => office.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  test("unchanged is 0; a blocked host is worse in two looks of two, and 1; unblocked it is 0 again", async () => {
    const { file, baseline, code } = await remember(office.client, WATCHED);
    expect(code).toBe(0);
    expect(baseline.hosts.map(({ host, serves, listed }) => [host, serves, listed])).toEqual([
      [KMS, true, false],
      ["10.71.2.11", true, false],
    ]);
    const same = await compare(office.client, WATCHED, file);
    expect(same).toMatchObject({ code: 0, changes: [], unchanged: 2, notCompared: 0 });

    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    const blocked = await compare(office.client, WATCHED, file);
    expect(blocked).toMatchObject({ code: 1, unchanged: 1, notCompared: 0 });
    expect(blocked.verification).toMatchObject({ outcome: "failed", counts: { failed: 0, met: 0 } });
    expect(blocked.changes).toMatchObject([
      {
        what: "host",
        about: `${KMS}:1688`,
        direction: "worse",
        before: "serves",
        after: "no answer",
        looks: { worse: 2, of: 2 },
      },
    ]);
    const rule = `permit tcp from ${CLIENT} to ${KMS} port 1688`;
    expect(commandsOf(blocked.changes)).toContain(rule);
    const text = await run(["verify", "-", "--baseline", file], {
      input: WATCHED,
      wrapper: office.client.wrapper,
    });
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(/✗ Worse\n +10\.71\.2\.10:1688: serves → no answer \(2 of 2 looks\)/);
    expect(text.stdout).toContain(rule);

    office.router.firewall({});
    expect(await compare(office.client, WATCHED, file)).toMatchObject({ code: 0, changes: [] });
  });

  test("against a baseline of a bad day what serves again is better, and 0", async () => {
    office.router.firewall({ forward: [`${TO_KMS} reject with tcp reset`] });
    const { file, baseline } = await remember(office.client, WATCHED);
    expect(baseline.hosts[0]).toMatchObject({ serves: false, verdict: "tcp-refused", rpc: null });
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    // It fails in another way: no better, no worse.
    expect(await compare(office.client, WATCHED, file)).toMatchObject({
      code: 0,
      changes: [{ direction: "changed", before: "refused", after: "no answer", looks: { worse: 0, of: 1 } }],
    });
    office.router.firewall({});
    const better = await compare(office.client, WATCHED, file);
    expect(better.changes).toMatchObject([
      { direction: "better", before: "refused", after: "serves", looks: { worse: 0, of: 1 }, next: [] },
    ]);
    expect(better.code).toBe(0);
  });

  test("a host that fails in one look of three flaps, and is 0", async () => {
    const { file } = await remember(office.client, WATCHED);
    // One SYN a look: the first is dropped, and no other for a day.
    office.router.firewall({ forward: [`${TO_KMS} ${SYN} limit rate 1/day burst 1 packets drop`] });
    const flapping = await compare(office.client, WATCHED, file);
    expect(flapping.changes).toMatchObject([
      {
        what: "host",
        about: `${KMS}:1688`,
        direction: "flapping",
        after: "no answer",
        looks: { worse: 1, of: 3 },
        next: [],
      },
    ]);
    expect(flapping).toMatchObject({ code: 0, unchanged: 1 });
    expect(flapping.verification.outcome).toBe("met");
    // It has passed since.
    expect(await compare(office.client, WATCHED, file)).toMatchObject({ code: 0, changes: [] });
  });

  test("one that fails in two looks of three is worse, and 1", async () => {
    const { file } = await remember(office.client, WATCHED);
    office.router.firewall({ forward: [`${TO_KMS} ${SYN} numgen inc mod 2 == 0 drop`] });
    const worse = await compare(office.client, WATCHED, file);
    expect(worse.changes).toMatchObject([{ direction: "worse", looks: { worse: 2, of: 3 } }]);
    expect(worse.code).toBe(1);
  });

  test("looks again are at what seemed worse, and at nothing else", async () => {
    const { file } = await remember(office.client, WATCHED);
    office.router.firewall({
      forward: [
        `ip daddr 10.71.2.11 tcp dport 1688 ${SYN} counter`,
        `${TO_KMS} ${SYN} counter`,
        `${TO_KMS} drop`,
      ],
    });
    await compare(office.client, WATCHED, file);
    const [other, blocked] = [
      ...office.router.run(["nft", "list", "table", "inet", "kmsprobe"]).matchAll(/packets (\d+)/g),
    ].map(([, packets]) => Number(packets));
    expect(blocked).toBe(2);
    expect(other).toBe(1);
  });

  test("a port that was closed and connects is worse; closed in another way it is no worse", async () => {
    const policy = steady("expect:", `  - { closed: { hosts: ${KMS} }, level: warning }`);
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    const { file, baseline } = await remember(office.client, policy);
    expect(baseline.closed).toMatchObject([{ host: KMS, port: 1688, answer: "no-answer" }]);
    office.router.firewall({ forward: [`${TO_KMS} reject with tcp reset`] });
    expect(await compare(office.client, policy, file)).toMatchObject({
      code: 0,
      changes: [{ what: "closed", direction: "changed", before: "no answer", after: "refuses" }],
    });
    office.router.firewall({});
    const open = await compare(office.client, policy, file);
    expect(open.code).toBe(1);
    expect(open.changes).toMatchObject([
      { what: "closed", direction: "worse", after: "accepts connections", looks: { worse: 2, of: 2 } },
    ]);
    expect(commandsOf(open.changes)).toContain(`deny tcp from ${CLIENT} to ${KMS} port 1688`);
    // What could not be tried has not changed, as far as anybody knows.
    office.client.ip("route add blackhole 10.71.2.0/24");
    onTestFinished(() => office.client.ip("route del blackhole 10.71.2.0/24"));
    const untried = await compare(office.client, policy, file);
    expect(untried).toMatchObject({ code: 0, changes: [], notCompared: 1 });
    // It is of level warning: told, and no failure.
    expect(untried.verification).toMatchObject({ outcome: "warned", counts: { error: 1, failed: 0 } });
  });

  test("a source that is not there has not made anything worse", async () => {
    const policy = steady(
      `hosts: ${KMS}`,
      "networks: { lan: 10.71.1.0/24, spare: 10.71.77.0/24 }",
      "from: [lan, spare]",
      "expect: [serve: {}]",
    );
    office.client.ip("address add 10.71.77.10/24 dev to-router");
    office.router.ip("address add 10.71.77.1/24 dev to-client");
    office.kms.ip("route add 10.71.77.0/24 via 10.71.2.1");
    const { file } = await remember(office.client, policy);
    office.client.ip("address del 10.71.77.10/24 dev to-router");
    const gone = await compare(office.client, policy, file);
    expect(gone).toMatchObject({ code: 3, changes: [], unchanged: 1, notCompared: 1 });
    expect(gone.verification.outcome).toBe("error");
  });

  // --------------------------------------------------------------------------------------------------- DNS

  test("a listed host that disappears from DNS is worse; a new one beside it is no worse", async () => {
    let named = await startDns(office.dns, {
      address: DNS,
      zones: { "corp.test": zoneFile([...KMS1, ...KMS2]) },
    });
    onTestFinished(() => named.stop());
    const { file, baseline } = await remember(office.client, LISTED);
    expect(baseline.listings).toMatchObject([
      {
        domain: "corp.test",
        resolver: `${DNS}:53`,
        answers: true,
        hosts: ["kms1.corp.test:1688", "kms2.corp.test:1688"],
      },
    ]);
    expect(baseline.hosts.map(({ host, listed }) => [host, listed])).toEqual([
      ["kms1.corp.test", true],
      ["kms2.corp.test", true],
    ]);
    const both = await remember(office.client, LISTED);
    expect(await compare(office.client, LISTED, both.file)).toMatchObject({
      code: 0,
      changes: [],
      unchanged: 3,
    });

    await named.stop();
    named = await startDns(office.dns, { address: DNS, zones: { "corp.test": zoneFile(KMS1) } });
    const one = await remember(office.client, LISTED);
    const lost = await compare(office.client, LISTED, file);
    expect(lost.code).toBe(1);
    expect(lost.changes).toMatchObject([
      {
        what: "listing",
        about: `corp.test at ${DNS}:53`,
        direction: "worse",
        before: "lists kms1.corp.test:1688, kms2.corp.test:1688",
        after: "lists kms1.corp.test:1688",
        looks: { worse: 2, of: 2 },
      },
    ]);

    await named.stop();
    named = await startDns(office.dns, {
      address: DNS,
      zones: { "corp.test": zoneFile([...KMS1, ...KMS2]) },
    });
    const gained = await compare(office.client, LISTED, one.file);
    expect(gained.code).toBe(0);
    expect(gained.changes.map(({ what, direction }) => [what, direction])).toEqual([
      ["listing", "changed"],
      ["host", "better"],
    ]);
  });

  test("a zone that is gone is worse", async () => {
    let named = await startDns(office.dns, { address: DNS, zones: { "corp.test": zoneFile(KMS1) } });
    onTestFinished(() => named.stop());
    const { file } = await remember(office.client, LISTED);
    await named.stop();
    named = await startDns(office.dns, { address: DNS, zones: { "corp.test": "" } });
    const gone = await compare(office.client, LISTED, file);
    expect(gone.code).toBe(1);
    expect(gone.changes).toMatchObject([
      { what: "listing", direction: "worse", before: "lists kms1.corp.test:1688", after: "says NXDOMAIN" },
    ]);
  });

  test("a resolver that stops answering is worse; that it is back is better", async () => {
    let named = await startDns(office.dns, { address: DNS, zones: { "corp.test": zoneFile(KMS1) } });
    onTestFinished(() => named.stop());
    const { file } = await remember(office.client, LISTED);
    await named.stop();
    const silent = await compare(office.client, LISTED, file);
    expect(silent.code).toBe(1);
    expect(silent.changes).toMatchObject([
      { what: "resolver", about: `corp.test at ${DNS}:53`, direction: "worse", looks: { worse: 2, of: 2 } },
    ]);
    // The host is not called worse: nobody said where it is.
    expect(silent.changes).toHaveLength(1);
    expect(silent.notCompared).toBe(1);
    const bad = await remember(office.client, LISTED);
    expect(bad.baseline.listings).toMatchObject([{ answers: false, hosts: [] }]);
    named = await startDns(office.dns, { address: DNS, zones: { "corp.test": zoneFile(KMS1) } });
    const back = await compare(office.client, LISTED, bad.file);
    expect(back.code).toBe(0);
    expect(back.changes).toContainEqual(expect.objectContaining({ what: "resolver", direction: "better" }));
  });

  test("a resolver that dies between two looks leaves open what became of the host", async () => {
    const named = await startDns(office.dns, { address: DNS, zones: { "corp.test": zoneFile(KMS1) } });
    onTestFinished(() => named.stop());
    const { file } = await remember(office.client, LISTED);
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    const comparing = compare(office.client, LISTED, file);
    // The first look has its addresses, once it connects to them.
    while (office.client.run(["ss", "-Hnt", "state", "syn-sent"]) === "") await sleep(20);
    await named.stop();
    const { changes, verification, code } = await comparing;
    expect(changes).toMatchObject([{ what: "host", direction: "flapping", looks: { worse: 1, of: 1 } }]);
    expect(verification.outcome).toBe("error");
    expect(code).toBe(3);
  });

  // ------------------------------------------------------------------------------------ what is no baseline

  const PLACED = steady(`hosts: ${KMS}`, "places:", "  office: {}", "  home: {}");

  test("a baseline of another place is wrong usage, and nothing is touched", async () => {
    const { file, baseline } = await remember(office.client, PLACED, ["--place", "office"]);
    expect(baseline.policy.place).toBe("office");
    office.router.firewall({ forward: [`${TO_KMS} counter`] });
    const refused = await run(["verify", "-", "--place", "home", "--baseline", file], {
      input: PLACED,
      wrapper: office.client.wrapper,
    });
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toBe(
      `kmsprobe: ${file} was written at place 'office', and this is place 'home': write a baseline for each\n`,
    );
    const plain = await run(["verify", "-", "--baseline", file], { input: WATCHED });
    expect(plain.stderr).toContain("was written at place 'office', and this is no place");
    expect(office.router.run(["nft", "list", "table", "inet", "kmsprobe"])).toContain("packets 0 ");
  });

  test("what is no baseline is wrong usage", async () => {
    const wrong = join(dir, "wrong.json");
    for (const [text, words] of [
      ["not JSON", "is not JSON: write a baseline with --write-baseline"],
      ["{}", "is no baseline (schemaVersion: "],
      ["", "is not JSON"],
    ] as const) {
      await writeFile(wrong, text);
      const { code, stderr, stdout } = await run(["verify", "-", "--baseline", wrong], { input: WATCHED });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(words);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    }
  });

  // ---------------------------------------------------------------------------------------------- cut short

  test("stopped before the second look: what seems worse is not called so, and it is not all well either", async () => {
    const { file } = await remember(office.client, WATCHED);
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    // The first look takes half a second, the second begins two seconds after it.
    const cut = await compare(office.client, WATCHED, file, ["--max-time", "1500ms"]);
    expect(cut.changes).toMatchObject([{ direction: "flapping", looks: { worse: 1, of: 1 } }]);
    expect(cut.verification).toMatchObject({ interrupted: true, outcome: "error" });
    expect(cut.code).toBe(3);
  });

  test("stopped in the second look: a look that was cut off is none", async () => {
    const policy = steady(
      "settings: { timeout: 1500ms, retries: 0 }",
      `hosts: ['${KMS}:1688', '10.71.2.11:1688']`,
    );
    const { file } = await remember(office.client, policy);
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    const cut = await compare(office.client, policy, file, ["--max-time", "4300ms"]);
    expect(cut.changes).toMatchObject([{ direction: "flapping", looks: { worse: 1, of: 1 } }]);
    expect(cut.code).toBe(3);
  });

  test("a run that was cut short leaves the baseline as it was", async () => {
    const file = join(dir, "kept.json");
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    const { code } = await runVerify(WATCHED, ["--write-baseline", file, "--max-time", "100ms"], {
      wrapper: office.client.wrapper,
    });
    expect(code).toBe(3);
    expect(existsSync(file)).toBe(false);
  });
});

// -----------------------------------------------------------------------------------------------------------------

/** Fifteen round trips over the branch's line. */
function watched(...noise: readonly string[]): string {
  return policyOf(`hosts: ${BRANCH_KMS}`, "settings: { timeout: 2s, retries: 0, count: 15 }", ...noise);
}

describe.skipIf(needsNetwork("tun").skip)("a baseline, and a way that becomes slower", () => {
  let branch: Branch;
  const peers = new Peers();

  beforeAll(async () => {
    branch = await buildBranch();
    await peers.add(startRpcScript(branch.kms, BRANCH_KMS, 1688, "serves"));
  });

  afterEach(() => branch.wire.set({}));

  afterAll(async () => {
    await peers.stop();
    await branch.stop();
  });

  test("slower by half and more is worse; as fast as it was is the same; faster is better", async () => {
    await branch.wire.set({ delayMs: 10 });
    const { file, baseline } = await remember(branch.client, watched());
    const rpc = baseline.hosts[0]?.rpc;
    expect(rpc?.samples).toBe(15);
    expect(rpc?.medianMs).toBeGreaterThan(19);
    expect(await compare(branch.client, watched(), file)).toMatchObject({
      code: 0,
      changes: [],
      unchanged: 1,
    });

    await branch.wire.set({ delayMs: 35 });
    const slower = await compare(branch.client, watched(), file);
    expect(slower.code).toBe(1);
    expect(slower.changes).toMatchObject([
      { what: "latency", about: `${BRANCH_KMS}:1688`, direction: "worse", looks: { worse: 2, of: 2 } },
    ]);
    expect(slower.changes[0]?.before).toMatch(/^RPC median \d+(\.\d+)? ms$/);

    await branch.wire.set({ delayMs: 1 });
    const faster = await compare(branch.client, watched(), file);
    expect(faster.changes).toMatchObject([{ what: "latency", direction: "better" }]);
    expect(faster.code).toBe(0);
  });

  test("noise is the same: a few milliseconds, and less than half of it", async () => {
    const rough = watched("baseline: { latency-floor: 40ms }");
    await branch.wire.set({ delayMs: 1 });
    const quick = await remember(branch.client, rough);
    // Several times as slow, and by less than forty milliseconds.
    await branch.wire.set({ delayMs: 6 });
    expect(await compare(branch.client, rough, quick.file)).toMatchObject({ code: 0, changes: [] });
    await branch.wire.set({ delayMs: 40 });
    const slow = await remember(branch.client, watched());
    await branch.wire.set({ delayMs: 48, jitterMs: 3 });
    expect(await compare(branch.client, watched(), slow.file)).toMatchObject({ code: 0, changes: [] });
  });

  test("the policy says what noise is", async () => {
    await branch.wire.set({ delayMs: 20 });
    const strict = watched("baseline: { latency-tolerance: 10%, latency-floor: 2ms }");
    const { file } = await remember(branch.client, strict);
    await branch.wire.set({ delayMs: 40 });
    const worse = await compare(branch.client, strict, file);
    expect(worse.changes).toMatchObject([{ what: "latency", direction: "worse" }]);
    expect(worse.code).toBe(1);
    const lenient = watched("baseline: { latency-tolerance: 400% }");
    expect(await compare(branch.client, lenient, file)).toMatchObject({ code: 0, changes: [] });
  });
});
