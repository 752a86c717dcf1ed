/** Real tunnels between two hosts: WireGuard in user space (the kernel may have none), and OpenVPN. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "../integration/servers/available.ts";
import { makeServerDir, type RunningProcess, startProcess } from "../integration/servers/process.ts";
import { type Host, setUp } from "./topology.ts";

export const LAPTOP_INSIDE = "10.71.8.10";
const GATEWAY_INSIDE = "10.71.8.1";
const COMPANY = ["10.71.5.0/24", "10.71.6.0/24"];

/** Stop either end, and the tunnel is dead there. */
export type Tunnel = { laptop: RunningProcess; gateway: RunningProcess; stop: () => Promise<void> };

export type TunnelEnds = { laptop: Host; gateway: Host; gatewayAddress: string };

// --------------------------------------------------------------------------------------------------- WireGuard

const WIREGUARD_PORT = 51820;
const CONTROL_SOCKETS = "/var/run/wireguard";
let interfaces = 0;

/** @param options.allowed the networks that the laptop takes the gateway for (AllowedIPs) */
export async function startWireGuard(
  { laptop, gateway, gatewayAddress }: TunnelEnds,
  options: { routes?: readonly string[]; allowed?: readonly string[] } = {},
): Promise<Tunnel> {
  const { routes = COMPANY, allowed = COMPANY } = options;
  const keys = { laptop: makeKeys(laptop), gateway: makeKeys(gateway) };
  const atGateway = await startWireGuardEnd(gateway, `${GATEWAY_INSIDE}/24`, [
    "[Interface]",
    `PrivateKey = ${keys.gateway.secret}`,
    `ListenPort = ${WIREGUARD_PORT}`,
    "[Peer]",
    `PublicKey = ${keys.laptop.open}`,
    `AllowedIPs = ${LAPTOP_INSIDE}/32`,
  ]);
  const atLaptop = await startWireGuardEnd(laptop, `${LAPTOP_INSIDE}/24`, [
    "[Interface]",
    `PrivateKey = ${keys.laptop.secret}`,
    "[Peer]",
    `PublicKey = ${keys.gateway.open}`,
    `Endpoint = ${gatewayAddress}:${WIREGUARD_PORT}`,
    `AllowedIPs = ${[`${GATEWAY_INSIDE}/32`, ...allowed].join(", ")}`,
  ]);
  if (routes.length > 0) laptop.ip(...routes.map((route) => `route add ${route} dev wg0`));
  return tunnelOf(atLaptop, atGateway);
}

async function startWireGuardEnd(
  host: Host,
  address: string,
  configuration: readonly string[],
): Promise<RunningProcess> {
  // The control socket is named after the interface, in a folder that all namespaces share.
  const name = `kp${process.pid}-${++interfaces}`;
  const controlSocket = `${CONTROL_SOCKETS}/${name}.sock`;
  sweepControlSockets();
  const dir = await makeServerDir("wireguard");
  const file = join(dir, "wg.conf");
  await writeFile(file, `${configuration.join("\n")}\n`, { mode: 0o600 });
  const running = await startProcess({
    command: programPath("wireguard-go"),
    args: ["-f", name],
    dir,
    namespace: host.namespace,
    ready: () => existsSync(controlSocket),
  });
  host.run(["wg", "setconf", name, file]);
  host.ip(`link set ${name} down`, `link set ${name} name wg0 mtu 1420`);
  setUp(host, "wg0", [address]);
  // It leaves the socket behind.
  const stop = async (): Promise<void> => {
    await running.stop();
    await rm(controlSocket, { force: true });
  };
  return { ...running, stop };
}

/** A run that was killed leaves them behind. */
function sweepControlSockets(): void {
  if (!existsSync(CONTROL_SOCKETS)) return;
  for (const file of readdirSync(CONTROL_SOCKETS)) {
    const pid = /^kp(\d+)-\d+\.sock$/.exec(file)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(CONTROL_SOCKETS, file), { force: true });
  }
}

function makeKeys(host: Host): { secret: string; open: string } {
  const secret = host.run(["wg", "genkey"]).trim();
  return { secret, open: host.run(["wg", "pubkey"], secret).trim() };
}

// ----------------------------------------------------------------------------------------------------- OpenVPN

/** TLS with a self-signed certificate at each end, each known to the other by its fingerprint. */
export async function startOpenVpn({ laptop, gateway, gatewayAddress }: TunnelEnds): Promise<Tunnel> {
  const [laptopDir, gatewayDir] = [await makeServerDir("openvpn"), await makeServerDir("openvpn")];
  const atLaptop = makeCertificate(laptop, laptopDir);
  const atGateway = makeCertificate(gateway, gatewayDir);
  const running = await Promise.all([
    startOpenVpnEnd(laptop, laptopDir, [
      "tls-client",
      `remote ${gatewayAddress} 1194`,
      "nobind",
      `peer-fingerprint ${atGateway}`,
      `ifconfig ${LAPTOP_INSIDE} ${GATEWAY_INSIDE}`,
      ...COMPANY.map((network) => `route ${network.replace("/24", "")} 255.255.255.0`),
    ]),
    startOpenVpnEnd(gateway, gatewayDir, [
      "tls-server",
      "dh none",
      `peer-fingerprint ${atLaptop}`,
      `ifconfig ${GATEWAY_INSIDE} ${LAPTOP_INSIDE}`,
    ]),
  ]);
  return tunnelOf(...running);
}

async function startOpenVpnEnd(host: Host, dir: string, lines: readonly string[]): Promise<RunningProcess> {
  const common = ["dev tun0", "proto udp", "topology p2p", "data-ciphers AES-256-GCM", "ping 2"];
  const files = [`cert ${join(dir, "cert.pem")}`, `key ${join(dir, "key.pem")}`];
  const conf = join(dir, "openvpn.conf");
  await writeFile(conf, `${[...common, ...files, ...lines].join("\n")}\n`);
  return startProcess({
    command: programPath("openvpn"),
    args: ["--config", conf],
    dir,
    namespace: host.namespace,
    ready: (said) => said.includes("Initialization Sequence Completed"),
  });
}

/** @returns the fingerprint */
function makeCertificate(host: Host, dir: string): string {
  const [cert, key] = [join(dir, "cert.pem"), join(dir, "key.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  host.run(["openssl", "req", ...kind, "-subj", `/CN=${host.name}`, "-keyout", key, "-out", cert]);
  const said = host.run(["openssl", "x509", "-in", cert, "-noout", "-fingerprint", "-sha256"]);
  return said.slice(said.indexOf("=") + 1).trim();
}

function tunnelOf(laptop: RunningProcess, gateway: RunningProcess): Tunnel {
  const stop = async (): Promise<void> => {
    await laptop.stop();
    await gateway.stop();
  };
  return { laptop, gateway, stop };
}
