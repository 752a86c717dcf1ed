/** The exporter as it is run, and what a client of it asks. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { freePort, loopbackAddress } from "../servers/free-port.ts";
import type { Office } from "../verify-docs/office.ts";
import { start } from "./kmsprobe.ts";
import type { RunOptions } from "./kmsprobe.ts";

export type Served = {
  url: string;
  pid: number;
  log: () => string;
  hangUp: () => void;
  stop: () => Promise<number | null>;
};

/** Starts the exporter with this configuration as serve.yaml of `dir`, and waits until it answers. */
export async function startExporter(
  dir: string,
  given: object | null,
  flags: readonly string[] = [],
  options: RunOptions = {},
): Promise<Served> {
  const file = join(dir, "serve.yaml");
  if (given !== null) await writeFile(file, stringify(given));
  const address = loopbackAddress();
  const port = await freePort(address);
  const args = ["serve", "--listen", `${address}:${port}`, "--log-format", "json", ...flags];
  const all = given === null ? args : [...args, "--config", file];
  const { process: child, finished } = start(all, options);
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const stop = async (): Promise<number | null> => {
    child.kill("SIGTERM");
    return (await finished).code;
  };
  for (let tries = 0; !log.includes('"listening"'); tries += 1) {
    if (tries > 1_000 || child.exitCode !== null) throw new Error(`no exporter: ${log}`);
    await sleep(20);
  }
  const scheme = flags.includes("--web-config") && log.includes('"tls":true') ? "https" : "http";
  return {
    url: `${scheme}://${address}:${port}`,
    pid: child.pid ?? -1,
    log: () => log,
    hangUp: () => child.kill("SIGHUP"),
    stop,
  };
}

/** Place hq, an impatient module, and an interval of a second, unless said otherwise. */
export function configurationFor(office: Office, more: object = {}): object {
  return {
    version: 1,
    place: "hq",
    modules: { kms: { resolvers: office.resolvers, timeout: "1s", retries: 0, "rpc-timeout": "1s" } },
    allow: [office.domain, "127.71.0.0/16"],
    "min-interval": "1s",
    ...more,
  };
}

export async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(url, { headers });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

/** The value of the first series that begins so. */
export function valueOf(text: string, begins: string): number | null {
  const line = text.split("\n").find((each) => each.startsWith(begins));
  return line === undefined ? null : Number(line.slice(line.lastIndexOf(" ") + 1));
}

export async function until(what: () => Promise<boolean>, limitMs = 20_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await what())) {
    if (performance.now() > endMs) throw new Error("it never came to that");
    await sleep(100);
  }
}
