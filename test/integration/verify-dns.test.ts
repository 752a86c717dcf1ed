/** What `verify` says of records, resolvers and clocks, against real name servers and time servers. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { SocketAddress } from "../../src/model/dns.ts";
import { startDnsPeer, startTcpPeer, type TcpPeer } from "./scripted/peers.ts";
import { needs } from "./servers/available.ts";
import { startChronyd } from "./servers/chrony.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { startKnot } from "./servers/knot.ts";
import { startNamed } from "./servers/named.ts";
import { makeServerDir, removeServerDir } from "./servers/process.ts";
import type { Zones } from "./servers/zone-text.ts";
import { run } from "./support/kmsprobe.ts";
import { peer, placeOf, SERVING } from "./support/serving.ts";
import { commandsOf, failingOf, policyOf, resultOf, runVerify, statusesOf } from "./support/verify.ts";

const running: { stop: () => Promise<void> }[] = [];

async function started<Server extends { stop: () => Promise<void> }>(
  server: Promise<Server>,
): Promise<Server> {
  const up = await server;
  running.push(up);
  return up;
}

afterAll(async () => {
  for (const server of running.splice(0).toReversed()) await server.stop();
});

/** The resolvers that a policy, or an expectation, asks. */
function ask(...resolvers: readonly SocketAddress[]): string {
  return `resolvers: [${resolvers.map((each) => `'${placeOf(each)}'`).join(", ")}]`;
}

/** Hosts, in the words of a zone file. */
function records(hosts: readonly (readonly [string, TcpPeer])[]): string {
  return hosts
    .map(([name, { address, port }]) => `_vlmcs._tcp SRV 0 0 ${port} ${name}\n${name} A ${address}\n`)
    .join("");
}

describe.skipIf(needs("named", "knotd").skip)("records, by several resolvers", () => {
  let [kms1, kms2]: TcpPeer[] = [];
  let first: SocketAddress;
  let second: SocketAddress;
  let lagging: SocketAddress;
  let refusing: SocketAddress;
  let silent: SocketAddress;
  let nobody: SocketAddress;

  beforeAll(async () => {
    kms1 = await started(startTcpPeer(SERVING));
    kms2 = await started(startTcpPeer(SERVING));
    const twoHosts = records([
      ["kms1", kms1],
      ["kms2", kms2],
    ]);
    const zones: Zones = {
      "corp.test": twoHosts,
      "dirty.test": `${twoHosts}_vlmcs._tcp SRV 5 0 ${kms1.port} kms1\n_vlmcs._tcp SRV 9 0 1688 gone\n`,
      "moved.test": records([["kms1", kms1]]),
      "empty.test": "",
    };
    first = await started(startNamed({ zones }));
    second = await started(
      startKnot({
        zones: { ...zones, "moved.test": `_vlmcs._tcp SRV 0 0 ${kms1.port} kms1\nkms1 A ${kms2.address}\n` },
      }),
    );
    lagging = await started(startNamed({ zones: { "corp.test": records([["kms1", kms1]]) } }));
    refusing = await started(startNamed({ zones: {} }));
    silent = (await started(startDnsPeer({}))).resolver;
    const address = loopbackAddress();
    nobody = { address, port: await freePort(address) };
  });

  // ---------------------------------------------------------------------------------------------- agree

  const AGREE = ["domains: corp.test", "expect:", "  - agree: {}"];

  test("BIND and Knot with the same records agree", async () => {
    const verified = await runVerify(policyOf(ask(first, second), ...AGREE));
    expect(verified.code).toBe(0);
    expect(resultOf(verified, "agree-1").details.map(({ holds }) => holds)).toEqual([true, true]);
  });

  test("one that lags behind does not: each is quoted, with how to compare them", async () => {
    const verified = await runVerify(policyOf(ask(first, second, lagging), ...AGREE));
    expect(verified.code).toBe(1);
    const failing = failingOf(resultOf(verified, "agree-1"));
    expect(failing.map(({ code }) => code)).toEqual(Array(3).fill("srv-resolvers-disagree"));
    expect(failing.map(({ observed }) => observed)).toContain(
      `${placeOf(lagging)} lists kms1.corp.test:${kms1?.port}.`,
    );
    expect(commandsOf(failing)).toContain(`dig corp.test SOA @${lagging.address} -p ${lagging.port}`);
  });

  test.each([
    ["refuses", () => refusing, "srv-resolvers-disagree"],
    ["is silent", () => silent, "srv-no-answer"],
    ["is not there", () => nobody, "srv-resolver-unreachable"],
  ])("one that %s does not", async (_, other, code) => {
    const verified = await runVerify(policyOf(ask(first, other()), ...AGREE));
    expect(verified.code).toBe(1);
    const failing = failingOf(resultOf(verified, "agree-1"));
    expect(failing).toContainEqual(
      expect.objectContaining({ about: `corp.test at ${placeOf(other())}`, code }),
    );
  });

  test("one alone agrees with nobody: not checked", async () => {
    const verified = await runVerify(policyOf(ask(first), ...AGREE));
    expect(verified.code).toBe(3);
    expect(failingOf(resultOf(verified, "agree-1"))[0]?.observed).toBe(
      "corp.test was asked at 1 resolver: to agree, there must be two.",
    );
  });

  test("about the hosts' addresses, where that is asked", async () => {
    const policy = policyOf(
      ask(first, second),
      "domains: moved.test",
      "expect:",
      "  - agree: {}",
      "  - agree: { addresses: true }",
    );
    const verified = await runVerify(policy);
    expect(statusesOf(verified)).toEqual({ "agree-1": "met", "agree-2": "failed" });
    expect(failingOf(resultOf(verified, "agree-2"))).toMatchObject([
      { about: "moved.test", code: expect.stringMatching(/^address-(resolvers-disagree|glue-differs)$/) },
    ]);
  });

  // --------------------------------------------------------------------------------------------- listed

  function listing(...demand: readonly string[]): string {
    return policyOf(ask(first, lagging), "domains: corp.test", "expect:", ...demand);
  }

  test("what must be listed, and is, at each resolver; what may be, and nothing else", async () => {
    const verified = await runVerify(
      listing(
        "  - { id: must, listed: { must: kms1.corp.test } }",
        `  - { id: port, listed: { must: 'kms1.corp.test:${kms1?.port}', may: [kms2.corp.test, kms3.corp.test] } }`,
        "  - { id: case, listed: { must: KMS1.Corp.Test. } }",
        `  - { id: one, ${ask(first)}, listed: { must: [kms1.corp.test, kms2.corp.test] } }`,
      ),
    );
    expect(statusesOf(verified)).toEqual({ must: "met", port: "met", case: "met", one: "met" });
    expect(verified.code).toBe(0);
  });

  test("what must be listed and is not at one of them: that one is named", async () => {
    const verified = await runVerify(listing("  - listed: { must: kms2.corp.test }"));
    expect(verified.code).toBe(1);
    const result = resultOf(verified, "listed-1");
    expect(failingOf(result)).toMatchObject([{ about: `corp.test at ${placeOf(lagging)}`, holds: false }]);
    expect(result.observed).toBe(`${placeOf(lagging)} does not list kms2.corp.test, which must be listed`);
    const port = await runVerify(listing("  - listed: { must: 'kms1.corp.test:1688' }"));
    expect(port.code).toBe(1);
    expect(failingOf(resultOf(port, "listed-1"))).toHaveLength(2);
  });

  test("a stranger is named, with where it is listed", async () => {
    const verified = await runVerify(listing("  - listed: { may: kms1.corp.test }"));
    expect(verified.code).toBe(1);
    expect(failingOf(resultOf(verified, "listed-1"))).toMatchObject([
      { about: `kms2.corp.test:${kms2?.port} at ${placeOf(first)}`, certainty: "certain" },
    ]);
  });

  test("of a resolver that says nothing only what must be listed is known to be missing", async () => {
    const demand = ["domains: corp.test", "expect:", "  - listed: { may: kms1.corp.test }"];
    expect(await runVerify(policyOf(ask(silent), ...demand))).toMatchObject({ code: 3 });
    const must = ["domains: corp.test", "expect:", "  - listed: { must: kms1.corp.test }"];
    const verified = await runVerify(policyOf(ask(silent), ...must));
    expect(verified.code).toBe(1);
    expect(failingOf(resultOf(verified, "listed-1"))).toMatchObject([{ code: "srv-no-answer" }]);
    // A domain that is there and lists nobody lists nobody it may not.
    const empty = policyOf(
      ask(first),
      "domains: empty.test",
      "expect:",
      "  - listed: { may: kms1.corp.test }",
    );
    expect(await runVerify(empty)).toMatchObject({ code: 0 });
  });

  // ------------------------------------------------------------------------------------------ permitted

  test("permitted by name, by address, by subnet, with a port; and a listed host that is not", async () => {
    const [one, two] = [kms1?.address, kms2?.address];
    const verified = await runVerify(
      policyOf(
        ask(first),
        "domains: corp.test",
        "expect:",
        "  - { id: names, permitted: { allow: [kms1.corp.test, kms2.corp.test] } }",
        `  - { id: addresses, permitted: { allow: [${one}, '${two}:${kms2?.port}'] } }`,
        "  - { id: subnet, permitted: { allow: 127.71.0.0/16 } }",
        `  - { id: mixed, permitted: { allow: [kms1.corp.test, ${two}/32] } }`,
        "  - { id: one, permitted: { allow: kms1.corp.test } }",
        `  - { id: port, permitted: { allow: [${one}, '${two}:1688'] } }`,
      ),
    );
    expect(statusesOf(verified)).toEqual({
      names: "met",
      addresses: "met",
      subnet: "met",
      mixed: "met",
      one: "failed",
      port: "failed",
    });
    for (const id of ["one", "port"]) {
      const about = `kms2.corp.test:${kms2?.port} at ${two}`;
      expect(failingOf(resultOf(verified, id))).toMatchObject([
        { about, observed: `${about} is listed and serves, and is not permitted.` },
      ]);
    }
  });

  test("a name is permitted at the address it has, whatever the host is called where it is met", async () => {
    const verified = await runVerify(
      policyOf(
        ask(first),
        `hosts: '${placeOf(kms1 ?? nobody)}'`,
        "expect:",
        "  - permitted: { allow: kms1.corp.test }",
        "  - permitted: { allow: kms2.corp.test }",
      ),
    );
    expect(statusesOf(verified)).toEqual({ "permitted-1": "met", "permitted-2": "failed" });
  });

  test("a name stands for all that the sources are told of it, in a split horizon", async () => {
    const [one, two] = [kms1?.address ?? "", kms2?.address ?? ""];
    const inside = { name: "inside", clients: ["127.0.0.2"], zones: { "corp.test": `kms A ${one}\n` } };
    const split = await started(startNamed({ zones: { "corp.test": `kms A ${two}\n` }, views: [inside] }));
    const verified = await runVerify(
      policyOf(
        ask(split),
        `hosts: ['${placeOf(kms1 ?? nobody)}', '${placeOf(kms2 ?? nobody)}']`,
        "from: [127.0.0.2, 127.0.0.3]",
        "expect:",
        "  - permitted: { allow: kms.corp.test }",
      ),
    );
    expect(statusesOf(verified)).toEqual({
      "permitted-1 from 127.0.0.2": "met",
      "permitted-1 from 127.0.0.3": "met",
    });
  });

  // ----------------------------------------------------------------------------------------------- lint

  function zone(domain: string, ...expectations: readonly string[]): string {
    return policyOf(ask(first), `domains: ${domain}`, "expect:", ...expectations);
  }

  test("a dirty zone: each finding, with its cure; what is allowed does not count", async () => {
    const dirty = await runVerify(zone("dirty.test", "  - lint: {}"));
    expect(dirty.code).toBe(1);
    const findings = failingOf(resultOf(dirty, "lint-1"));
    const codes = findings.map(({ code }) => code);
    expect(new Set(codes)).toEqual(new Set(["lint-dangling-target", "lint-duplicate-record"]));
    expect(commandsOf(findings).join("\n")).toMatch(/update delete _vlmcs\._tcp\.dirty\.test/);
    const allowed = await runVerify(
      zone("dirty.test", "  - lint: { allow: [lint-dangling-target, lint-duplicate-record] }"),
    );
    expect(allowed.code).toBe(0);
    const half = await runVerify(zone("dirty.test", "  - lint: { allow: lint-dangling-target }"));
    expect(new Set(failingOf(resultOf(half, "lint-1")).map(({ code }) => code))).toEqual(
      new Set(["lint-duplicate-record"]),
    );
    const clean = await runVerify(zone("corp.test", "  - lint: {}", "  - lint: { notes: true }"));
    // The ports of these peers are no usual ones: that is a note.
    expect(statusesOf(clean)).toEqual({ "lint-1": "met", "lint-2": "failed" });
    expect(failingOf(resultOf(clean, "lint-2"))[0]?.code).toBe("lint-other-port");
    // Without records there is nothing to be clean.
    const none = await runVerify(zone("empty.test", "  - lint: {}"));
    expect(none.code).toBe(3);
    expect(resultOf(none, "lint-1").observed).toBe("there are no records to look at");
  });

  // ---------------------------------------------------------------------------------------- serve, by DNS

  test("hosts of a domain: all, any, a number; a domain that is not there fails; a silent resolver fails, too", async () => {
    const verified = await runVerify(
      policyOf(
        ask(first),
        "expect:",
        "  - { id: all, serve: { domains: corp.test } }",
        "  - { id: two, serve: { domains: corp.test, require: 2 } }",
        "  - { id: three, serve: { domains: corp.test, require: 3 } }",
        "  - { id: some, serve: { domains: dirty.test, require: any } }",
        "  - { id: every, serve: { domains: dirty.test } }",
        "  - { id: none, serve: { domains: nowhere.test } }",
        "  - { id: empty, serve: { domains: empty.test } }",
      ),
    );
    expect(statusesOf(verified)).toEqual({
      all: "met",
      two: "met",
      three: "failed",
      some: "met",
      every: "failed",
      none: "failed",
      empty: "failed",
    });
    expect(failingOf(resultOf(verified, "none"))).toMatchObject([{ code: "srv-refused" }]);
    expect(failingOf(resultOf(verified, "empty"))).toMatchObject([{ code: "srv-nxdomain" }]);
  });

  test("an expectation about some resolvers is judged by those alone", async () => {
    const verified = await runVerify(
      policyOf(
        ask(first, silent),
        "domains: corp.test",
        "expect:",
        `  - { id: good, ${ask(first)}, serve: {} }`,
        `  - { id: short, ${ask(lagging)}, serve: { require: 2 } }`,
        `  - { id: pair, ${ask(first, second)}, agree: {} }`,
        "  - { id: policy, agree: {} }",
      ),
    );
    expect(statusesOf(verified)).toEqual({ good: "met", short: "failed", pair: "met", policy: "failed" });
  });

  test("names that must be closed: looked up; one without an address is not checked", async () => {
    const port = await freePort(kms1?.address ?? "");
    const verified = await runVerify(
      policyOf(
        ask(first),
        "expect:",
        `  - { id: shut, closed: { hosts: 'kms1.corp.test:${port}' } }`,
        `  - { id: open, closed: { hosts: 'kms1.corp.test:${kms1?.port}' } }`,
        "  - { id: gone, closed: { hosts: 'gone.corp.test:1688' } }",
      ),
    );
    expect(statusesOf(verified)).toEqual({ shut: "met", open: "failed", gone: "error" });
    expect(failingOf(resultOf(verified, "gone"))[0]?.observed).toContain("has no address: nothing was tried");
  });

  // ----------------------------------------------------------------------------------------------- init

  function both(): string[] {
    return ["-r", placeOf(first), "-r", placeOf(second)];
  }

  describe("--init", () => {
    let dir: string;
    beforeAll(async () => (dir = await makeServerDir("init")));
    afterAll(() => removeServerDir(dir));

    test.each([
      ["domains", () => ["-d", "corp.test"]],
      ["domains with dirt in them", () => ["-d", "dirty.test", "-d", "moved.test"]],
      ["hosts", () => [placeOf(kms1 ?? nobody), placeOf(kms2 ?? nobody)]],
      ["two sources", () => ["-d", "dirty.test", "--source", "127.0.0.1", "--source", "127.0.0.2"]],
      ["both, from here", () => ["-d", "corp.test", "--source", "lo", placeOf(kms1 ?? nobody)]],
      ["a host that doesn't serve beside one that does", () => [placeOf(kms1 ?? nobody), placeOf(nobody)]],
    ])("writes a policy of %s that holds right away, and won't write over it", async (name, targets) => {
      const file = join(dir, `${name.replaceAll(/\W+/g, "-")}.yaml`);
      const made = await run(["verify", "--init", ...targets(), ...both(), "-o", file, "-q"]);
      expect(made).toEqual({ code: 0, stdout: "", stderr: "" });
      const text = await readFile(file, "utf8");
      expect(text).toMatch(/^# A first policy, from what /);
      const verified = await run(["verify", file, "-q", "--report", "json=-"]);
      expect(verified.stderr).toBe("");
      const { outcome, results } = z
        .looseObject({ outcome: z.string(), results: z.array(z.looseObject({ status: z.string() })) })
        .parse(JSON.parse(verified.stdout));
      expect(results.filter(({ status }) => status !== "met")).toEqual([]);
      expect(outcome).toBe("met");
      expect(results.length).toBeGreaterThanOrEqual(2);
      expect(verified.code).toBe(0);
      const again = await run(["verify", "--init", ...targets(), ...both(), "-o", file, "-q"]);
      expect(again).toMatchObject({ code: 2, stdout: "" });
      expect(again.stderr).toContain("is there already: name another file, or remove it");
      expect(await readFile(file, "utf8")).toBe(text);
    });

    test("to standard output, which verify reads", async () => {
      const made = await run(["verify", "--init", "-d", "corp.test", ...both()]);
      expect(made.code).toBe(0);
      expect(await runVerify(made.stdout)).toMatchObject({ code: 0 });
    });

    test("writes nothing of nothing", async () => {
      const file = join(dir, "nothing.yaml");
      const { code, stderr } = await run([
        "verify",
        "--init",
        "-d",
        "nowhere.test",
        ...both(),
        "-o",
        file,
        "-q",
      ]);
      expect(code).toBe(1);
      expect(stderr).toContain("nothing to write a policy of");
      expect(existsSync(file)).toBe(false);
      await writeFile(file, "version: 1\n");
    });
  });
});

// ------------------------------------------------------------------------------------------------------- clocks

const HOUR = 3_600;

/** A host that serves, with a time server of that clock on its port 123. */
async function host(shiftSeconds: number): Promise<TcpPeer> {
  const serving = await peer();
  const chronyd = await startChronyd({ address: serving.address, port: 123, shiftSeconds });
  onTestFinished(() => chronyd.stop());
  return serving;
}

function within(limit: string, ...hosts: readonly TcpPeer[]): string {
  return policyOf(
    `hosts: [${hosts.map((each) => `'${placeOf(each)}'`).join(", ")}]`,
    "expect:",
    `  - clock: { within: ${limit} }`,
    "  - serve: {}",
  );
}

describe.skipIf(needs("root", "linux", "chronyd", "faketime").skip)("clocks", () => {
  test("a clock that is level, and ones that are behind and ahead", async () => {
    const [level, behind, ahead] = [await host(0), await host(-5 * HOUR), await host(600)];
    const fine = await runVerify(within("1m", level));
    expect(statusesOf(fine)).toEqual({ "clock-1": "met", "serve-1": "met" });
    expect(fine.code).toBe(0);
    const off = await runVerify(within("1m", level, behind, ahead));
    expect(statusesOf(off)).toEqual({ "clock-1": "failed", "serve-1": "met" });
    expect(off.code).toBe(1);
    const failing = failingOf(resultOf(off, "clock-1"));
    expect(failing.map(({ observed }) => observed.replaceAll(/\(.*\)/g, "()"))).toEqual([
      expect.stringMatching(new RegExp(`^${behind.address} is .* behind this machine's clock \\(\\)\\.$`)),
      expect.stringMatching(new RegExp(`^${ahead.address} is .* ahead of this machine's clock \\(\\)\\.$`)),
    ]);
    expect(commandsOf(failing)).toContain(
      `w32tm /stripchart /computer:${behind.address} /samples:3 /dataonly`,
    );
    const generous = await runVerify(within("11m", level, ahead));
    expect(generous.code).toBe(0);
  });

  test("a host that shows no clock is not checked, unless that is accepted", async () => {
    const dark = await peer();
    const unseen = await runVerify(within("1m", dark));
    expect(statusesOf(unseen)).toEqual({ "clock-1": "error", "serve-1": "met" });
    expect(unseen.code).toBe(3);
    const accepted = await runVerify(within("1m, unseen: accept", dark));
    expect(accepted.code).toBe(0);
    // One that is off fails, whatever is unseen beside it.
    const both = await runVerify(within("1m", dark, await host(-600)));
    expect(statusesOf(both)).toEqual({ "clock-1": "failed", "serve-1": "met" });
    expect(both.code).toBe(1);
  });

  test("a clock within the reading's own uncertainty of the bound is not blamed", async () => {
    const ahead = await host(60);
    // A minute and the time that an answer takes.
    const verified = await runVerify(within("60s", ahead));
    const [detail] = resultOf(verified, "clock-1").details;
    const [, uncertain = "0"] = /± ([\d.]+)/.exec(detail?.observed ?? "") ?? [];
    expect(Number(uncertain)).toBeGreaterThan(0);
    const [attempt] = verified.verification.report.diagnoses[0]?.endpoints[0]?.attempts ?? [];
    const facts = attempt?.clock?.readings.flatMap(({ answer }) =>
      answer.outcome === "ok" ? [answer.facts] : [],
    );
    const [{ offsetMs, uncertaintyMs } = { offsetMs: 0, uncertaintyMs: 0 }] = facts ?? [];
    expect(detail?.holds).toBe(Math.abs(offsetMs) - uncertaintyMs <= 60_000);
  });
});
