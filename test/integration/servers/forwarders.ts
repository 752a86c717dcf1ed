/** Resolvers that hand questions on, each on loopback and with one upstream: nobody else is ever asked. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "./available.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type RunningServer, startProcess } from "./process.ts";

export type Upstream = { address: string; port: number };

type Started = { program: string; args: readonly string[]; ready: string };

/** A place to listen, a folder, and the program in it. */
async function start(
  name: string,
  configure: (at: Upstream & { dir: string }) => Promise<Started> | Started,
): Promise<RunningServer> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const dir = await makeServerDir(name);
  const { program, args, ready } = await configure({ address, port, dir });
  const { output, stop } = await startProcess({
    command: programPath(program),
    args,
    dir,
    ready: (said) => said.includes(ready),
  });
  return { address, port, output, stop };
}

/** @param lines further ones of its `server:` clause */
export function startUnbound(upstream: Upstream, lines: readonly string[] = []): Promise<RunningServer> {
  return start("unbound", async ({ address, port, dir }) => {
    const conf = join(dir, "unbound.conf");
    const server = [
      `interface: ${address}`,
      `port: ${port}`,
      `directory: "${dir}"`,
      'chroot: ""',
      'username: ""',
      'pidfile: ""',
      "use-syslog: no",
      "verbosity: 1",
      "do-not-query-localhost: no",
      'module-config: "iterator"',
      'local-zone: "test." nodefault',
      ...lines,
    ];
    const text = [
      "server:",
      ...server.map((line) => `  ${line}`),
      "forward-zone:",
      '  name: "."',
      `  forward-addr: ${upstream.address}@${upstream.port}`,
      "",
    ];
    await writeFile(conf, text.join("\n"));
    return { program: "unbound", args: ["-d", "-c", conf], ready: "start of service" };
  });
}

export function startKresd(upstream: Upstream): Promise<RunningServer> {
  return start("kresd", async ({ address, port, dir }) => {
    const conf = join(dir, "kresd.conf");
    const text = [
      `net.listen('${address}', ${port}, { kind = 'dns' })`,
      ...["ta_update", "ta_signal_query", "priming", "detect_time_skew"].map(
        (each) => `modules.unload('${each}')`,
      ),
      "trust_anchors.remove('.')",
      "modules.load('policy')",
      `policy.add(policy.all(policy.FORWARD('${upstream.address}@${upstream.port}')))`,
      "cache.size = 2 * MB",
      "print('it is ready')",
      "",
    ];
    await writeFile(conf, text.join("\n"));
    return { program: "kresd", args: ["-n", "-c", conf, dir], ready: "it is ready" };
  });
}

export function startRecursor(upstream: Upstream): Promise<RunningServer> {
  return start("recursor", async ({ address, port, dir }) => {
    const settings = [
      `local-address=${address}`,
      `local-port=${port}`,
      `socket-dir=${dir}`,
      `forward-zones-recurse=.=${upstream.address}:${upstream.port}`,
      "dont-query=",
      "dnssec=off",
      "security-poll-suffix=",
      "threads=1",
      "loglevel=6",
      "",
    ];
    await writeFile(join(dir, "recursor.conf"), settings.join("\n"));
    return { program: "pdns_recursor", args: [`--config-dir=${dir}`], ready: "Enabled multiplexer" };
  });
}

export function startDnsdist(upstream: Upstream, lines: readonly string[] = []): Promise<RunningServer> {
  return start("dnsdist", async ({ address, port, dir }) => {
    const conf = join(dir, "dnsdist.conf");
    const text = [
      `setLocal('${address}:${port}')`,
      'setSecurityPollSuffix("")',
      `newServer({ address = '${upstream.address}:${upstream.port}' })`,
      ...lines,
      "",
    ];
    await writeFile(conf, text.join("\n"));
    return { program: "dnsdist", args: ["--supervised", "-C", conf], ready: "Listening on" };
  });
}

/** With a /run of its own, and the user that it wants to be; nothing outside of that process sees them. */
const RESOLVED = `
set -eu
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/resolved.conf.d /run/systemd/resolve
cp "$1" /run/systemd/resolved.conf.d/test.conf
mount --bind "$2" /etc/passwd
export SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=info
chown 991:991 /run/systemd/resolve
exec "$3"
`;

/** systemd-resolved, without D-Bus. @param lines of its `[Resolve]` section. Needs root. */
export function startResolved(upstream: Upstream, lines: readonly string[] = []): Promise<RunningServer> {
  return start("resolved", async ({ address, port, dir }) => {
    const conf = join(dir, "resolved.conf");
    const passwd = join(dir, "passwd");
    const settings = [
      "[Resolve]",
      `DNS=${upstream.address}:${upstream.port}`,
      "FallbackDNS=",
      "LLMNR=no",
      "MulticastDNS=no",
      "DNSSEC=no",
      "DNSStubListener=no",
      `DNSStubListenerExtra=${address}:${port}`,
      ...lines,
      "",
    ];
    await mkdir(dir, { recursive: true });
    await writeFile(conf, settings.join("\n"));
    await writeFile(passwd, "root:x:0:0::/root:/bin/sh\nsystemd-resolve:x:991:991::/:/usr/sbin/nologin\n");
    const args = ["--mount", "sh", "-c", RESOLVED, "sh", conf, passwd, programPath("systemd-resolved")];
    return { program: "unshare", args, ready: "Using system hostname" };
  });
}
