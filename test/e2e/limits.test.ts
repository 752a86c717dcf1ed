import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished } from "vitest";
import { run } from "../integration/support/kmsprobe.ts";
import { attemptAt, condition } from "./conditions.ts";
import { buildOffice, DNS, KMS, needsNetwork, type Office } from "./office.ts";
import { forThisTest, Peers, startHolder, startRpcScript } from "./peers.ts";

describe.skipIf(needsNetwork().skip)("limits of the client, and of its user's patience", () => {
  let office: Office;
  const peers = new Peers();
  /** The fewest descriptors that the program starts with. */
  let fewest = 12;

  beforeAll(async () => {
    office = buildOffice();
    await peers.add(startRpcScript(office.kms, KMS, 1688, "serves"));
    while ((await run(["--help"], { wrapper: limitedTo(fewest) })).code !== 0) {
      fewest += 1;
      if (fewest > 100) throw new Error("it does not start with 100 descriptors");
    }
  });

  afterEach(() => office.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  function dropAll(): void {
    office.router.firewall({ forward: [`ip daddr ${KMS} tcp dport 1-65535 drop`] });
  }

  condition(
    "few descriptors for the hosts: less is begun at a time, and each gets its try",
    async (check) => {
      // Each holds its socket for as long as we are patient.
      dropAll();
      const hosts = Array.from({ length: 20 }, (_, index) => `${KMS}:${2000 + index}`);
      const args = [...hosts, "--concurrency", "64", "--timeout", "500ms", "--retries", "0"];
      const { report } = await check(office.client, args, { wrapper: limitedTo(fewest + 6) });
      const codes = report.diagnoses.flatMap(({ endpoints }) => endpoints).map(({ verdict }) => verdict.code);
      expect(codes).toEqual(hosts.map(() => "tcp-no-answer"));
    },
  );

  condition("too few descriptors for the question", async (check) => {
    const args = ["-d", "corp.test", "-r", DNS];
    const checked = await check(office.client, args, { wrapper: limitedTo(fewest) });
    expect(checked.code).toBe(3);
  });

  condition("no local port left", async (check) => {
    office.client.sysctl({ "net.ipv4.ip_local_port_range": "40000 40001" });
    onTestFinished(() => office.client.sysctl({ "net.ipv4.ip_local_port_range": "32768 60999" }));
    await forThisTest(startHolder(office.client, KMS, 1688, 2));
    const checked = await check(office.client, [KMS]);
    expect(attemptAt(checked).tcp).toEqual({ outcome: "not-sent", errno: "EADDRNOTAVAIL" });
    expect(checked.code).toBe(3);
  });

  condition("Ctrl-C while a host is silent", async (check) => {
    dropAll();
    const checked = await check(office.client, [KMS, "--timeout", "20s"], { interrupt: true });
    expect(checked.code).toBe(130);
    expect(checked.report.interrupted).toBe(true);
    expect(checked.report.verdict.observed).toContain("interrupted");
  });

  condition("a deadline that passes while a host is silent", async (check) => {
    dropAll();
    const { report } = await check(office.client, [KMS, "--timeout", "20s", "--deadline", "1s"]);
    expect(report.verdict.observed).toContain("deadline");
  });
});

/** Runs a program with so many descriptors; without a core file, which a Node that can't start leaves. */
function limitedTo(descriptors: number): string[] {
  return ["sh", "-c", 'ulimit -c 0; ulimit -n "$1"; shift; exec "$@"', "sh", String(descriptors)];
}
