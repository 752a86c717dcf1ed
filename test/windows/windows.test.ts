import fs from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { explanationSchema } from "../../src/explain/model.ts";
import { reply, srvRecord, startDnsPeer, startTcpPeer } from "../integration/scripted/peers.ts";
import type { TcpPeer } from "../integration/scripted/peers.ts";
import { checkedReport } from "../integration/support/checked-report.ts";
import { run } from "../integration/support/kmsprobe.ts";
import { SERVING } from "../integration/support/serving.ts";
import { startWindows, windowsPath, WITHOUT_WINE } from "./wine.ts";
import type { Windows } from "./wine.ts";

if (WITHOUT_WINE !== null) console.log(`test/windows is skipped: ${WITHOUT_WINE}`);

const ESCAPE = String.fromCharCode(27);
const TCPIP = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";

const heldSchema = z.looseObject({
  file: z.looseObject({ path: z.string(), found: z.boolean() }),
  settings: z.array(z.looseObject({ setting: z.string(), where: z.string().nullable() })),
});

function codes(text: string): string[] {
  return checkedReport(text).diagnoses.flatMap(({ endpoints }) =>
    endpoints.map(({ endpoint, verdict }) => `${endpoint.host} ${verdict.code}`),
  );
}

describe.skipIf(WITHOUT_WINE !== null)("on Windows, as Wine shows it", () => {
  let windows: Windows;
  let serving: TcpPeer;
  let host = "";

  beforeAll(async () => {
    windows = await startWindows();
    serving = await startTcpPeer(SERVING);
    host = `${serving.address}:${serving.port}`;
  });

  afterAll(async () => {
    await windows?.stop();
    await serving?.stop();
    expect(serving?.violations).toEqual([]);
  });

  test("the demo's verdicts are those of Linux", async () => {
    const there = await windows.kmsprobe("demo", "--format", "json");
    const here = await run(["demo", "--format", "json"]);
    expect(codes(there.stdout)).toEqual(codes(here.stdout));
    expect(there.code).toBe(here.code);
  });

  test("defaults of one's own stand under %APPDATA%, with Windows' ends of lines", async () => {
    const read = async () => {
      const { code, stdout, stderr } = await windows.kmsprobe("config", "--json");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return heldSchema.parse(JSON.parse(stdout));
    };
    const { file } = await read();
    expect(file).toMatchObject({
      path: expect.stringMatching(/^C:\\.+\\kmsprobe\\config\.yaml$/),
      found: false,
    });
    const unix = path.join(
      path.dirname(windows.folder),
      "prefix/drive_c",
      file.path.slice(3).replaceAll("\\", "/"),
    );
    await fs.mkdir(path.dirname(unix), { recursive: true });
    await fs.writeFile(unix, "# ours\r\nretries: 0\r\ntimeout: 900ms\r\n");
    try {
      const held = await read();
      expect(held.file.found).toBe(true);
      expect(held.settings.find(({ setting }) => setting === "timeout")).toMatchObject({
        value: 900,
        where: `${file.path}:3`,
      });
      const { stdout } = await windows.kmsprobe("check", host, "--format", "json");
      expect(checkedReport(stdout)).toMatchObject({ settings: { timeoutMs: 900, retries: 0 } });
      const without = await windows.kmsprobe("check", host, "--no-config", "--format", "json");
      expect(checkedReport(without.stdout)).toMatchObject({ settings: { timeoutMs: 4_000, retries: 1 } });
    } finally {
      await fs.rm(unix);
    }
  });

  test("an RPC answer takes as long as its peer waits, one host at a time and many", async () => {
    const delayMs = 40;
    const peers = await Promise.all(
      Array.from({ length: 6 }, () =>
        startTcpPeer({ pdu: (pdu, socket) => void setTimeout(() => SERVING.pdu?.(pdu, socket), delayMs) }),
      ),
    );
    for (const asked of [peers.slice(0, 1), peers]) {
      const hosts = asked.map(({ address, port }) => `${address}:${port}`);
      const { stdout, stderr } = await windows.kmsprobe(
        "check",
        ...hosts,
        "--count",
        "5",
        "--format",
        "json",
      );
      expect(stdout, stderr).not.toBe("");
      const attempts = checkedReport(stdout).diagnoses.flatMap(({ endpoints }) =>
        endpoints.flatMap((endpoint) => endpoint.attempts),
      );
      expect(attempts).toHaveLength(hosts.length);
      for (const { rpc } of attempts) {
        expect(rpc?.latency?.samplesMs).toHaveLength(5);
        for (const sample of rpc?.latency?.samplesMs ?? []) {
          // Node's own timers end up to a millisecond early.
          expect(sample).toBeGreaterThanOrEqual(delayMs - 2);
          expect(sample).toBeLessThan(1000);
        }
      }
    }
    for (const peer of peers) await peer.stop();
  });

  test("an answer that comes at once has taken some time", async () => {
    const { stdout } = await windows.kmsprobe("check", host, "--count", "20", "--format", "json");
    const samples =
      checkedReport(stdout).diagnoses[0]?.endpoints[0]?.attempts[0]?.rpc?.latency?.samplesMs ?? [];
    expect(samples).toHaveLength(20);
    expect(Math.min(...samples)).toBeGreaterThan(0);
  });

  test("sweep, watch and explain do what they do elsewhere", async () => {
    const swept = await windows.kmsprobe(
      "sweep",
      "127.9.0.0/28",
      "--format",
      "json",
      "-o",
      "found.json",
      "-q",
    );
    expect(swept).toMatchObject({ code: 1, stderr: "" });
    const found: unknown = JSON.parse(await fs.readFile(path.join(windows.folder, "found.json"), "utf8"));
    expect(found).toMatchObject({ serving: 0, interrupted: false });
    const watched = await windows.kmsprobe("watch", host, "--plain", "--for", "3s", "--interval", "1s");
    expect(watched.code).toBe(0);
    expect(watched.stdout).toContain("serves");
    const explained = await windows.kmsprobe("explain", "0xC004F074");
    expect(explained).toMatchObject({ code: 0, stderr: "" });
  });

  test("verify reads a policy with the line ends of Windows, and writes reports by its paths", async () => {
    const policy = `version: 1\nexpect:\n  - serve: { hosts: "${host}" }\n  - closed: { hosts: "127.0.0.1:1" }\n`;
    await fs.writeFile(path.join(windows.folder, "policy.yaml"), policy.replaceAll("\n", "\r\n"));
    await fs.mkdir(path.join(windows.folder, "sub"));
    const html = windowsPath(path.join(windows.folder, "sub/page.html"));
    const reports = [
      "--report",
      "junit=sub\\out.xml",
      "--report",
      `html=${html}`,
      "--report",
      "csv=sub\\out.csv",
    ];
    const { code, stdout, stderr } = await windows.kmsprobe("verify", ".\\policy.yaml", ...reports);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toContain(ESCAPE);
    const written = await fs.readdir(path.join(windows.folder, "sub"));
    expect(written.toSorted()).toEqual(["out.csv", "out.xml", "page.html"]);
    expect(await fs.readFile(path.join(windows.folder, "sub/out.xml"), "utf8")).toContain('failures="0"');
  });

  test("explain --here reads what this Windows says of itself, and tells each by its command", async () => {
    const key = String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform`;
    for (const [name, value] of [
      ["KeyManagementServiceName", "kms-old.corp.test"],
      ["KeyManagementServicePort", "1700"],
    ])
      expect(
        await windows.run("reg", "add", key, "/v", name ?? "", "/t", "REG_SZ", "/d", value ?? "", "/f"),
      ).toMatchObject({ code: 0 });
    const { code, stdout } = await windows.kmsprobe("explain", "--here", "--format", "json");
    expect(code).toBe(0);
    const { pieces } = explanationSchema.parse(JSON.parse(stdout));
    expect(pieces.find(({ kind }) => kind === "registry")).toMatchObject({
      input: `reg query "${key}"`,
      facts: { kmsHost: "kms-old.corp.test", kmsPort: 1700, hostFrom: "registry" },
    });
    expect(await windows.run("reg", "delete", key, "/v", "KeyManagementServiceName", "/f")).toMatchObject({
      code: 0,
    });
  });

  test("the suffixes are those of the registry, in any spelling, of interfaces that are there", async () => {
    const asked = new Set<string>();
    const dns = await startDnsPeer({
      udp: (query, send) => {
        asked.add(query.name);
        const kms = query.type === "SRV" && query.name === "_vlmcs._tcp.two.test";
        send(
          reply(
            query,
            kms ? { answers: [srvRecord(query.name, "kms.two.test", { port: serving.port })] } : {},
          ),
        );
      },
    });
    const add = async (...args: string[]): Promise<void> => {
      expect(await windows.run("reg", "add", ...args, "/f")).toMatchObject({ code: 0 });
    };
    await add(TCPIP, "/v", "searchlist", "/t", "REG_MULTI_SZ", "/d", "one.test\\0two.test");
    const here = `${TCPIP}\\Interfaces\\{00000000-0000-0000-0000-000000000001}`;
    await add(here, "/v", "DhcpIPAddress", "/d", "127.0.0.1");
    await add(here, "/v", "DhcpDomain", "/d", "here.test");
    const gone = `${TCPIP}\\Interfaces\\{00000000-0000-0000-0000-000000000002}`;
    await add(gone, "/v", "DhcpIPAddress", "/d", "192.0.2.7");
    await add(gone, "/v", "DhcpDomain", "/d", "gone.test");

    await windows.kmsprobe("check", "-r", `${dns.resolver.address}:${dns.resolver.port}`, "--format", "json");
    await dns.stop();
    expect([...asked]).toEqual(
      expect.arrayContaining(["one.test", "two.test", "here.test"].map((domain) => `_vlmcs._tcp.${domain}`)),
    );
    expect([...asked].filter((name) => name.includes("gone"))).toEqual([]);
  });

  test("no colour where no terminal is, and a mistake is one line", async () => {
    expect((await windows.kmsprobe("check", host)).stdout).not.toContain(ESCAPE);
    const mistaken = await windows.kmsprobe("check", "-f", "C:\\nowhere\\hosts.txt");
    expect(mistaken.code).toBe(2);
    const said = mistaken.stderr.trim().split("\n").at(-1);
    expect(said).toMatch(/^kmsprobe: .*C:\\nowhere\\hosts\.txt/);
  });
});
