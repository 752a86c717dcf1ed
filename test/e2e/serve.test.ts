/** One exporter a place, a real Prometheus over both, and the Alertmanager that tells people. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { programPath } from "../integration/servers/available.ts";
import { makeServerDir, startProcess } from "../integration/servers/process.ts";
import type { RunningProcess } from "../integration/servers/process.ts";
import { PROGRAM } from "../integration/support/kmsprobe.ts";
import { ownNames } from "../integration/support/own-names.ts";
import type { OwnNames } from "../integration/support/own-names.ts";
import { buildOffice, CLIENT, DNS, GUEST, KMS, needsNetwork } from "./office.ts";
import type { Office } from "./office.ts";
import { Peers, startDns, startRpcScript, startScript } from "./peers.ts";
import type { Host } from "./topology.ts";

const DOCS = fileURLToPath(new URL("../../docs/monitoring/", import.meta.url));
const EXPORTER = 9688;
const HOOK = 8080;

const notification = z.object({
  status: z.enum(["firing", "resolved"]),
  alerts: z.array(z.object({ status: z.string(), labels: z.record(z.string(), z.string()) })),
});

const { skip } = needsNetwork("prometheus", "prometheus-alertmanager", "curl");

describe.skipIf(skip)("a firewall that changes", () => {
  let office: Office;
  let hook: RunningProcess;
  const peers = new Peers();

  beforeAll(async () => {
    office = buildOffice();
    const { client, guest, kms, dns } = office;
    await peers.add(startRpcScript(kms, KMS, 1688, "serves"));
    const zone = `_vlmcs._tcp IN SRV 0 0 1688 kms1\nkms1 IN A ${KMS}\n`;
    await peers.add(startDns(dns, { address: DNS, zones: { "corp.test": zone } }));
    await peers.add(startExporter(client, CLIENT, "hq"));
    await peers.add(startExporter(guest, GUEST, "branch"));
    hook = await peers.add(startScript(client, "webhook.py", ["127.0.0.1", String(HOOK)]));
    await peers.add(startAlertmanager(client));
    await peers.add(startPrometheus(client));
  });

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  /** What people were told: status, alert and place of each, in order. */
  function told(): string[] {
    return hook
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .flatMap((line) => notification.parse(JSON.parse(line)).alerts)
      .map(({ status, labels }) => `${status} ${labels["alertname"] ?? ""} ${labels["place"] ?? ""}`);
  }

  async function untilTold(what: string): Promise<void> {
    const endMs = performance.now() + 45_000;
    while (!told().includes(what)) {
      if (performance.now() > endMs) throw new Error(`never told: ${what}; told was ${told().join(", ")}`);
      await sleep(100);
    }
  }

  async function firing(place: string): Promise<string[]> {
    const url = "http://127.0.0.1:9090/api/v1/query?query=ALERTS%7Balertstate%3D%22firing%22%7D";
    const { data } = queried.parse(JSON.parse(office.client.run(["curl", "-s", url])));
    return data.result.flatMap(({ metric }) =>
      metric["place"] === place ? [metric["alertname"] ?? ""] : [],
    );
  }

  test("is told to people where it bites, and again when it is over", { timeout: 150_000 }, async () => {
    office.router.firewall({ forward: [`ip saddr ${CLIENT} tcp dport 1688 drop`] });
    await untilTold("firing KmsNotServed hq");
    // The other place sees the host: joined in one expression, and silent where nobody is served at all.
    const endMs = performance.now() + 20_000;
    while (!(await firing("hq")).includes("KmsHostDownHereUpElsewhere") && performance.now() < endMs)
      await sleep(200);
    expect((await firing("hq")).toSorted()).toContain("KmsHostDownHereUpElsewhere");
    expect(await firing("branch")).toEqual([]);
    office.network.permitAll();
    await untilTold("resolved KmsNotServed hq");
    expect(told().filter((each) => each.endsWith("branch"))).toEqual([]);
  });
});

/** What curl gets of the exporter at this host. */
function scraped(host: Host, port: number): string {
  return host.run(["curl", "-s", "--max-time", "5", `http://127.0.0.1:${port}/metrics`]);
}

async function untilScraped(host: Host, port: number, what: RegExp): Promise<string> {
  const endMs = performance.now() + 45_000;
  for (;;) {
    const text = scraped(host, port);
    if (what.test(text)) return text;
    if (performance.now() > endMs) throw new Error(`never scraped: ${String(what)}; last was ${text}`);
    await sleep(200);
  }
}

describe.skipIf(needsNetwork("curl").skip)("an interface that goes down while it is served", () => {
  let office: Office;
  const peers = new Peers();
  const port = EXPORTER + 1;

  beforeAll(async () => {
    office = buildOffice();
    const { client, kms, dns } = office;
    await peers.add(startRpcScript(kms, KMS, 1688, "serves"));
    const zone = `_vlmcs._tcp IN SRV 0 0 1688 kms1\nkms1 IN A ${KMS}\n`;
    await peers.add(startDns(dns, { address: DNS, zones: { "corp.test": zone } }));
    const fixed = { target: `${KMS}:1688`, interval: "1s" };
    await peers.add(startExporter(client, "127.0.0.1", "field", { port, targets: [fixed] }));
  });

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  test("is told in metrics, and so is that it is back", { timeout: 150_000 }, async () => {
    const { client } = office;
    const domain = /^kms_probe_success\{[^}]*target="corp\.test"[^}]*\} 1$/m;
    await untilScraped(client, port, domain);
    const device = client
      .run(["ip", "-o", "-4", "route", "show", "default"])
      .replace(/^.* dev (\S+).*$/s, "$1");
    client.ip(`link set ${device} down`);
    const down = await untilScraped(
      client,
      port,
      /^kms_probe_success\{[^}]*target="10\.71\.2\.10:1688"[^}]*\} 0$/m,
    );
    // The name server can't be asked either: nothing is known of the hosts that it listed.
    const dark = await untilScraped(client, port, /^kms_probe_success\{[^}]*target="corp\.test"[^}]*\} 0$/m);
    expect(down).toMatch(
      /^kms_host_verdict\{[^}]*address="10\.71\.2\.10",verdict="tcp-[a-z-]+",certainty="\w+"\} 1$/m,
    );
    expect(down).not.toMatch(/^kms_host_verdict\{[^}]*target="10\.71\.2\.10:1688"[^}]*verdict="rpc-/m);
    expect(dark).not.toMatch(/^kms_host_serves\{[^}]*target="corp\.test"[^}]*\} 1$/m);
    // Down takes the routes with it, and up brings back that of the subnet alone.
    client.ip(`link set ${device} up`, "route replace default via 10.71.1.1");
    const back = await untilScraped(client, port, domain);
    expect(back).toMatch(/^kms_serve_looks_total\{[^}]*result="not_met"\} [1-9]/m);
    await untilScraped(client, port, /^kms_host_serves\{[^}]*target="10\.71\.2\.10:1688"[^}]*\} 1$/m);
  });
});

/** Of any target. */
const SUCCESS = [/^kms_probe_success\{[^}]*\} 0$/m, /^kms_probe_success\{[^}]*\} 1$/m] as const;

describe.skipIf(needsNetwork("curl").skip)("this machine's resolver, changed while it is served,", () => {
  let office: Office;
  let names: OwnNames;
  const peers = new Peers();
  const port = EXPORTER + 2;

  beforeAll(async () => {
    office = buildOffice();
    const { client, kms, dns } = office;
    await peers.add(startRpcScript(kms, KMS, 1688, "serves"));
    const zone = `_vlmcs._tcp IN SRV 0 0 1688 kms1\nkms1 IN A ${KMS}\n`;
    await peers.add(startDns(dns, { address: DNS, zones: { "corp.test": zone } }));
    // Nobody answers there.
    names = await ownNames({ resolvConf: `nameserver ${KMS}\n` });
    const { wrapper } = names;
    await peers.add(startExporter(client, "127.0.0.1", "field", { port, resolvers: null, wrapper }));
  });

  afterAll(async () => {
    await peers.stop();
    await names.remove();
    office.network.remove();
  });

  test("is asked from the next look on", { timeout: 150_000 }, async () => {
    const { client } = office;
    await untilScraped(client, port, SUCCESS[0]);
    await names.rewrite(`# by a VPN\nnameserver ${DNS}\n`);
    expect(await untilScraped(client, port, SUCCESS[1])).toContain(`resolver="${DNS}:53"`);
    await names.rewrite("");
    const none = await untilScraped(client, port, SUCCESS[0]);
    expect(none).not.toContain(`resolver="${DNS}:53"`);
    expect(none).not.toMatch(/^kms_host_/m);
    await names.rewrite(`nameserver ${DNS}\n`);
    await untilScraped(client, port, SUCCESS[1]);
  });
});

const queried = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});

type Exporting = {
  port?: number;
  targets?: readonly object[];
  /** Null for those of the machine. */
  resolvers?: readonly string[] | null;
  /** A program that runs it. */
  wrapper?: readonly string[];
};

async function startExporter(
  host: Host,
  address: string,
  place: string,
  { port = EXPORTER, targets = [], resolvers = [DNS], wrapper = [] }: Exporting = {},
): Promise<RunningProcess> {
  const dir = await makeServerDir("serve");
  const config = {
    version: 1,
    place,
    modules: { kms: { ...(resolvers && { resolvers }), timeout: "1s", "dns-timeout": "1s", retries: 0 } },
    targets: [{ target: "corp.test", interval: "1s" }, ...targets],
    "min-interval": "1s",
  };
  await writeFile(join(dir, "serve.yaml"), stringify(config));
  const flags = ["--config", join(dir, "serve.yaml"), "--listen", `${address}:${port}`];
  const [command = "", ...args] = [...wrapper, process.execPath, PROGRAM, "serve", ...flags];
  return startProcess({
    command,
    args,
    dir,
    namespace: host.namespace,
    ready: () => host.listens(port),
    deadlineMs: 60_000,
  });
}

async function startPrometheus(host: Host): Promise<RunningProcess> {
  const dir = await makeServerDir("prometheus");
  const rules = await readFile(join(DOCS, "kmsprobe-rules.yml"), "utf8");
  await writeFile(join(dir, "rules.yml"), rules.replaceAll(/for: \d+m/g, "for: 2s"));
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: ["rules.yml"],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:9093"] }] }] },
    scrape_configs: [
      {
        job_name: "kmsprobe",
        static_configs: [{ targets: [`${CLIENT}:${EXPORTER}`, `${GUEST}:${EXPORTER}`] }],
      },
    ],
  };
  await writeFile(join(dir, "prometheus.yml"), stringify(config));
  return startProcess({
    command: programPath("prometheus"),
    args: [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      "--web.listen-address=127.0.0.1:9090",
      // Tells Alertmanager of what goes on firing more often than every minute.
      "--rules.alert.resend-delay=2s",
    ],
    dir,
    namespace: host.namespace,
    ready: (said) => said.includes("Server is ready to receive web requests"),
    deadlineMs: 60_000,
  });
}

/** With the route of the documentation, in a hurry. */
async function startAlertmanager(host: Host): Promise<RunningProcess> {
  const dir = await makeServerDir("alertmanager");
  const written = await readFile(join(DOCS, "alertmanager.yml"), "utf8");
  const hasty = written
    .replace(/group_wait: \w+/, "group_wait: 1s")
    .replace(/group_interval: \w+/, "group_interval: 1s");
  expect(parse(hasty)).not.toEqual(parse(written));
  await writeFile(join(dir, "alertmanager.yml"), hasty);
  return startProcess({
    command: programPath("prometheus-alertmanager"),
    args: [
      `--config.file=${join(dir, "alertmanager.yml")}`,
      `--storage.path=${join(dir, "data")}`,
      "--web.listen-address=127.0.0.1:9093",
      "--cluster.listen-address=",
    ],
    dir,
    namespace: host.namespace,
    ready: () => host.listens(9093),
    deadlineMs: 60_000,
  });
}
