/** What other monitoring systems take from docs/monitoring, read and run by their own programs. */
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Probe } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/Probe";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Service } from "kubernetes-models/v1/Service";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { readServeConfig } from "../../src/serve/config.ts";
import { needs, programPath } from "./servers/available.ts";
import { makeServerDir, startProcess } from "./servers/process.ts";
import { configurationFor, get, startExporter, until } from "./support/exporter.ts";
import type { Served } from "./support/exporter.ts";
import { PROGRAM, startProgram } from "./support/kmsprobe.ts";
import { policyFor, startOffice } from "./verify-docs/office.ts";
import type { Office } from "./verify-docs/office.ts";
import { runProgram } from "./verify-docs/program.ts";

const DOCS = fileURLToPath(new URL("../../docs/monitoring/", import.meta.url));
/** Where scripts/install-test-servers.sh unpacks it. */
const ZABBIX = "/usr/local/lib/kmsprobe-test-servers/zabbix";

let office: Office;
let dir: string;
let served: Served;

beforeAll(async () => {
  office = await startOffice();
  dir = await mkdtemp(join(tmpdir(), "kmsprobe-readers-"));
  const targets = [{ target: office.domain, interval: "1s" }];
  served = await startExporter(dir, configurationFor(office, { targets }), [], { limitMs: 240_000 });
  await until(async () => (await get(`${served.url}/-/ready`)).status === 200);
});
afterAll(async () => {
  await served.stop();
  await office.stop();
  await rm(dir, { recursive: true, force: true });
});

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(dir, "test-"));
});
afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});

/** Names of the metrics that a text speaks of. */
function metricsIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(/\bkms_(?:probe|host|serve)_\w+/g), ([name]) => name))];
}

async function unknownIn(file: string): Promise<string[]> {
  const { text } = await get(`${served.url}/metrics`);
  const known = new Set(Array.from(text.matchAll(/^# TYPE (\w+)/gm), ([, name = ""]) => name));
  // A regular expression of two names.
  const said = (await readFile(join(DOCS, file), "utf8")).replaceAll("kms_host_(serves|rpc_seconds)", "");
  return metricsIn(said).filter((name) => !known.has(name));
}

function compose(file: string): ReturnType<typeof runProgram> {
  return runProgram(programPath("docker-compose"), ["-f", file, "config", "-q"]);
}

/** By the classes of Zabbix' frontend. */
function imported(file: string): ReturnType<typeof runProgram> {
  const script = fileURLToPath(new URL("servers/zabbix-template.php", import.meta.url));
  return runProgram(programPath("php"), [script, ZABBIX, file]);
}

/** As munin-node runs it, with a folder of our own in place of /etc/munin. */
async function munin(url: string, ...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const plugins = join(scratch, "plugins");
  const conf = join(scratch, "plugin-conf.d");
  await mkdir(plugins, { recursive: true });
  await mkdir(conf, { recursive: true });
  await copyFile(join(DOCS, "munin-plugin.sh"), join(plugins, "kmsprobe"));
  await chmod(join(plugins, "kmsprobe"), 0o755);
  await writeFile(join(conf, "kmsprobe"), `[kmsprobe]\nuser root\nenv.url ${url}\n`);
  await writeFile(
    join(scratch, "node.conf"),
    `host_name test\nuser root\ngroup root\nlog_file ${scratch}/log\n`,
  );
  const paths = ["--config", join(scratch, "node.conf"), "--servicedir", plugins, "--sconfdir", conf];
  return runProgram(programPath("munin-run"), [...paths, "kmsprobe", ...args]);
}

describe("a cluster", () => {
  test("takes the objects, by the schemas that Kubernetes and prometheus-operator publish", async () => {
    const text = await readFile(join(DOCS, "kubernetes.yaml"), "utf8");
    const objects = parseAllDocuments(text).map((document) => object.parse(document.toJS()));
    const kinds = { ConfigMap, Deployment, Service, ServiceMonitor, Probe };
    expect(objects.map(({ kind }) => kind)).toEqual(Object.keys(kinds));
    const [config, deployment, service, monitor, probe] = objects;
    validate(ConfigMap, config);
    validate(Deployment, deployment);
    validate(Service, service);
    validate(ServiceMonitor, monitor);
    validate(Probe, probe);
    expect(() => validate(Deployment, { ...deployment, spec: { replicas: "one" } })).toThrow();
    expect(() => validate(Probe, { ...probe, spec: { prober: {} } })).toThrow();
    // What is in the map is a configuration, which permits what the Probe asks for.
    const { data } = z.object({ data: z.record(z.string(), z.string()) }).parse(config);
    const { allow, place } = readServeConfig(data["serve.yaml"] ?? "", "serve.yaml");
    expect([place, allow.map((each) => each.text)]).toEqual(["cluster", ["corp.example"]]);
  });

  test.skipIf(needs("docker-compose").skip)("and docker-compose the file for one machine", async () => {
    const { code, stderr } = await compose(join(DOCS, "compose.yaml"));
    expect([stderr, code]).toEqual(["", 0]);
    const broken = join(scratch, "compose.yaml");
    const text = await readFile(join(DOCS, "compose.yaml"), "utf8");
    await writeFile(broken, text.replace("cap_drop", "cap_dorp"));
    expect((await compose(broken)).code).not.toBe(0);
    const { services } = z.object({ services: z.record(z.string(), z.looseObject({})) }).parse(parse(text));
    expect(Object.keys(services)).toEqual(["kmsprobe", "prometheus", "alertmanager"]);
  });
});

const object = z.looseObject({ kind: z.string() });

/** Unchecked before on purpose: checking it is what the model's `validate` is for. */
function validate(Model: new (value: never) => { validate: () => void }, value: unknown): void {
  new Model(z.custom<never>().parse(value)).validate();
}

/** What comes back for exactly these bytes, until the connection ends. */
async function answered(request: string): Promise<string> {
  const { hostname, port } = new URL(served.url);
  const socket = connect(Number(port), hostname, () => socket.write(request));
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += String(chunk);
  return answer;
}

test("the configuration to begin with permits what Prometheus asks for", async () => {
  const { targets, allow } = readServeConfig(await readFile(join(DOCS, "serve.yaml"), "utf8"), "serve.yaml");
  expect(targets.map(({ target }) => target.text)).toEqual(["corp.example"]);
  expect(allow.map((each) => each.text)).toEqual(["corp.example"]);
  const { scrape_configs: jobs } = z
    .object({ scrape_configs: z.array(z.looseObject({ job_name: z.string() })) })
    .parse(parse(await readFile(join(DOCS, "prometheus.yml"), "utf8"), { merge: true }));
  expect(jobs.find(({ job_name: name }) => name === "kms")).toMatchObject({
    static_configs: [{ targets: ["corp.example"] }],
  });
});

describe("whoever speaks HTTP/1.0, and names no host,", () => {
  test.each([
    ["/-/healthy", /^kmsprobe is healthy\n$/],
    ["/metrics", /^kms_probe_success\{.*\} 1$/m],
    ["/", /^<!doctype html>/],
  ])("is answered at %s", async (path, body) => {
    const answer = await answered(`GET ${path} HTTP/1.0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/);
    const [head = "", ...rest] = answer.split("\r\n\r\n");
    expect(rest.join("\r\n\r\n")).toMatch(body);
    // A client of HTTP/1.0 knows no chunks.
    expect(head).not.toMatch(/^transfer-encoding:/im);
    expect(await answered(`HEAD ${path} HTTP/1.0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.[01] 200 OK\r\n[^<]*\r\n\r\n$/s,
    );
  });

  test("with HTTP/1.1 must name it, and nothing else than a name", async () => {
    expect(await answered("GET /-/healthy HTTP/1.1\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    const strange = "GET /-/healthy HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n";
    expect(await answered(strange)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.skipIf(needs("linux", "haproxy").skip)(
    "as haproxy does, takes it for a server that is up",
    async () => {
      const { host } = new URL(served.url);
      const folder = await makeServerDir("haproxy");
      const server = (name: string, request: string): string =>
        `backend ${name}\n  option httpchk GET ${request}\n  server one ${host} check inter 200ms\n`;
      await writeFile(
        join(folder, "conf"),
        `global
  stats socket ${folder}/stats mode 600
  log stdout format raw daemon
defaults
  mode http
  log global
  option log-health-checks
  timeout connect 5s
  timeout client 5s
  timeout server 5s
${server("ready", "/-/ready")}${server("nothing", "/-/nothing")}`,
      );
      const proxy = await startProcess({
        command: programPath("haproxy"),
        args: ["-db", "-f", join(folder, "conf")],
        dir: folder,
        ready: (output) =>
          /nothing\/one failed.*code: 404/.test(output) && /ready\/one succeeded.*code: 200/.test(output),
      });
      await proxy.stop();
    },
  );
});

describe("Alertmanager", () => {
  test.skipIf(needs("amtool").skip)(
    "takes the route, and sends our alerts to those of the network",
    async () => {
      const file = join(DOCS, "alertmanager.yml");
      const { code, stdout } = await runProgram(programPath("amtool"), ["check-config", file]);
      expect([code, stdout]).toEqual([0, expect.stringContaining("SUCCESS")]);
      const routed = async (...labels: string[]): Promise<string> =>
        (
          await runProgram(programPath("amtool"), [
            "config",
            "routes",
            "test",
            `--config.file=${file}`,
            ...labels,
          ])
        ).stdout.trim();
      const rules = await readFile(join(DOCS, "kmsprobe-rules.yml"), "utf8");
      for (const [, name = ""] of rules.matchAll(/alert: (\w+)/g))
        expect([name, await routed(`alertname=${name}`)]).toEqual([name, "network"]);
      expect(await routed("alertname=DiskFull")).toBe("nobody");
    },
  );
});

describe.skipIf(needs("php").skip)("Zabbix", () => {
  test("takes the template, as its frontend does at an import", async () => {
    const { code, stdout, stderr } = await imported(join(DOCS, "zabbix-template.yaml"));
    expect([stdout.trim(), stderr, code]).toEqual(["10 4", "", 0]);
    expect(await unknownIn("zabbix-template.yaml")).toEqual([]);
    const text = await readFile(join(DOCS, "zabbix-template.yaml"), "utf8");
    const ids = Array.from(text.matchAll(/uuid: (\w+)/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [good, bad] of [
      ["type: PROMETHEUS_TO_JSON", "type: PROMETHEUS_TO_JASON"],
      ["kms_probe_success{target=", "kms_probe_success{{target="],
      ["expression: 'max(", "expression: 'max(("],
    ] as const) {
      const file = join(scratch, "broken.yaml");
      expect(text).toContain(good);
      await writeFile(file, text.replace(good, bad));
      expect([bad, (await imported(file)).code]).toEqual([bad, 1]);
    }
  });
});

describe.skipIf(needs("linux", "root", "munin-run").skip)("munin", () => {
  test("draws who is served, which hosts serve, and how long RPC takes", async () => {
    const config = await munin(`${served.url}/metrics`, "config");
    expect(config.code).toBe(0);
    expect(config.stdout).toContain(`.label ${office.domain} (kms)`);
    const fields = Array.from(config.stdout.matchAll(/^(\w+)\.label /gm), ([, field]) => field);
    expect(fields).toHaveLength(5);
    const values = await munin(`${served.url}/metrics`);
    expect(values.code).toBe(0);
    expect(Array.from(values.stdout.matchAll(/^(\w+)\.value [\d.e-]+$/gm), ([, field]) => field)).toEqual(
      fields,
    );
    expect(await unknownIn("munin-plugin.sh")).toEqual([]);
  });

  test("keeps it as a service where the exporter does not answer", async () => {
    for (const args of [[], ["config"]]) {
      const { code, stdout } = await munin("http://127.0.0.1:1/metrics", ...args);
      expect([code, stdout]).toEqual([0, expect.stringContaining("multigraph kmsprobe_served\n")]);
    }
  });
});

describe.skipIf(needs("linux", "collectd").skip)("collectd", () => {
  test("stores what the script hands on", async () => {
    const script = join(scratch, "collectd-exec.sh");
    await copyFile(join(DOCS, "collectd-exec.sh"), script);
    // As the head of the script has it.
    const [, advised = ""] =
      /^#   (LoadPlugin exec\n[^]*?<\/Plugin>)/m.exec(await readFile(script, "utf8")) ?? [];
    const ours = advised
      .replaceAll("#   ", "")
      .replace("/usr/local/lib/kmsprobe/collectd-exec.sh", script)
      .replace("http://127.0.0.1:9688", served.url);
    await chmod(script, 0o755);
    // collectd refuses to run a program as root.
    for (const each of [dir, scratch]) await chmod(each, 0o755);
    const conf = join(scratch, "collectd.conf");
    await writeFile(
      conf,
      `Hostname "jump1"\nFQDNLookup false\nInterval 1\nBaseDir "${scratch}"\nPIDFile "${scratch}/pid"
TypesDB "/usr/share/collectd/types.db"\nLoadPlugin csv\nLoadPlugin logfile
<Plugin logfile>\nFile "${scratch}/log"\nLogLevel info\n</Plugin>
<Plugin csv>\nDataDir "${scratch}/csv"\n</Plugin>
${ours}\n`,
    );
    const { process: child, finished } = startProgram(programPath("collectd"), ["-f", "-C", conf]);
    const folder = join(scratch, "csv", "jump1", "kmsprobe");
    const day = new Date().toISOString().slice(0, 10);
    const stored = async (file: string): Promise<string> =>
      readFile(join(folder, `${file}-${day}`), "utf8").catch(() => "");
    const [first = ""] = office.kms;
    try {
      await until(async () => /,1\.0/.test(await stored(`gauge-served_${office.domain}_kms`)));
      const at = `${first}_${office.addresses[0] ?? ""}`;
      await until(async () => /,1\.0/.test(await stored(`gauge-serves_${at}`)));
      expect(await stored(`response_time-rpc_${at}`)).toMatch(/^\d+\.\d+,0\.\d+/m);
    } finally {
      child.kill("SIGTERM");
      await finished;
    }
    expect(await readFile(join(scratch, "log"), "utf8")).not.toMatch(/exec plugin.*(error|warn|stderr)/i);
    expect(await unknownIn("collectd-exec.sh")).toEqual([]);
  });
});

describe.skipIf(needs("linux", "root", "monit").skip)("monit", () => {
  test.each([
    ["met", "0", "KMS OK - "],
    ["failed", "2", "KMS CRITICAL - "],
  ] as const)(
    "has a policy that is %s for what it is, and knows whether the exporter answers",
    async (wanted, value, begins) => {
      const policy = join(scratch, "policy.yaml");
      await writeFile(policy, policyFor(wanted, office));
      const wrapper = join(scratch, "kmsprobe");
      await writeFile(wrapper, `#!/bin/sh\nexec ${process.execPath} ${PROGRAM} "$@"\n`);
      await chmod(wrapper, 0o755);
      const watched = await startExporter(scratch, null);
      const exporter = new URL(watched.url);
      const check = (await readFile(join(DOCS, "monit.conf"), "utf8"))
        .replaceAll("/usr/local/bin/kmsprobe", wrapper)
        .replaceAll("/etc/kmsprobe/policy.yaml", `${policy} --place branch`)
        .replace("address 127.0.0.1", `address ${exporter.hostname}`)
        .replace("port 9688", `port ${exporter.port}`)
        .replace("every 5 cycles", "every 1 cycles");
      const conf = join(scratch, "monitrc");
      const files = ["idfile", "statefile", "pidfile"]
        .map((file) => `set ${file} ${scratch}/${file}`)
        .join("\n");
      const socket = `set httpd unixsocket ${scratch}/sock allow root:root`;
      await writeFile(
        conf,
        `set daemon 1 with start delay 0\nset log ${scratch}/log\n${files}\n${socket}\n${check}`,
        {
          mode: 0o600,
        },
      );
      const monit = (...args: string[]) => runProgram(programPath("monit"), ["-c", conf, ...args]);
      expect(await monit("-t")).toMatchObject({ code: 0 });
      const { process: child, finished } = startProgram(programPath("monit"), ["-I", "-c", conf]);
      try {
        await until(async () => {
          await sleep(500);
          const { stdout } = await monit("status", "kms");
          return /last exit value\s+\d/.test(stdout);
        }, 40_000);
        const { stdout } = await monit("status", "kms");
        expect(stdout).toMatch(new RegExp(`last exit value\\s+${value}\n`));
        // Nothing comes before it: monit mixes stderr in.
        expect(stdout).toMatch(new RegExp(`last output\\s+${begins}`));
        await until(async () =>
          /port response time\s+[\d.]+ m?s to/.test((await monit("status", "kmsprobe")).stdout),
        );
        expect((await monit("status", "kmsprobe")).stdout).toMatch(/^ +status +OK$/m);
        await watched.stop();
        await until(async () =>
          /^ +status +Connection failed$/m.test((await monit("status", "kmsprobe")).stdout),
        );
      } finally {
        await watched.stop();
        child.kill("SIGTERM");
        await finished;
      }
    },
  );
});
