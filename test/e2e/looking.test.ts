/** What check sees when it is asked to look more closely: from several sources, up the ladder, along the path. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import type { Finding } from "../../src/model/finding.ts";
import type { Report } from "../../src/model/report.ts";
import { makeServerDir, removeServerDir } from "../integration/servers/process.ts";
import { run } from "../integration/support/kmsprobe.ts";
import { condition, diagnosisOf } from "./conditions.ts";
import type { Checked } from "./conditions.ts";
import { buildOffice, CLIENT, GUEST, KMS, needsNetwork, type Office } from "./office.ts";
import { forThisTest, Peers, type ProxyMode, startProxy, startRpcScript } from "./peers.ts";

const { skip } = needsNetwork("mtr");
const SECOND = "10.71.1.11";

function findingOf(checked: Checked, prefix: string): Finding | undefined {
  return diagnosisOf(checked).findings.find(({ code }) => code.startsWith(prefix));
}

async function save(dir: string, name: string, report: Report): Promise<string> {
  const file = join(dir, `${name}.json`);
  await writeFile(file, JSON.stringify(report));
  return file;
}

describe.skipIf(skip)("a closer look", () => {
  let office: Office;
  let dir: string;
  const peers = new Peers();

  beforeAll(async () => {
    office = buildOffice();
    office.client.ip(`address add ${SECOND}/24 dev to-router`);
    await peers.add(startRpcScript(office.kms, KMS, 1688, "serves"));
    dir = await makeServerDir("reports");
  });

  afterEach(() => office.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
    await removeServerDir(dir);
  });

  condition("two sources, one of which the policy permits", async (check) => {
    office.router.firewall({ forward: [`ip saddr ${CLIENT} tcp dport 1688 drop`] });
    const sources = ["--source", CLIENT, "--source", SECOND];
    const { report, code } = await check(office.client, [KMS, ...sources]);
    expect(report.sources.map(({ label, interface: name, link }) => [label, name, link])).toEqual([
      [CLIENT, "to-router", "ethernet"],
      [SECOND, "to-router", "ethernet"],
    ]);
    expect(report.diagnoses.map(({ source, verdict }) => [source, verdict.code])).toEqual([
      [CLIENT, "tcp-no-answer"],
      [SECOND, "rpc-serves"],
    ]);
    expect(report.diagnoses.flatMap(({ endpoints }) => endpoints[0]?.attempts[0]?.via?.address)).toEqual([
      CLIENT,
      SECOND,
    ]);
    // What is required is required at each source.
    expect(code).toBe(1);
    const named = ["--network", "server room=10.71.2.0/24", "--timeout", "500ms"];
    const { stdout } = await run(["check", KMS, ...sources, ...named], { wrapper: office.client.wrapper });
    expect(stdout).toContain("server room (10.71.2.0/24)");
    expect(stdout).toMatch(new RegExp(`FROM ${CLIENT} +FROM ${SECOND}`));
    expect(stdout).toMatch(/10\.71\.2\.10:1688 +✗ no answer +✓ \d+\.\d ms/);
  });

  condition("two places, one of which the policy permits, side by side", async (check) => {
    office.router.firewall({ forward: [`ip saddr ${GUEST} tcp dport 1688 drop`] });
    // It answers: patience costs nothing, and a busy machine is not called a silent host.
    const patient = ["--timeout", "10s", "--rpc-timeout", "10s"];
    const { report: permitted } = await check(office.client, [KMS, ...patient]);
    const { report: dropped } = await check(office.guest, [KMS]);
    // Two places at which it fails alike differ in nothing.
    expect([permitted.verdict.code, dropped.verdict.code]).toEqual(["rpc-serves", "tcp-no-answer"]);
    const files = [await save(dir, "office", permitted), await save(dir, "guests", dropped)];
    const { code, stdout } = await run(["compare", ...files]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/guests/);
    expect(stdout).toMatch(/10\.71\.3\.0\/24/);
    expect(stdout).toMatch(/1688/);
  });

  const patterns: readonly {
    mode: ProxyMode;
    name: Parameters<typeof condition>[0];
    code: string;
    said: string;
  }[] = [
    {
      mode: "several-syntaxes",
      name: "a proxy that refuses several syntaxes, on the ladder",
      code: "ladder-refuses-syntaxes",
      said: "windows reset, plain accepted, decoy rejected, split reset",
    },
    {
      mode: "interface",
      name: "a proxy that filters by interface, on the ladder",
      code: "ladder-filters-interface",
      said: "windows silent, plain silent, decoy rejected, split silent",
    },
    {
      mode: "reassembly",
      name: "a proxy that can't reassemble, on the ladder",
      code: "ladder-no-reassembly",
      said: "windows accepted, plain accepted, decoy rejected, split reset",
    },
    {
      mode: "passes",
      name: "a proxy that minds nothing, on the ladder",
      code: "ladder-passes",
      said: "windows accepted, plain accepted, decoy rejected, split accepted",
    },
  ];
  for (const { mode, name, code, said } of patterns) {
    condition(name, async (check) => {
      await forThisTest(
        startProxy(office.guest, { address: GUEST, port: 1688 }, { address: KMS, port: 1688 }, mode),
      );
      const checked = await check(office.client, [GUEST, "--ladder"]);
      expect(findingOf(checked, "ladder-")).toMatchObject({ code });
      expect(findingOf(checked, "ladder-")?.observed).toContain(said);
    });
  }

  condition("the path to a port that a router drops", async (check) => {
    office.router.firewall({ forward: ["tcp dport 1688 drop"] });
    const finding = findingOf(await check(office.client, [KMS, "--trace"]), "trace-");
    expect(finding?.code).toBe("trace-ends");
    expect(finding?.observed).toContain("between hop 1 (10.71.1.1) and hop 2 (10.71.2.10)");
  });

  condition("the path to a port that the host drops looks the same", async (check) => {
    office.kms.firewall({ input: ["tcp dport 1688 drop"] });
    const finding = findingOf(await check(office.client, [KMS, "--trace"]), "trace-");
    expect(finding?.code).toBe("trace-ends");
    expect(finding?.observed).toContain("between hop 1 (10.71.1.1) and hop 2 (10.71.2.10)");
  });

  condition("the path to a port that refuses is walked to its end", async (check) => {
    const finding = findingOf(await check(office.client, [`${KMS}:1690`, "--trace"]), "trace-");
    expect(finding?.code).toBe("trace-reached");
    expect(finding?.observed).toContain("at hop 2");
  });
});
