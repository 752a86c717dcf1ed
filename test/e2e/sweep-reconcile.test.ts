import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReconcileRow, SweepReport } from "../../src/sweep/model.ts";
import { makeServerDir, removeServerDir } from "../integration/servers/process.ts";
import { needsNetwork } from "./office.ts";
import { Peers, startDns, startKms, startRpcScript } from "./peers.ts";
import { QUICK, startSweep, sweepReport } from "./sweeps.ts";
import { type Host, Network } from "./topology.ts";

const DOMAIN = "corp.test";
const NAME_SERVER = "127.47.99.53";

/**
 * Published in DNS, answering, permitted: every way in which the three can differ.
 *
 *                 published  answers  permitted
 *     GOOD            ×         ×         ×
 *     DEAD            ×                   ×
 *     ROGUE                     ×
 *     FORGOTTEN                 ×         ×
 *     UNWANTED        ×         ×
 *     SPARE                               ×
 */
const GOOD = "127.47.0.10";
const DEAD = "127.47.0.20";
const ROGUE = "127.47.0.30";
const FORGOTTEN = "127.47.0.40";
const UNWANTED = "127.47.0.50";
const SPARE = "127.47.0.60";
/** Answers with another service: that is no KMS host, and nobody's business. */
const OTHER = "127.47.0.70";

const PUBLISHED = { good: GOOD, dead: DEAD, unwanted: UNWANTED };

function rowsOf({ reconcile }: SweepReport): Record<string, ReconcileRow> {
  return Object.fromEntries((reconcile?.rows ?? []).map((row) => [row.address ?? row.names.join(), row]));
}

function codesOf(report: SweepReport): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(rowsOf(report)).map(([address, { findings }]) => [
      address,
      findings.map(({ code }) => code).toSorted(),
    ]),
  );
}

describe.skipIf(needsNetwork("named", "impacket").skip)(
  "a sweep against what is published and permitted",
  () => {
    let network: Network;
    let host: Host;
    let dir: string;
    let allowed: string;
    const peers = new Peers();

    beforeAll(async () => {
      network = new Network();
      host = network.host("sweeper");
      const records = Object.entries(PUBLISHED).flatMap(([name, address]) => [
        `_vlmcs._tcp 300 IN SRV 0 0 1688 ${name}.${DOMAIN}.`,
        `${name} 300 IN A ${address}`,
      ]);
      const zones = { [DOMAIN]: `${records.join("\n")}\nspare 300 IN A ${SPARE}\n` };
      // BIND listens on addresses that an interface has: on loopback that is one.
      host.ip(`address add ${NAME_SERVER}/32 dev lo`);
      await peers.add(startDns(host, { address: NAME_SERVER, zones }));
      for (const address of [GOOD, ROGUE, FORGOTTEN, UNWANTED]) await peers.add(startKms(host, address));
      await peers.add(startRpcScript(host, OTHER, 1688, "closes"));
      dir = await makeServerDir("allowed");
      allowed = join(dir, "kms-hosts.txt");
      const entries = [`good.${DOMAIN}`, DEAD, `${FORGOTTEN}:1688`, `spare.${DOMAIN}  # from next year on`];
      writeFileSync(allowed, `# who may\n${entries.join("\n")}\n`);
    });

    afterAll(async () => {
      await peers.stop();
      network.remove();
      await removeServerDir(dir);
    });

    const dns = ["-d", DOMAIN, "-r", NAME_SERVER];

    test("finds every way in which they differ", async () => {
      const report = await sweepReport(host, ["127.47.0.0/24", ...QUICK, ...dns, "--allowed", allowed]);
      expect(report.reconcile?.domains).toEqual([DOMAIN]);
      expect(codesOf(report)).toEqual({
        [GOOD]: [],
        [DEAD]: ["published-dead"],
        [ROGUE]: ["not-permitted-answering", "unpublished-answering"],
        [FORGOTTEN]: ["permitted-unpublished"],
        [UNWANTED]: ["not-permitted-answering", "not-permitted-published"],
        [SPARE]: ["permitted-dead"],
      });
      expect(rowsOf(report)[OTHER]).toBeUndefined();
      const { [ROGUE]: rogue, [GOOD]: good, [UNWANTED]: unwanted, [SPARE]: spare } = rowsOf(report);
      expect(good).toMatchObject({ published: true, answers: "serves", permitted: true, port: 1688 });
      expect(good?.names).toContain(`good.${DOMAIN}`);
      expect(rogue).toMatchObject({
        published: false,
        answers: "serves",
        permitted: false,
        code: "rpc-serves",
      });
      expect(unwanted).toMatchObject({ published: true, answers: "serves", permitted: false });
      expect(spare).toMatchObject({ published: false, answers: "does-not-serve", permitted: true });
      // How to take an unauthorised host out of service.
      const unauthorised = rogue?.findings.find(({ code }) => code === "not-permitted-answering");
      expect(unauthorised?.severity).toBe("warning");
      expect(unauthorised?.next.length).toBeGreaterThan(0);
      expect(report.serving).toBe(4);
    });

    test("ends with 1 where there is a warning, and with 0 without a comparison", async () => {
      const plain = await startSweep(host, ["127.47.0.0/24", ...QUICK, "-q"]).finished;
      expect(plain.code).toBe(0);
      const compared = await startSweep(host, ["127.47.0.0/24", ...QUICK, "-q", ...dns, "--allowed", allowed])
        .finished;
      expect(compared.code).toBe(1);
    });

    test("does not call dead what it was not to look at", async () => {
      const report = await sweepReport(host, ["127.47.0.10-127.47.0.19", ...QUICK, ...dns]);
      expect(codesOf(report)).toEqual({
        [GOOD]: [],
        [DEAD]: ["published-not-swept"],
        [UNWANTED]: ["published-not-swept"],
      });
      expect(rowsOf(report)[GOOD]?.permitted).toBeNull();
    });

    test("says in words what differs", async () => {
      const { stdout } = await startSweep(host, [
        "127.47.0.0/24",
        ...QUICK,
        ...dns,
        "--allowed",
        allowed,
        "--format",
        "text",
      ]).finished;
      for (const address of [DEAD, ROGUE, FORGOTTEN, UNWANTED, SPARE]) expect(stdout).toContain(address);
      expect(stdout).toMatch(/not permitted/i);
    });
  },
);
