/** What stands between a client and a host: forwarders, proxies and the user-mode networks of containers, as Debian has them. */
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "../integration/servers/available.ts";
import { makeServerDir, type RunningProcess, startProcess } from "../integration/servers/process.ts";
import { startNginx } from "./peers.ts";
import type { Host } from "./topology.ts";

type Stoppable = { stop: () => Promise<void> };

/** The way a command runs that is to live behind one of these: what goes before `kmsprobe`. */
export type Behind = Stoppable & { wrapper: readonly string[] };

// ---------------------------------------------------------------------------------------------------- forwarders

/** sshuttle on `host`, through an sshd of its own on `gateway`, for one network: nat method, as root. */
export async function startSshuttle(
  host: Host,
  gateway: Host,
  { address, network }: { address: string; network: string },
): Promise<Stoppable> {
  const dir = await makeServerDir("sshuttle");
  const [hostKey, userKey] = [join(dir, "host"), join(dir, "user")];
  for (const file of [hostKey, userKey])
    host.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file]);
  const known = host.run(["cat", `${userKey}.pub`]);
  await writeFile(join(dir, "authorized"), known);
  await chmod(dir, 0o700);
  await mkdir("/run/sshd", { recursive: true });
  const conf = join(dir, "sshd_config");
  await writeFile(
    conf,
    `Port 2222
HostKey ${hostKey}
AuthorizedKeysFile ${join(dir, "authorized")}
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
PasswordAuthentication no
`,
  );
  const sshd = await startProcess({
    command: programPath("sshd"),
    args: ["-D", "-e", "-f", conf],
    dir: await makeServerDir("sshd"),
    namespace: gateway.namespace,
    ready: () => gateway.listens(2222),
  });
  const ssh = `ssh -p 2222 -i ${userKey} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes`;
  const client = await startProcess({
    command: programPath("sshuttle"),
    args: ["--method", "nat", "--disable-ipv6", "-e", ssh, "-r", `root@${address}`, network],
    dir,
    namespace: host.namespace,
    // It says so before its rules are in place.
    ready: (said) =>
      /Connected to server/i.test(said) && host.run(["iptables", "-t", "nat", "-S"]).includes("-j REDIRECT"),
  });
  return {
    stop: async () => {
      await client.stop();
      // Its helper, which takes the rules out again, is killed with it.
      host.run(["iptables", "-t", "nat", "-F"]);
      await sshd.stop();
    },
  };
}

/** dante's sockd on `gateway`, without a password, out of the interface that leads to the servers. */
export async function startDante(
  gateway: Host,
  { inside, outside }: { inside: string; outside: string },
): Promise<RunningProcess> {
  const dir = await makeServerDir("dante");
  const conf = join(dir, "danted.conf");
  await writeFile(
    conf,
    `logoutput: stderr
internal: ${inside} port = 1080
external: ${outside}
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
`,
  );
  return startProcess({
    command: programPath("danted"),
    args: ["-f", conf, "-p", join(dir, "pid")],
    dir,
    namespace: gateway.namespace,
    ready: () => gateway.listens(1080),
  });
}

/** redsocks on `host`; a rule of its own sends it what is for the network. */
export async function startRedsocks(
  host: Host,
  { proxy, network }: { proxy: string; network: string },
): Promise<Stoppable> {
  const dir = await makeServerDir("redsocks");
  const conf = join(dir, "redsocks.conf");
  await writeFile(
    conf,
    `base { log_debug = off; log_info = off; log = "stderr"; daemon = off; redirector = iptables; }
redsocks { local_ip = 127.0.0.1; local_port = 12345; ip = ${proxy}; port = 1080; type = socks5; }
`,
  );
  const running = await startProcess({
    command: programPath("redsocks"),
    args: ["-c", conf],
    dir,
    namespace: host.namespace,
    ready: () => host.listens(12345),
  });
  const table = `table ip redsocks {
chain output { type nat hook output priority -100
ip daddr ${network} tcp dport 1-65535 redirect to :12345
}
}`;
  host.run(["nft", "-f", "-"], table);
  return {
    stop: async () => {
      host.run(["nft", "delete", "table", "ip", "redsocks"]);
      await running.stop();
    },
  };
}

/** proxychains4 in front of a command. */
export async function proxychains(proxy: string): Promise<Behind> {
  const dir = await makeServerDir("proxychains");
  const conf = join(dir, "proxychains.conf");
  await writeFile(
    conf,
    `strict_chain
quiet_mode
tcp_read_time_out 2000
tcp_connect_time_out 1500
[ProxyList]
socks5 ${proxy} 1080
`,
  );
  return { wrapper: [programPath("proxychains4"), "-q", "-f", conf], stop: async () => {} };
}

/** nginx as a forwarder of TCP. */
export async function startStream(host: Host, listen: string, backend: string): Promise<RunningProcess> {
  const dir = await makeServerDir("nginx-stream");
  return startNginx(
    { host, listen, dir },
    `stream { server { listen ${listen}; proxy_pass ${backend}; } }`,
    "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n",
  );
}

/** stunnel as a client: plaintext in, TLS out. */
export async function startStunnel(host: Host, listen: string, backend: string): Promise<RunningProcess> {
  const dir = await makeServerDir("stunnel");
  const conf = join(dir, "stunnel.conf");
  await writeFile(
    conf,
    `foreground = yes
pid =
[kms]
client = yes
accept = ${listen}
connect = ${backend}
`,
  );
  return startProcess({
    command: programPath("stunnel4"),
    args: [conf],
    dir,
    namespace: host.namespace,
    ready: () => host.listens(Number(listen.slice(listen.lastIndexOf(":") + 1))),
  });
}

// ------------------------------------------------------------------------------------------ containers' networks

/** A namespace of its own whose only link is slirp4netns's TAP; slirp4netns itself runs on `host`. */
export async function startSlirp(host: Host, inside: Host): Promise<Behind> {
  const running = await startProcess({
    command: programPath("slirp4netns"),
    args: ["--netns-type=path", "--configure", `/run/netns/${inside.namespace}`, "tap0"],
    dir: await makeServerDir("slirp"),
    namespace: host.namespace,
    ready: () => inside.run(["ip", "-o", "addr", "show"]).includes("10.0.2.100"),
  });
  return { wrapper: [], stop: running.stop };
}

/** A command in pasta's own namespaces. Not as root, of whom pasta wants nothing: then everybody may open a TUN. */
export async function pasta(): Promise<readonly string[]> {
  const script = join(await makeServerDir("pasta"), "pasta.sh");
  const text = `#!/bin/sh
tun=$(mktemp -u)
mknod -m 666 "$tun" c 10 200
mount --bind "$tun" /dev/net/tun
rm "$tun"
exec setpriv --reuid 65534 --regid 65534 --clear-groups \\
  pasta --config-net -q -f -I tap0 -t none -u none -- "$@"
`;
  await writeFile(script, text, { mode: 0o755 });
  return [programPath("unshare"), "-m", script];
}

// ------------------------------------------------------------------------------------------------------- tunnels

/** tinc 1.0 in router mode; the peer is told to be at an address where nobody answers. */
export async function startTinc(
  host: Host,
  inside: { address: string; network: string },
): Promise<Stoppable> {
  const dir = await makeServerDir("tinc");
  await mkdir(join(dir, "hosts"));
  await writeFile(join(dir, "tinc.conf"), "Name = here\nInterface = tinc0\nConnectTo = there\nPort = 6550\n");
  host.run(["tincd", "-c", dir, "-K1024"], "\n\n\n\n");
  const up = join(dir, "tinc-up");
  await writeFile(
    up,
    `#!/bin/sh
ip link set tinc0 up
ip addr add ${inside.address}/24 dev tinc0
ip route add ${inside.network} dev tinc0
`,
    { mode: 0o755 },
  );
  await writeFile(join(dir, "hosts", "there"), `Address = 10.71.1.98\nSubnet = ${inside.network}\n`);
  return startProcess({
    command: programPath("tincd"),
    args: ["-D", "-c", dir, "--pidfile", join(dir, "pid")],
    dir,
    namespace: host.namespace,
    ready: () => host.run(["ip", "route"]).includes("dev tinc0"),
  });
}
