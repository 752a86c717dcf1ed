/** The exporter as it is run: over HTTP, with curl, and under a real Prometheus. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { hashSync } from "bcryptjs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { startDnsServer } from "../../src/demo/dns-server.ts";
import { labZone } from "../../src/demo/zone.ts";
import { seriesOfLook } from "../../src/serve/exporter.ts";
import { scenes } from "../unit/report/check/scenes.ts";
import { needs, programPath } from "./servers/available.ts";
import { withClockFile, withShiftedClock } from "./servers/faketime.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { startPrometheus } from "./servers/prometheus.ts";
import { configurationFor, get, startExporter, until, valueOf } from "./support/exporter.ts";
import type { Served } from "./support/exporter.ts";
import { PROGRAM, run, startProgram } from "./support/kmsprobe.ts";
import type { RunOptions } from "./support/kmsprobe.ts";
import { startOffice } from "./verify-docs/office.ts";
import type { Office } from "./verify-docs/office.ts";
import { runProgram } from "./verify-docs/program.ts";

const DOCS = fileURLToPath(new URL("../../docs/monitoring/", import.meta.url));

/** A series of promtool's notation. */
function series(name: string, values: string): { series: string; values: string } {
  return { series: name, values };
}

const dashboardSchema = z.looseObject({
  panels: z.array(
    z.looseObject({
      id: z.int(),
      title: z.string(),
      targets: z.array(z.looseObject({ expr: z.string(), refId: z.string() })),
    }),
  ),
});

function sortedOnce(each: Iterable<string>): string[] {
  return [...new Set(each)].toSorted();
}

const LOOK_LABELS = ["place", "target", "module"];

let office: Office;
let dir: string;
const running: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  office = await startOffice();
});
afterAll(async () => {
  await office.stop();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "kmsprobe-serve-"));
});
afterEach(async () => {
  for (const stop of running.splice(0).toReversed()) await stop();
  await rm(dir, { recursive: true, force: true });
});

/** Starts the exporter, for this test. */
async function serve(
  given: object | null,
  flags: readonly string[] = [],
  options: RunOptions = {},
): Promise<Served> {
  const served = await startExporter(dir, given, flags, options);
  running.push(served.stop);
  return served;
}

function configuration(more: object = {}): object {
  return configurationFor(office, more);
}

describe("the exporter", () => {
  test("without a configuration starts, says the next step, and may be asked for nothing", async () => {
    const { url, stop } = await serve(null);
    const page = await get(`${url}/`);
    expect([page.status, page.type]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.text).toContain("kmsprobe serve --config serve.yaml");
    expect((await get(`${url}/probe?target=corp.test`)).status).toBe(403);
    expect(await get(`${url}/-/healthy`)).toMatchObject({ status: 200, text: "kmsprobe is healthy\n" });
    expect((await get(`${url}/-/ready`)).status).toBe(200);
    expect((await get(`${url}/sd`)).status).toBe(404);
    expect(await stop()).toBe(0);
  });

  test("looks at what a scrape asks for, and tells who asks again meanwhile the same", async () => {
    const { url } = await serve(configuration({ "min-interval": "1m" }));
    const first = await get(`${url}/probe?target=${office.domain}`);
    expect([first.status, first.type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    const look = `place="hq",target="${office.domain}",module="kms"`;
    expect(valueOf(first.text, `kms_probe_success{${look}}`)).toBe(1);
    expect(valueOf(first.text, `kms_source_hosts{${look},source="",state="serving"}`)).toBe(2);
    const again = await Promise.all([1, 2, 3].map(() => get(`${url}/probe?target=${office.domain}`)));
    expect(again.map(({ text }) => text)).toEqual([first.text, first.text, first.text]);
    // What is unusual goes by way of the router, and is answered in the same way.
    const headersOf = async (query: string): Promise<[number, string, object]> => {
      const response = await fetch(`${url}/probe?${query}`);
      const { date: _, ...headers } = Object.fromEntries(response.headers);
      return [response.status, await response.text(), headers];
    };
    for (const query of [`target=${office.domain}`, "target=evil.test", "target=%22", "module=nope&target=a"])
      expect(await headersOf(`${query}&unusual=1`)).toEqual(await headersOf(query));
    const { text } = await get(`${url}/metrics`);
    expect(valueOf(text, "kms_serve_shared_answers_total")).toBe(5);
    expect(valueOf(text, 'kms_serve_http_requests_total{path="/probe",code="200"}')).toBe(6);
    expect(valueOf(text, 'kms_serve_http_requests_total{path="/probe",code="403"}')).toBe(2);
    expect(valueOf(text, 'kms_serve_http_requests_total{path="/probe",code="400"}')).toBe(4);
    const debug = await get(`${url}/probe?target=${office.domain}&debug=true`);
    expect(debug.text).toContain("2 of 2 hosts would serve a client from here");
    const page = await get(`${url}/page?target=${office.domain}`);
    expect([page.status, page.type]).toEqual([200, "text/html; charset=utf-8"]);
    for (const host of office.kms) expect(page.text).toContain(host.slice(0, host.indexOf(":")));
    expect(page.text).toContain('<section id="latency"');
  });

  test("refuses what is not permitted, and what makes no sense, each in one line", async () => {
    const { url } = await serve(configuration());
    const said = async (query: string, headers = {}): Promise<[number, string]> => {
      const { status, text } = await get(`${url}/probe${query}`, headers);
      expect(text.trimEnd()).not.toContain("\n");
      return [status, text];
    };
    expect(await said("")).toEqual([400, expect.stringContaining("target is missing")]);
    expect(await said("?target=corp.test&module=nope")).toEqual([
      400,
      expect.stringContaining("there is no module 'nope'"),
    ]);
    expect(await said("?target=evil.test")).toEqual([403, expect.stringContaining("not permitted")]);
    expect(await said("?target=169.254.169.254:80")).toEqual([403, expect.stringContaining("not permitted")]);
    expect(await said("?target=127.0.0.1:22")).toEqual([403, expect.stringContaining("not permitted")]);
    expect(await said("?target=%00%0d%0aX:1")).toEqual([400, expect.any(String)]);
    expect(await said(`?target=${"a".repeat(8_000)}`)).toEqual([400, expect.any(String)]);
    for (const header of ["NaN", "abc", "-1", "Inf", "0"])
      expect((await said("?target=corp.test", { "X-Prometheus-Scrape-Timeout-Seconds": header }))[0]).toBe(
        400,
      );
    expect(await get(`${url}/nothing/here`)).toMatchObject({ status: 404 });
    expect(await get(`${url}/-/reload`)).toMatchObject({ status: 405 });
    expect((await fetch(`${url}/-/reload`, { method: "POST" })).status).toBe(403);
    expect((await fetch(`${url}/probe?target=corp.test`, { method: "POST" })).status).toBe(404);
    const { text } = await get(`${url}/metrics`);
    expect(valueOf(text, "kms_serve_refused_targets_total")).toBe(3);
  });

  test("connects to no address of this machine that DNS gives for a permitted name", async () => {
    const address = loopbackAddress();
    const port = await freePort(address);
    const hosts = [
      { host: "trap.corp.test", port, priority: 0, weight: 0, addresses: [address], aliasOf: null },
    ];
    const dns = await startDnsServer(labZone("corp.test", hosts));
    running.push(dns.stop);
    const modules = { kms: { resolvers: [`127.0.0.1:${dns.port}`], timeout: "1s" } };
    const { url } = await serve({ version: 1, modules, allow: ["corp.test"] });
    const { text } = await get(`${url}/probe?target=corp.test`);
    expect(text).toMatch(/^kms_host_verdict\{.*host="trap\.corp\.test".*verdict="address-loopback"/m);
    expect(text).not.toContain("kms_host_tcp_connect_seconds");
  });

  test("answers within the scrape's time what is known by then", async () => {
    // Accepts and says nothing.
    const address = loopbackAddress();
    const held: Socket[] = [];
    const silent = createServer((socket) => void held.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, address, resolve));
    running.push(() => {
      for (const socket of held) socket.destroy();
      return new Promise((resolve) => silent.close(resolve));
    });
    const bound = silent.address();
    const port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
    const modules = { slow: { "rpc-timeout": "30s" } };
    const { url } = await serve(configuration({ modules }));
    const scrapeMs = 1_500;
    // A fifth of it stays for the way back.
    const limitMs = 1_200;
    const took: number[] = [];
    // A busy machine only ever adds to a time: the quickest of a few is what the exporter needs.
    while (took.length < 5 && took.every((ms) => ms >= scrapeMs)) {
      const startedMs = performance.now();
      const { status, text } = await get(`${url}/probe?target=${address}:${port}&module=slow`, {
        "X-Prometheus-Scrape-Timeout-Seconds": String(scrapeMs / 1_000),
      });
      took.push(performance.now() - startedMs);
      expect(status).toBe(200);
      expect(valueOf(text, "kms_probe_complete{")).toBe(0);
      expect(valueOf(text, "kms_probe_success{")).toBe(0);
      expect(text).toMatch(/^kms_host_tcp_connect_seconds\{/m);
      // By its own account it used the time that it had; a timer may be a millisecond early by another clock.
      expect(valueOf(text, "kms_probe_duration_seconds{")).toBeGreaterThan((limitMs - 10) / 1_000);
    }
    expect(Math.min(...took)).toBeLessThan(scrapeMs);
  });

  test("lists hosts for service discovery, and says so where DNS is in trouble", async () => {
    const targets = [{ target: office.domain }];
    const { url } = await serve(configuration({ targets }));
    const { status, type, text } = await get(`${url}/sd`);
    expect([status, type]).toEqual([200, "application/json"]);
    const groups: { targets: string[]; labels: Record<string, string> }[] = JSON.parse(text);
    expect(groups.flatMap((group) => group.targets).toSorted()).toEqual(office.kms.toSorted());
    for (const { labels } of groups)
      expect(labels).toEqual({
        __meta_kms_domain: office.domain,
        __meta_kms_module: "kms",
        __meta_kms_priority: "0",
        __meta_kms_weight: "0",
        __meta_kms_resolver: office.resolvers[0],
      });
    expect(await get(`${url}/sd?target=nobody.${office.domain}`)).toMatchObject({
      status: 502,
      text: expect.stringMatching(/^DNS lists no host for nobody\.corp\.test: /),
    });
  });

  test("reads its configuration again on SIGHUP, whole or not at all", async () => {
    const { url, log, hangUp } = await serve(configuration());
    const file = join(dir, "serve.yaml");
    expect((await get(`${url}/probe?target=other.test`)).status).toBe(403);
    await writeFile(file, stringify(configuration({ allow: ["other.test"] })));
    hangUp();
    await until(async () => (await get(`${url}/probe?target=other.test`)).status === 200);
    await writeFile(file, "version: 1\nplaec: x\n");
    hangUp();
    await until(async () => log().includes("serve.yaml:2:1: there is no key 'plaec' here"));
    expect((await get(`${url}/probe?target=other.test`)).status).toBe(200);
    const { text } = await get(`${url}/metrics`);
    expect(valueOf(text, "kms_serve_config_last_reload_successful")).toBe(0);
  });

  test("outlives clients that drip, flood and leave", async () => {
    const { url } = await serve(configuration());
    const { hostname, port } = new URL(url);
    const closedAfterMs = (text: string): Promise<number> =>
      new Promise((resolve) => {
        const startedMs = performance.now();
        const socket = connect(Number(port), hostname, () => socket.write(text));
        socket.on("error", () => {}).on("close", () => resolve(performance.now() - startedMs));
        socket.resume();
      });
    const drips = Array.from({ length: 200 }, () => closedAfterMs("GET /metrics HTTP/1.1\r\nHost: x\r\nX: "));
    const floods = await Promise.all([
      closedAfterMs(`GET /${"a".repeat(100_000)} HTTP/1.1\r\n\r\n`),
      closedAfterMs(`GET / HTTP/1.1\r\nHost: x\r\n${"X: y\r\n".repeat(50_000)}\r\n`),
      closedAfterMs("\u0000\u0001\u0002\r\n\r\n"),
    ]);
    expect(Math.max(...floods)).toBeLessThan(5_000);
    expect((await get(`${url}/-/healthy`)).status).toBe(200);
    expect(Math.max(...(await Promise.all(drips)))).toBeLessThan(15_000);
    expect((await get(`${url}/-/healthy`)).status).toBe(200);
  });

  test.each([
    [["--config", "nosuch.yaml"], /nosuch\.yaml/],
    [["--listen", "localhost"], /--listen 'localhost' is not ADDRESS:PORT/],
    [["--web-config", "web.yml"], /web\.yml:1:1: it protects nothing/],
  ])("ends with 2 and one line for %j", async (flags, words) => {
    await writeFile(join(dir, "web.yml"), "{}\n");
    const { code, stderr } = await run(["serve", ...flags], { cwd: dir });
    expect([code, stderr.trimEnd().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(words);
  });

  test("ends with 3 where somebody else listens, and checks a configuration without listening", async () => {
    const { url } = await serve(configuration());
    const taken = await run(["serve", "--listen", new URL(url).host]);
    expect([taken.code, taken.stderr]).toEqual([3, expect.stringContaining("EADDRINUSE")]);
    const checked = await run(["serve", "--check-config", "--config", join(dir, "serve.yaml")]);
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining("0 targets, 1 module\n")]);
  });
});

/** A certificate that signs itself, and one for clients that it signed. */
async function certificates(): Promise<void> {
  await openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem");
  await openssl("req -newkey rsa:2048 -nodes -subj /CN=prometheus -keyout client.key -out client.csr");
  await openssl("x509 -req -days 2 -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out client.pem");
}

async function openssl(args: string): Promise<void> {
  await runProgram(programPath("openssl"), args.split(" "), { cwd: dir });
}

/** @returns the status; 000 where there was no answer */
async function curl(url: string, ...flags: string[]): Promise<string> {
  const args = ["-s", "-k", "-o", "/dev/null", "-w", "%{http_code}", ...flags, `${url}/-/healthy`];
  return (await runProgram(programPath("curl"), args, { cwd: dir })).stdout;
}

/** What it says on a connection of TLS: the first line; `closed` where it says nothing. */
function firstLine(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.once("data", (data) => resolve(data.toString().slice(0, 15)));
    socket.on("error", () => {}).once("close", () => resolve("closed"));
    socket.write("GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n");
  });
}

function basic(password: string): object {
  return { basic_auth: { username: "prometheus", password } };
}

function users(password: string): object {
  return { basic_auth_users: { prometheus: hashSync(password, 5) } };
}

describe.skipIf(needs("linux", "curl", "openssl").skip)("protection", () => {
  test("lets in by password, over TLS, and takes no less at a reload", async () => {
    await certificates();
    const file = join(dir, "web.yml");
    const tls = { tls_server_config: { cert_file: "ca.pem", key_file: "ca.key" } };
    await writeFile(file, stringify({ ...tls, ...users("right") }));
    const { url, hangUp, log } = await serve(configuration(), ["--web-config", file]);
    expect(url).toMatch(/^https:/);
    expect(await curl(url)).toBe("401");
    expect(await curl(url, "-u", "prometheus:wrong")).toBe("401");
    expect(await curl(url, "-u", "nobody:right")).toBe("401");
    expect(await curl(url, "-u", "prometheus:right")).toBe("200");
    expect(await curl(url.replace("https", "http"), "-u", "prometheus:right")).not.toBe("200");
    expect(await curl(url, "--tls-max", "1.1")).toBe("000");
    await writeFile(file, stringify({ ...tls, ...users("changed") }));
    hangUp();
    await until(async () => (await curl(url, "-u", "prometheus:changed")) === "200");
    expect(await curl(url, "-u", "prometheus:right")).toBe("401");
    await writeFile(file, stringify(tls));
    hangUp();
    await until(async () => log().includes("would protect less than before"));
    expect(await curl(url)).toBe("401");
    expect(log()).not.toMatch(/right|changed|\$2/);
  });

  test("speaks with the suites and curves that it is told to", async () => {
    await certificates();
    const file = join(dir, "web.yml");
    const tls = {
      cert_file: "ca.pem",
      key_file: "ca.key",
      max_version: "TLS12",
      cipher_suites: ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
      curve_preferences: ["CurveP384"],
    };
    await writeFile(file, stringify({ tls_server_config: tls }));
    const { url, hangUp, log } = await serve(configuration(), ["--web-config", file]);
    expect(await curl(url)).toBe("200");
    expect(await curl(url, "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256")).toBe("000");
    expect(await curl(url, "--curves", "X25519")).toBe("000");
    expect(await curl(url, "--curves", "P-384")).toBe("200");
    const mutual = { client_auth_type: "RequireAndVerifyClientCert", client_ca_file: "ca.pem" };
    await writeFile(file, stringify({ tls_server_config: { ...tls, ...mutual } }));
    hangUp();
    await until(async () => log().includes("client_auth_type takes effect at a start only"));
    expect(await curl(url)).toBe("200");
  });

  test("lets in by a client's certificate only", async () => {
    await certificates();
    const file = join(dir, "web.yml");
    const wanted = { client_auth_type: "RequireAndVerifyClientCert", client_ca_file: "ca.pem" };
    await writeFile(
      file,
      stringify({ tls_server_config: { cert_file: "ca.pem", key_file: "ca.key", ...wanted } }),
    );
    const { url, hangUp, log } = await serve(configuration(), ["--web-config", file]);
    expect(await curl(url)).toBe("000");
    expect(await curl(url, "--cert", "client.pem", "--key", "client.key")).toBe("200");
    const nobody = { cert_file: "ca.pem", key_file: "ca.key", ...wanted, client_ca_file: "ca.key" };
    await writeFile(file, stringify({ tls_server_config: nobody }));
    hangUp();
    await until(async () => /web\.yml:5:3: ca\.key holds no certificate/.test(log()));
    expect(await curl(url, "--cert", "client.pem", "--key", "client.key")).toBe("200");
  });
});

describe.skipIf(needs("linux", "curl", "openssl").skip)("a client's certificate", () => {
  test("must have one of the names that are let in, and what it was let in by may stand in the file itself", async () => {
    await certificates();
    const signed = "x509 -req -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial";
    for (const name of ["good", "other"]) {
      await writeFile(join(dir, `${name}.ext`), `subjectAltName=DNS:${name}.test,IP:10.9.9.9`);
      await openssl(`req -newkey rsa:2048 -nodes -subj /CN=good.test -keyout ${name}.key -out ${name}.csr`);
      await openssl(`${signed} -in ${name}.csr -extfile ${name}.ext -out ${name}.pem`);
    }
    const pem = (name: string): Promise<string> => readFile(join(dir, name), "utf8");
    const authority = await pem("ca.pem");
    const pair = { cert: authority, key: await pem("ca.key"), client_ca: authority };
    const given = async (sans: readonly string[] | undefined): Promise<void> => {
      const wanted = { client_auth_type: "RequireAndVerifyClientCert", client_allowed_sans: sans };
      await writeFile(file, stringify({ tls_server_config: { ...pair, ...wanted } }));
    };
    const file = join(dir, "web.yml");
    await given(["good.test"]);
    const { url, hangUp, log } = await serve(configuration(), ["--web-config", file]);
    const asked = (name: string): Promise<string> =>
      curl(url, "--cert", `${name}.pem`, "--key", `${name}.key`);
    expect(await asked("good")).toBe("200");
    expect(await asked("other")).toBe("000");
    // It names nobody but in its subject.
    expect(await asked("client")).toBe("000");
    expect(await curl(url)).toBe("000");
    await given(["other.test"]);
    hangUp();
    await until(async () => log().includes("configuration read again"));
    expect([await asked("good"), await asked("other")]).toEqual(["000", "200"]);
    await given(undefined);
    hangUp();
    await until(async () => log().includes("would protect less than before"));
    expect([await asked("good"), await asked("other")]).toEqual(["000", "200"]);
  });
});

describe.skipIf(needs("linux", "openssl", "faketime").skip)("a client's certificate that expires", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "lets in no longer, on an open connection and by an earlier session neither, over %s",
    async (version) => {
      await certificates();
      // For another minute: sessions are kept for five.
      const made = "x509 -req -days 1 -CA ca.pem -CAkey ca.key -CAcreateserial -in short.csr -out short.pem";
      await openssl("req -newkey rsa:2048 -nodes -subj /CN=short -keyout short.key -out short.csr");
      const { command, args } = withShiftedClock(
        { command: programPath("openssl"), args: made.split(" ") },
        60 - 24 * 3_600,
      );
      await runProgram(command, args, { cwd: dir });
      const file = join(dir, "web.yml");
      const wanted = { client_auth_type: "RequireAndVerifyClientCert", client_ca_file: "ca.pem" };
      const tlsConfig = { cert_file: "ca.pem", key_file: "ca.key", ...wanted };
      await writeFile(file, stringify({ tls_server_config: tlsConfig }));
      const clock = join(dir, "clock");
      await writeFile(clock, "+0");
      const { url } = await serve(configuration(), ["--web-config", file], { env: withClockFile(clock) });
      const { hostname, port } = new URL(url);
      const pem = (name: string): Promise<string> => readFile(join(dir, name), "utf8");
      const pair = { cert: await pem("short.pem"), key: await pem("short.key") };
      const versions = { minVersion: version, maxVersion: version };
      const at = { host: hostname, port: Number(port), rejectUnauthorized: false, ...pair, ...versions };
      const open = (session?: Buffer): TLSSocket =>
        connectTls({ ...at, ...(session === undefined ? {} : { session }) });
      const kept = open();
      const sessions: Buffer[] = [];
      kept.on("session", (session) => sessions.push(session));
      expect(await firstLine(kept)).toBe("HTTP/1.1 200 OK");
      expect(await firstLine(kept)).toBe("HTTP/1.1 200 OK");
      await writeFile(clock, "+90");
      expect(await firstLine(kept)).toBe("closed");
      expect(await firstLine(open())).toBe("closed");
      for (const session of sessions) expect(await firstLine(open(session))).toBe("closed");
    },
  );
});

describe.skipIf(needs("linux", "prometheus", "promtool").skip)("under Prometheus", () => {
  test.skipIf(needs("openssl").skip)(
    "a client certificate and a password let it in over TLS, and neither alone does",
    async () => {
      await certificates();
      await openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=exporter -addext subjectAltName=DNS:exporter.test -keyout server.key -out server.pem",
      );
      const file = join(dir, "web.yml");
      const wanted = { client_auth_type: "RequireAndVerifyClientCert", client_ca_file: "ca.pem" };
      const tls = { cert_file: "server.pem", key_file: "server.key", ...wanted };
      await writeFile(file, stringify({ tls_server_config: tls, ...users("right") }));
      const { url } = await serve(configuration(), ["--web-config", file]);
      const trust = { ca_file: join(dir, "server.pem"), server_name: "exporter.test" };
      const own = { cert_file: join(dir, "client.pem"), key_file: join(dir, "client.key") };
      const job = (name: string, tlsConfig: object, more: object): object => ({
        job_name: name,
        scheme: "https",
        tls_config: tlsConfig,
        ...more,
        static_configs: [{ targets: [new URL(url).host] }],
      });
      const prometheus = await startPrometheus({
        global: { scrape_interval: "1s", scrape_timeout: "1s" },
        scrape_configs: [
          job("both", { ...trust, ...own }, basic("right")),
          job("no-certificate", trust, basic("right")),
          job("no-password", { ...trust, ...own }, {}),
          job("wrong-password", { ...trust, ...own }, basic("wrong")),
          job("wrong-name", { ...trust, ...own, server_name: "other.test" }, basic("right")),
        ],
      });
      running.push(prometheus.stop);
      await until(async () => (await prometheus.query("up")).length === 5);
      await until(async () => (await prometheus.query('up{job="both"} == 1')).length === 1);
      const found = await prometheus.query("max_over_time(up[1m]) == 1");
      expect(found.map(({ labels }) => labels["job"])).toEqual(["both"]);
      expect(await prometheus.query('kms_serve_build_info{job!="both"}')).toEqual([]);
      // Told by a scrape after it.
      const refused = 'kms_serve_http_requests_total{job="both",code="401"} > 0';
      await until(async () => (await prometheus.query(refused)).length > 0);
    },
  );

  test("two places are joined, hosts are discovered, and an alert fires and resolves", async () => {
    const [kms1 = "", kms2 = ""] = office.kms;
    const targets = [{ target: office.domain, interval: "1s" }];
    const hq = await serve(configuration({ targets }));
    const branch = await serve(configuration({ place: "branch", targets }));
    const rules = await readFile(join(DOCS, "kmsprobe-rules.yml"), "utf8");
    const impatient = rules.replaceAll(/for: \d+m/g, "for: 1s");
    const through = [
      { source_labels: ["__address__"], target_label: "__param_target" },
      { source_labels: ["__param_target"], target_label: "instance" },
      { target_label: "__address__", replacement: new URL(hq.url).host },
    ];
    const prometheus = await startPrometheus(
      {
        global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
        rule_files: ["rules.yml"],
        scrape_configs: [
          {
            job_name: "kmsprobe",
            static_configs: [{ targets: [hq, branch].map(({ url }) => new URL(url).host) }],
          },
          {
            job_name: "kms-hosts",
            metrics_path: "/probe",
            params: { module: ["kms"] },
            http_sd_configs: [{ url: `${hq.url}/sd`, refresh_interval: "1s" }],
            relabel_configs: through,
          },
        ],
      },
      impatient,
    );
    running.push(prometheus.stop);
    await until(
      async () =>
        (await prometheus.query("count by (host) (kms_host_serves{job='kmsprobe'} == 1) == 2")).length === 2,
    );
    await until(async () => (await prometheus.query("kms_probe_success{job='kms-hosts'} == 1")).length === 2);
    const found = await prometheus.query("kms_probe_success{job='kms-hosts'}");
    expect(found.map(({ labels }) => labels["instance"] ?? "").toSorted()).toEqual([kms1, kms2].toSorted());
    expect(await prometheus.query("up == 0")).toEqual([]);
    expect(await prometheus.alerts()).toEqual([]);

    await office.turn(0, "off");
    await office.turn(1, "off");
    const firing = async (name: string): Promise<string[]> =>
      (await prometheus.alerts())
        .filter((alert) => alert.name === name && alert.state === "firing")
        .map(({ labels }) => labels["place"] ?? "");
    await until(async () => {
      const places = await firing("KmsNotServed");
      return places.includes("hq") && places.includes("branch");
    });
    await office.turn(0, "on");
    await office.turn(1, "on");
    await until(async () => (await firing("KmsNotServed")).length === 0);
  });

  test("every panel of the dashboard has data, and the file is what its script writes", async () => {
    const script = fileURLToPath(new URL("../../scripts/dashboard.mjs", import.meta.url));
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const written = await runProgram(process.execPath, [script, "--check"], { cwd: root });
    expect([written.code, written.stdout]).toEqual([0, ""]);
    const dashboard = dashboardSchema.parse(
      JSON.parse(await readFile(join(DOCS, "grafana-dashboard.json"), "utf8")),
    );
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const { url } = await serve(configuration({ targets: [{ target: office.domain, interval: "1s" }] }));
    const prometheus = await startPrometheus({
      global: { scrape_interval: "1s", scrape_timeout: "1s" },
      scrape_configs: [{ job_name: "kmsprobe", static_configs: [{ targets: [new URL(url).host] }] }],
    });
    running.push(prometheus.stop);
    const values: Record<string, string> = { place: ".*", target: ".*", __rate_interval: "10s" };
    for (const { title, targets } of dashboard.panels) {
      for (const { expr, refId } of targets) {
        expect(refId).toBe("A");
        const asked = expr.replaceAll(/\$(\w+)/g, (_, name: string) => values[name] ?? "?");
        // A rate takes two scrapes.
        await until(async () => (await prometheus.query(asked)).length > 0).catch(() => {
          throw new Error(`no data for ${title}: ${asked}`);
        });
      }
    }
  });

  test("the alerts fire on what they are for, and on nothing else", async () => {
    const labels = 'target="corp.example",module="kms"';
    const host = `${labels},source="",host="kms1.corp.example",port="1688",address="10.1.0.1"`;
    const at = (place: string, value: number): { series: string; values: string } =>
      series(`kms_host_serves{place="${place}",${host}}`, `${value}x60`);
    const quiet = [series(`kms_probe_success{place="hq",${labels}}`, "1x60"), at("hq", 1), at("branch", 1)];
    const clock = (name: string, value: string): { series: string; values: string } =>
      series(`kms_host_clock_${name}_seconds{place="hq",${host}}`, value);
    const cases: [string, { series: string; values: string }[], string[]][] = [
      ["all is well", quiet, []],
      [
        "nobody serves",
        [
          series(`kms_probe_success{place="hq",${labels}}`, "0x60"),
          series(`kms_probe_complete{place="hq",${labels}}`, "1x60"),
        ],
        ["KmsNotServed"],
      ],
      [
        "a look that was cut short is no outage, and is told where it goes on",
        [
          series(`kms_probe_success{place="hq",${labels}}`, "0x60"),
          series(`kms_probe_complete{place="hq",${labels}}`, "0x60"),
        ],
        ["KmsLooksCutShort"],
      ],
      [
        "one that was cut short now and then",
        [
          series(`kms_probe_success{place="hq",${labels}}`, "1x60"),
          series(`kms_probe_complete{place="hq",${labels}}`, "0x9 1 0x9 1 0x9 1 0x9 1 0x9 1 0x9"),
        ],
        [],
      ],
      [
        "what can't be looked at, beside what can",
        [
          series(`kms_probe_success{place="hq",${labels}}`, "1x60"),
          series(`kms_serve_looks_total{place="hq",${labels},result="failed"}`, "1x60"),
          series(
            'kms_serve_looks_total{place="hq",target="corp.example",module="branch",result="failed"}',
            "0+1x60",
          ),
        ],
        ["KmsLookImpossible"],
      ],
      ["down here, up elsewhere", [at("hq", 0), at("branch", 1)], ["KmsHostDownHereUpElsewhere"]],
      ["down everywhere", [at("hq", 0), at("branch", 0)], []],
      [
        "a resolver disagrees",
        [series(`kms_srv_resolvers_agree{place="hq",${labels}}`, "0x60")],
        ["KmsResolversDisagree"],
      ],
      ["a clock is off", [clock("offset", "-7200x60"), clock("uncertainty", "1x60")], ["KmsClockOff"]],
      ["a clock nobody could read well", [clock("offset", "3700x60"), clock("uncertainty", "600x60")], []],
      [
        "nobody looks any more",
        [series(`kms_probe_start_timestamp_seconds{place="hq",${labels}}`, "0x60")],
        ["KmsProbeStale"],
      ],
      ["no exporter", [series('up{job="kmsprobe",instance="jump1:9688"}', "0x60")], ["KmsExporterDown"]],
    ];
    const rules = await readFile(join(DOCS, "kmsprobe-rules.yml"), "utf8");
    const names = Array.from(rules.matchAll(/alert: (\w+)/g), ([, name = ""]) => name);
    const tests = cases.map(([, input, firing]) => ({
      interval: "1m",
      input_series: input,
      promql_expr_test: names.map((name) => ({
        expr: `count(ALERTS{alertname="${name}",alertstate="firing"})`,
        eval_time: "55m",
        exp_samples: firing.includes(name) ? [{ labels: "{}", value: 1 }] : [],
      })),
    }));
    const file = join(dir, "test.yml");
    const rulesFile = join(DOCS, "kmsprobe-rules.yml");
    await writeFile(file, stringify({ rule_files: [rulesFile], evaluation_interval: "1m", tests }));
    const { code, stdout, stderr } = await runProgram(programPath("promtool"), ["test", "rules", file]);
    expect([stderr, stdout.includes("SUCCESS"), code]).toEqual(["", true, 0]);
  });

  test("what is recorded are the figures of a place and target, and of a host over its places", async () => {
    const labels = 'target="corp.example",module="kms"';
    const hosts = (place: string, state: string, value: number): { series: string; values: string } =>
      series(`kms_source_hosts{place="${place}",${labels},source="",state="${state}"}`, `${value}x1100`);
    const at = (name: string, place: string): string =>
      `${name}{place="${place}",${labels},source="",host="kms1.corp.example",port="1688",address="10.1.0.1"}`;
    const expected: [string, string, number][] = [
      // Down for the last two hours of seven days and two.
      ["target:kms_probe_success:avg1d", `place="hq",${labels}`, 0.917],
      ["target:kms_source_hosts:serving_ratio", `place="hq",${labels}`, 0.5],
      ["host:kms_host_serves:places", 'host="kms1.corp.example",port="1688",address="10.1.0.1"', 1],
      [
        "host:kms_host_rpc_seconds:avg1h",
        'place="hq",host="kms1.corp.example",port="1688",address="10.1.0.1"',
        0.2,
      ],
    ];
    const week = {
      interval: "10m",
      input_series: [
        series(`kms_probe_success{place="hq",${labels}}`, "1x1008 0x11"),
        hosts("hq", "serving", 2),
        hosts("hq", "listed", 4),
        // Where nothing is listed there is no share of it.
        hosts("branch", "serving", 0),
        hosts("branch", "listed", 0),
        series(at("kms_host_serves", "hq"), "1x1100"),
        series(at("kms_host_serves", "branch"), "0x1100"),
        series(at("kms_host_rpc_seconds", "hq"), "0.01x1008 0.2x11"),
      ],
      promql_expr_test: [
        ...expected.map(([name, of, value]) => ({
          // Without the last of its digits, it has lost its name.
          expr: `round(${name}, 0.001)`,
          eval_time: "170h",
          exp_samples: [{ labels: `{${of}}`, value }],
        })),
        {
          expr: 'count by (place) (ALERTS{alertname="KmsSlowerThanLastWeek",alertstate="firing"})',
          eval_time: "170h",
          exp_samples: [{ labels: '{place="hq"}', value: 1 }],
        },
      ],
    };
    const rules = await readFile(join(DOCS, "kmsprobe-rules.yml"), "utf8");
    const recorded = Array.from(rules.matchAll(/record: (\S+)/g), ([, name = ""]) => name);
    expect(recorded.toSorted()).toEqual(expected.map(([name]) => name).toSorted());
    const file = join(dir, "test.yml");
    const tests = {
      rule_files: [join(DOCS, "kmsprobe-rules.yml")],
      evaluation_interval: "10m",
      tests: [week],
    };
    await writeFile(file, stringify(tests));
    const { code, stdout, stderr } = await runProgram(programPath("promtool"), ["test", "rules", file]);
    expect([stderr, stdout, code]).toEqual(["", expect.stringContaining("SUCCESS"), 0]);
  });

  test("the configuration and the rules of the documentation are sound, and speak of metrics that there are", async () => {
    const check = async (what: string, file: string): Promise<[number | null, string]> => {
      const { code, stderr } = await runProgram(programPath("promtool"), ["check", what, file], {
        cwd: DOCS,
      });
      return [code, stderr];
    };
    expect((await check("config", "prometheus.yml"))[0]).toBe(0);
    expect((await check("rules", "kmsprobe-rules.yml"))[0]).toBe(0);
    const { url } = await serve(configuration({ targets: [{ target: office.domain, interval: "1s" }] }));
    await until(async () => (await get(`${url}/-/ready`)).status === 200);
    const { text } = await get(`${url}/metrics`);
    const checked = await runProgram(programPath("promtool"), ["check", "metrics"], { input: text });
    expect([checked.code, checked.stdout, checked.stderr]).toEqual([0, "", ""]);
    const rules = await readFile(join(DOCS, "kmsprobe-rules.yml"), "utf8");
    const names = new Set(Array.from(rules.matchAll(/\bkms_\w+/g), ([name]) => name));
    const known = new Set(Array.from(text.matchAll(/^# TYPE (\w+)/gm), ([, name = ""]) => name));
    // Clocks are looked at only where a module says so.
    expect([...names].filter((name) => !known.has(name)).toSorted()).toEqual([
      "kms_host_clock_offset_seconds",
      "kms_host_clock_uncertainty_seconds",
    ]);
  });

  test("what it tells in any state is sound, and told in the documentation, names and labels", async () => {
    const broken = { resolvers: office.resolvers, source: "nobody0" };
    const hasty = { resolvers: office.resolvers, "max-time": "1ms" };
    const modules = { kms: { resolvers: office.resolvers }, broken, hasty };
    const targets = Object.keys(modules).map((module) => ({ target: office.domain, module, interval: "1s" }));
    const { url } = await serve(configuration({ modules, targets, allow: ["nobody.test", "127.71.0.0/16"] }));
    await until(async () => {
      const { text } = await get(`${url}/metrics`);
      return ["met", "failed", "cut_short"].every((each) => text.includes(`result="${each}"`));
    });
    const told = [
      (await get(`${url}/metrics`)).text,
      (await get(`${url}/probe?target=nobody.test`)).text,
      ...Object.values(scenes).map((report) =>
        seriesOfLook(report, { place: "", target: 'a"b\\c\n', module: "kms" }),
      ),
    ];
    for (const text of told) {
      const checked = await runProgram(programPath("promtool"), ["check", "metrics"], { input: text });
      expect([checked.code, checked.stdout, checked.stderr]).toEqual([0, "", ""]);
      const written = Array.from(text.matchAll(/^(kms_\w+(?:\{.*\})?) \S+$/gm), ([, each]) => each);
      expect(new Set(written).size).toBe(written.length);
    }
    const labels = new Map<string, Set<string>>();
    for (const [, name = "", set = ""] of told.join("\n").matchAll(/^(kms_\w+?)(?:\{(.*)\})? \S+$/gm)) {
      const family = name.replace(/^(kms_\w+_duration_seconds)_(bucket|sum|count)$/, "$1");
      const known = labels.get(family) ?? new Set();
      for (const [, label = ""] of set.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) known.add(label);
      known.delete("le");
      labels.set(family, known);
    }
    const page = await readFile(join(DOCS, "..", "serve.md"), "utf8");
    const rows = Array.from(page.matchAll(/^\| `(kms_\w+)` \|(.*)\|.*\|$/gm), ([, name = "", row = ""]) => {
      const own = Array.from(row.matchAll(/`(\w+)`/g), ([, each = ""]) => each);
      return [name, sortedOnce(name.startsWith("kms_serve_") ? own : [...LOOK_LABELS, ...own])] as const;
    });
    // Nobody asks for clocks here.
    const documented = rows.filter(([name]) => !name.startsWith("kms_host_clock_"));
    expect(Object.fromEntries([...labels].map(([name, set]) => [name, sortedOnce(set)]))).toEqual(
      Object.fromEntries(documented),
    );
  });

  test.skipIf(needs("systemd-socket-activate").skip)(
    "it serves a socket that systemd listens on",
    async () => {
      const address = loopbackAddress();
      const port = await freePort(address);
      const program = [process.execPath, PROGRAM, "serve", "--listen", "192.0.2.1:1"];
      const { process: child, finished } = startProgram(programPath("systemd-socket-activate"), [
        `--listen=${address}:${port}`,
        ...program,
      ]);
      running.push(async () => {
        child.kill("SIGTERM");
        await finished;
      });
      // It starts the program when somebody connects, who waits for it.
      await until(
        async () => (await get(`http://${address}:${port}/-/healthy`).catch(() => null))?.status === 200,
      );
    },
  );

  test.skipIf(needs("systemd-analyze").skip)("the unit is valid, and hardly exposed", async () => {
    const unit = await readFile(join(DOCS, "kmsprobe-serve.service"), "utf8");
    const file = join(dir, "kmsprobe-serve.service");
    await writeFile(file, unit.replace("/usr/local/bin/kmsprobe", PROGRAM));
    const socket = join(dir, "kmsprobe-serve.socket");
    await writeFile(socket, await readFile(join(DOCS, "kmsprobe-serve.socket"), "utf8"));
    const analyze = programPath("systemd-analyze");
    const verified = await runProgram(analyze, ["verify", file, socket]);
    expect(`${verified.stdout}${verified.stderr}`).not.toMatch(/kmsprobe/);
    const { stdout } = await runProgram(analyze, ["security", "--offline=true", "--threshold=20", file]);
    const [, exposure = "10"] =
      /Overall exposure level for kmsprobe-serve\.service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(2);
  });

  test("the unit is started again and again for as long as it takes, and never given up", async () => {
    const unit = await readFile(join(DOCS, "kmsprobe-serve.service"), "utf8");
    expect(unit).toMatch(/^Restart=on-failure$/m);
    // systemd gives up, and the socket as well, after five starts within ten seconds: systemd.unit(5), DefaultStartLimitBurst=.
    const [, seconds = "0.1"] = /^RestartSec=(\d+)s$/m.exec(unit) ?? [];
    expect(5 * Number(seconds)).toBeGreaterThan(10);
    expect(unit).not.toMatch(/^(StartLimit|RestartPrevent)/m);
  });

  test.skipIf(needs("systemd-analyze", "strace").skip)(
    "the unit permits every system call of its program",
    async () => {
      const unit = await readFile(join(DOCS, "kmsprobe-serve.service"), "utf8");
      const { stdout } = await runProgram(programPath("systemd-analyze"), ["syscall-filter"]);
      const groups = new Map<string, string[]>();
      let members: string[] = [];
      for (const line of stdout.split("\n")) {
        if (line.startsWith("@")) groups.set(line.trim(), (members = []));
        else if (/^ +[@\w]/.test(line)) members.push(line.trim());
      }
      const expanded = (name: string): string[] =>
        name.startsWith("@") ? (groups.get(name) ?? []).flatMap(expanded) : [name];
      const permitted = new Set(expanded("@default"));
      for (const [, without, names = ""] of unit.matchAll(/^SystemCallFilter=(~?)(.*)$/gm))
        for (const name of names.split(" ").flatMap(expanded))
          if (without === "") permitted.add(name);
          else permitted.delete(name);

      const file = join(dir, "serve.yaml");
      await writeFile(
        file,
        stringify(configuration({ targets: [{ target: office.domain, interval: "1s" }] })),
      );
      const web = join(dir, "web.yml");
      await writeFile(web, stringify(users("right")));
      const address = loopbackAddress();
      const port = await freePort(address);
      const calls = join(dir, "calls");
      const options = ["-f", "-qq", "-o", calls];
      const program = [process.execPath, PROGRAM, "serve", "--listen", `${address}:${port}`];
      const files = ["--config", file, "--web-config", web];
      // It blocks SIGTERM itself: the program is what is ended.
      const { finished } = startProgram(programPath("strace"), [...options, ...program, ...files]);
      running.push(async () => {
        process.kill(Number.parseInt(await readFile(calls, "utf8"), 10), "SIGTERM");
        await finished;
      });
      const headers = { Authorization: `Basic ${btoa("prometheus:right")}` };
      await until(
        async () =>
          (await get(`http://${address}:${port}/-/ready`, headers).catch(() => null))?.status === 200,
      );
      const made = new Set(
        Array.from((await readFile(calls, "utf8")).matchAll(/^\d+ +(\w+)\(/gm), ([, name = ""]) => name),
      );
      expect(made).toContain("connect");
      expect([...made].filter((name) => !permitted.has(name))).toEqual([]);
    },
  );
});
