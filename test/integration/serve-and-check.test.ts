/** What the exporter tells of a target is what `check` tells of it: one verdict, whoever asks. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SYSTEM_PYTHON } from "./servers/available.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { makeServerDir, startProcess } from "./servers/process.ts";
import { configurationFor, get, startExporter, valueOf } from "./support/exporter.ts";
import type { Served } from "./support/exporter.ts";
import { runCheck } from "./support/kmsprobe.ts";
import { startOffice } from "./verify-docs/office.ts";
import type { Office } from "./verify-docs/office.ts";

const SCRIPTS = {
  serves: "rpc-serves",
  "accepts-anything": "rpc-accepts-anything",
  "syntax-refused": "rpc-syntax-refused",
  "bind-nak": "rpc-bind-nak",
  fault: "rpc-fault",
  garbled: "rpc-malformed",
  silent: "rpc-no-answer",
  closes: "rpc-closed",
  "closes-at-once": "rpc-closed",
  resets: "rpc-reset",
  "resets-at-once": "tcp-reset",
};

/** Of both. The first bind to a host in a process that is busy took 977 ms once. */
const PATIENCE = "3s";

let office: Office;
let dir: string;
let served: Served;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  office = await startOffice();
  ends.push(() => office.stop());
  dir = await mkdtemp(join(tmpdir(), "kmsprobe-serve-and-check-"));
  ends.push(() => rm(dir, { recursive: true, force: true }));
  const kms = { resolvers: office.resolvers, timeout: PATIENCE, retries: 0, "rpc-timeout": PATIENCE };
  const more = { allow: [office.domain, "127.0.0.0/8"], modules: { kms } };
  served = await startExporter(dir, configurationFor(office, more));
  ends.push(served.stop);
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

async function startHost(script: string): Promise<string> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const file = fileURLToPath(new URL("../e2e/peers/rpc-host.py", import.meta.url));
  const { stop } = await startProcess({
    command: SYSTEM_PYTHON,
    args: ["-I", file, address, String(port), script],
    dir: await makeServerDir("serve-and-check"),
    ready: (said) => said.includes("ready"),
  });
  ends.push(stop);
  return `${address}:${port}`;
}

type Told = {
  success: boolean;
  listed: number;
  serving: number;
  /** `HOST ADDRESS VERDICT CERTAINTY`, with what is said to have been timed. */
  hosts: string[];
};

function labelOf(line: string, label: string): string {
  return new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? "?";
}

async function toldByServe(target: string): Promise<Told> {
  const { status, text } = await get(`${served.url}/probe?target=${target}`);
  expect(status).toBe(200);
  const linesOf = (name: string): string[] => text.split("\n").filter((line) => line.startsWith(`${name}{`));
  const has = (name: string, verdict: string): boolean =>
    linesOf(name).some((line) =>
      ["host", "port", "address"].every((label) => labelOf(line, label) === labelOf(verdict, label)),
    );
  const isServing = (verdict: string): string | undefined =>
    linesOf("kms_host_serves")
      .find((line) =>
        ["host", "port", "address"].every((each) => labelOf(line, each) === labelOf(verdict, each)),
      )
      ?.at(-1);
  return {
    success: valueOf(text, "kms_probe_success{") === 1,
    listed:
      valueOf(
        text,
        `kms_source_hosts{place="hq",target="${target}",module="kms",source="",state="listed"}`,
      ) ?? -1,
    serving:
      valueOf(
        text,
        `kms_source_hosts{place="hq",target="${target}",module="kms",source="",state="serving"}`,
      ) ?? -1,
    hosts: linesOf("kms_host_verdict")
      .map((line) =>
        [
          ...["host", "address", "verdict", "certainty"].map((label) => labelOf(line, label)),
          isServing(line) === "1" ? "serves" : "serves not",
          has("kms_host_tcp_connect_seconds", line) ? "tcp" : "-",
          has("kms_host_rpc_seconds", line) ? "rpc" : "-",
        ].join(" "),
      )
      .toSorted(),
  };
}

async function toldByCheck(target: string): Promise<Told> {
  const asked =
    target === office.domain
      ? ["--domain", target, ...office.resolvers.flatMap((each) => ["--resolver", each])]
      : [target];
  const settings = ["--timeout", PATIENCE, "--retries", "0", "--rpc-timeout", PATIENCE];
  const { report } = await runCheck([...asked, ...settings]);
  return {
    success: report.requirement.met,
    listed: report.requirement.listed,
    serving: report.requirement.serving,
    hosts: report.diagnoses
      .flatMap(({ endpoints }) => endpoints)
      .flatMap(({ endpoint, attempts }) =>
        attempts.map(({ address, verdict, tcp, rpc }) => {
          const answered = [rpc?.bind, rpc?.plain].some(
            (bind) => bind?.answer.outcome === "ok" || bind?.answer.outcome === "denied",
          );
          return [
            endpoint.host,
            address,
            verdict.code,
            verdict.certainty,
            verdict.serves ? "serves" : "serves not",
            tcp.outcome === "ok" ? "tcp" : "-",
            answered ? "rpc" : "-",
          ].join(" ");
        }),
      )
      .toSorted(),
  };
}

test.each(Object.entries(SCRIPTS))("of a host that is %s both tell %s", async (script, code) => {
  const target = await startHost(script);
  const told = await toldByServe(target);
  expect(told).toEqual(await toldByCheck(target));
  expect(told.hosts.join()).toContain(` ${code} `);
  expect(told.listed).toBe(1);
});

test("of a closed port both tell the same", async () => {
  const told = await toldByServe(office.closed);
  expect(told).toEqual(await toldByCheck(office.closed));
  expect(told.hosts.join()).toContain(" tcp-refused ");
});

test("of a domain both tell the same, whole and with a host less", async () => {
  const whole = await toldByServe(office.domain);
  expect(whole).toEqual(await toldByCheck(office.domain));
  expect([whole.success, whole.serving]).toEqual([true, 2]);
  await office.turn(1, "off");
  // The answer of before is given for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const less = await toldByServe(office.domain);
  expect(less).toEqual(await toldByCheck(office.domain));
  expect([less.listed, less.serving]).toEqual([2, 1]);
});
