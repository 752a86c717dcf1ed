/** A VPN over TLS between two hosts: ocserv at the gateway, openconnect at the laptop. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "../integration/servers/available.ts";
import { makeServerDir, startProcess } from "../integration/servers/process.ts";
import type { TunnelEnds } from "./tunnels.ts";

const PORT = 4443;
const PASSWORD = "for one test only";

/** The laptop gets an address of 10.71.8.0/24, and routes to the company's networks. */
export async function startOpenConnect({ laptop, gateway, gatewayAddress }: TunnelEnds) {
  const dir = await makeServerDir("ocserv");
  const [cert, key] = [join(dir, "cert.pem"), join(dir, "key.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  gateway.run(["openssl", "req", ...kind, "-subj", "/CN=gateway", "-keyout", key, "-out", cert]);
  gateway.run(["ocpasswd", "-c", join(dir, "passwd"), "laptop"], `${PASSWORD}\n${PASSWORD}\n`);
  const conf = join(dir, "ocserv.conf");
  await writeFile(
    conf,
    `auth = "plain[passwd=${join(dir, "passwd")}]"
tcp-port = ${PORT}
run-as-user = root
run-as-group = root
socket-file = ${join(dir, "ocserv.sock")}
use-occtl = false
isolate-workers = false
server-cert = ${cert}
server-key = ${key}
dpd = 5
device = vpns
ipv4-network = 10.71.8.0
ipv4-netmask = 255.255.255.0
route = 10.71.6.0/255.255.255.0
`,
  );
  const atGateway = await startProcess({
    command: programPath("ocserv"),
    args: ["-f", "-c", conf, "-p", join(dir, "pid")],
    dir,
    namespace: gateway.namespace,
    ready: () => gateway.listens(PORT),
  });
  const laptopDir = await makeServerDir("openconnect");
  const script = join(laptopDir, "up.sh");
  await writeFile(
    script,
    `#!/bin/sh
[ "$reason" = connect ] || exit 0
ip link set "$TUNDEV" up mtu 1300
ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
ip route add 10.71.6.0/24 dev "$TUNDEV"
`,
    { mode: 0o755 },
  );
  await writeFile(join(laptopDir, "password"), `${PASSWORD}\n`);
  const pin = gateway.run([
    "sh",
    "-c",
    `openssl x509 -in ${cert} -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`,
  ]);
  const options = `--passwd-on-stdin -u laptop --servercert pin-sha256:${pin.trim()} --no-dtls -i oc0 --script ${script}`;
  const atLaptop = await startProcess({
    command: programPath("sh"),
    args: [
      "-c",
      `exec ${programPath("openconnect")} ${options} https://${gatewayAddress}:${PORT} < password`,
    ],
    dir: laptopDir,
    namespace: laptop.namespace,
    ready: () => laptop.run(["ip", "route"]).includes("10.71.6.0/24 dev oc0"),
  });
  return {
    stop: async (): Promise<void> => {
      await atLaptop.stop();
      await atGateway.stop();
    },
  };
}
