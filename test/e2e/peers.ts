/** What listens on the hosts of a topology: real servers where they do it, scripts for what real ones won't do. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { programPath, SYSTEM_PYTHON } from "../integration/servers/available.ts";
import { startImpacket } from "../integration/servers/impacket.ts";
import { type NamedOptions, startNamed } from "../integration/servers/named.ts";
import { makeServerDir, type RunningProcess, startProcess } from "../integration/servers/process.ts";
import { startSamba } from "../integration/servers/samba.ts";
import { KMS_INTERFACE } from "../integration/support/kmsprobe.ts";
import type { Host } from "./topology.ts";

export const KMS_PORT = 1688;

type Stoppable = { stop: () => Promise<void> };

/** Stops in the reverse of the order in which they were started. */
export class Peers {
  readonly #running: Stoppable[] = [];

  async add<Peer extends Stoppable>(starting: Promise<Peer>): Promise<Peer> {
    const peer = await starting;
    this.#running.push(peer);
    return peer;
  }

  async stop(): Promise<void> {
    for (const peer of this.#running.splice(0).toReversed()) await peer.stop();
  }
}

/** A peer that is stopped when the test that started it is over. */
export async function forThisTest<Peer extends Stoppable>(starting: Promise<Peer>): Promise<Peer> {
  const peer = await starting;
  onTestFinished(() => peer.stop());
  return peer;
}

/** impacket's RPC server with the KMS interface: one connection at a time, binds only. IPv4. */
export function startKms(host: Host, address: string, port = KMS_PORT): Promise<Stoppable> {
  return startImpacket({ ...KMS_INTERFACE, address, place: { namespace: host.namespace, port } });
}

/** BIND 9 on port 53 of a host. */
export function startDns(host: Host, options: Omit<NamedOptions, "place">): Promise<Stoppable> {
  return startNamed({ ...options, place: { namespace: host.namespace, port: 53 } });
}

/** Samba's lsarpc: an RPC server that has never heard of KMS. */
export function startLsarpc(host: Host, address: string, port: number): Promise<Stoppable> {
  const isUp = (): boolean => host.listens(port);
  return startSamba({ address, place: { namespace: host.namespace, port, isUp } });
}

/** What peers/rpc-host.py can be asked to do. */
export type RpcScript =
  | "serves"
  | "starting"
  | "accepts-anything"
  | "syntax-refused"
  | "bind-nak"
  | "fault"
  | "garbled"
  | "silent"
  | "closes"
  | "resets"
  | "closes-at-once"
  | "resets-at-once"
  | "full";

export function startRpcScript(host: Host, address: string, port: number, script: RpcScript) {
  return startScript(host, "rpc-host.py", [address, String(port), script]);
}

/** What peers/rpc-proxy.py objects to. */
export type ProxyMode = "several-syntaxes" | "interface" | "reassembly" | "passes";

/** A proxy in front of a host, which treats binds as middleboxes do. */
export function startProxy(
  host: Host,
  front: { address: string; port: number },
  backend: { address: string; port: number },
  mode: ProxyMode,
) {
  return startScript(host, "rpc-proxy.py", [
    front.address,
    String(front.port),
    backend.address,
    String(backend.port),
    mode,
  ]);
}

/** What peers/dns-host.py can be asked to do. */
export type DnsScript =
  | "slow"
  | "wrong-id"
  | "wrong-question"
  | "elsewhere"
  | "garbage"
  | "notimp"
  | "srv-only"
  | "aliases"
  | "docker"
  | "tailscale"
  | "silent";

/** A resolver on port 53 that lists one host with one address, in the manner of its script. */
export function startDnsScript(
  host: Host,
  address: string,
  script: DnsScript,
  listed: { name: string; address: string },
) {
  return startScript(host, "dns-host.py", [address, script, listed.name, listed.address]);
}

/** Keeps connections open. */
export function startHolder(host: Host, address: string, port: number, count: number) {
  return startScript(host, "holder.py", [address, String(port), String(count)]);
}

/** One of peers/, which says "ready". */
export async function startScript(
  host: Host,
  script: string,
  args: readonly string[],
): Promise<RunningProcess> {
  return startProcess({
    command: SYSTEM_PYTHON,
    args: ["-I", fileURLToPath(new URL(`./peers/${script}`, import.meta.url)), ...args],
    dir: await makeServerDir("script"),
    namespace: host.namespace,
    ready: (said) => said.includes("ready"),
  });
}

/** HAProxy in TCP mode: each `address:port` it listens on, the backend behind it, and who speaks of it in a PROXY header. */
export async function startLoadBalancer(
  host: Host,
  forwards: readonly { listen: string; backend: string; proxyHeader?: "sends" | "expects" }[],
): Promise<RunningProcess> {
  const dir = await makeServerDir("haproxy");
  const conf = join(dir, "haproxy.cfg");
  const proxies = forwards.map(
    ({ listen, backend, proxyHeader }, index) =>
      `listen proxy-${index}\n  bind ${listen}${proxyHeader === "expects" ? " accept-proxy" : ""}\n` +
      `  server backend ${backend} source 0.0.0.0${proxyHeader === "sends" ? " send-proxy" : ""}\n`,
  );
  await writeFile(
    conf,
    `defaults
  mode tcp
  timeout connect 30s
  timeout client 30s
  timeout server 30s
  retries 0
${proxies.join("")}`,
  );
  const ports = forwards.map(({ listen }) => Number(listen.slice(listen.lastIndexOf(":") + 1)));
  return startProcess({
    command: programPath("haproxy"),
    args: ["-db", "-f", conf],
    dir,
    namespace: host.namespace,
    ready: () => ports.every((port) => host.listens(port)),
  });
}

/** nginx: a web server, where an RPC server was expected. */
export async function startWeb(host: Host, listen: string): Promise<RunningProcess> {
  const dir = await makeServerDir("nginx");
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const temp = scratch.map((name) => `  ${name}_temp_path ${join(dir, name)};\n`).join("");
  return startNginx(
    { host, listen, dir },
    `http {
  access_log off;
${temp}
  server { listen ${listen}; return 200 "a web server\\n"; }
}`,
  );
}

/** @param what follows the lines that each of them has; modules come before these */
export async function startNginx(
  { host, listen, dir }: { host: Host; listen: string; dir: string },
  what: string,
  modules = "",
): Promise<RunningProcess> {
  const conf = join(dir, "nginx.conf");
  await writeFile(
    conf,
    `${modules}daemon off;
user root;
worker_processes 1;
pid ${join(dir, "nginx.pid")};
error_log stderr;
events { worker_connections 64; }
${what}
`,
  );
  return startProcess({
    command: programPath("nginx"),
    args: ["-e", "stderr", "-p", dir, "-c", conf],
    dir,
    namespace: host.namespace,
    ready: () => host.listens(Number(listen.slice(listen.lastIndexOf(":") + 1))),
  });
}
