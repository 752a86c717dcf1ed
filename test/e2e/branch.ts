import type { RunningServer } from "../integration/servers/process.ts";
import { type Host, Network } from "./topology.ts";
import { startWire, type Wire } from "./wire.ts";

export const BRANCH_KMS = "10.71.2.10";
export const BRANCH_KMS6 = "fd71:2::10";

/** Until a host answers at all: nobody listens at the discard port. */
const REACHES = `import errno, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as probe:
    probe.settimeout(10)
    if probe.connect_ex((sys.argv[1], 9)) != errno.ECONNREFUSED: sys.exit("no way to " + sys.argv[1])
`;

export type Branch = {
  client: Host;
  /** The router of the branch. */
  near: Host;
  /** The router at headquarters. */
  far: Host;
  kms: Host;
  network: Network;
  wire: Wire;
  stop: RunningServer["stop"];
};

/**
 * A branch office, whose way to headquarters takes time and may lose packets.
 *
 *     client ───────────── near ~~~~~~~~~~~~~~ far ───────────── kms
 *     10.71.1.10      .1.1      .9.1      .9.2     .2.1      10.71.2.10
 *     fd71:1::10      1::1      9::1      9::2     2::1      fd71:2::10
 *                                wire.py
 */
export async function buildBranch(): Promise<Branch> {
  const network = new Network();
  const [client, near, far, kms] = [
    network.host("client"),
    network.router("near"),
    network.router("far"),
    network.host("kms"),
  ];
  network.cable(
    { host: client, addresses: ["10.71.1.10/24", "fd71:1::10/64"] },
    { host: near, addresses: ["10.71.1.1/24", "fd71:1::1/64"] },
  );
  network.cable(
    { host: kms, addresses: ["10.71.2.10/24", "fd71:2::10/64"] },
    { host: far, addresses: ["10.71.2.1/24", "fd71:2::1/64"] },
  );
  const wire = await startWire(
    { host: near, addresses: ["10.71.9.1/24", "fd71:9::1/64"] },
    { host: far, addresses: ["10.71.9.2/24", "fd71:9::2/64"] },
  );
  client.ip("route add default via 10.71.1.1", "route add default via fd71:1::1");
  near.ip("route add default via 10.71.9.2", "route add default via fd71:9::2");
  far.ip("route add default via 10.71.9.1", "route add default via fd71:9::1");
  kms.ip("route add default via 10.71.2.1", "route add default via fd71:2::1");
  // A first packet may be lost while neighbours are being found, and tests here give up before the second.
  for (const address of [BRANCH_KMS, BRANCH_KMS6]) client.run(["python3", "-I", "-c", REACHES, address]);
  const stop = async (): Promise<void> => {
    await wire.stop();
    network.remove();
  };
  return { client, near, far, kms, network, wire, stop };
}
