/** IPsec between two sites: strongSwan at both, with ESP in user space (kernel-libipsec), since the kernel may have none. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "../integration/servers/available.ts";
import { makeServerDir, type RunningProcess, startProcess } from "../integration/servers/process.ts";
import type { Host } from "./topology.ts";

export type Site = { host: Host; outside: string; network: string };

const PLUGINS =
  "random nonce openssl aes sha2 hmac kdf pem pubkey kernel-libipsec kernel-netlink socket-default vici";

/** A tunnel between the networks of two sites. No address is given out: each site keeps its own. */
export async function startStrongSwan(here: Site, there: Site): Promise<{ stop: () => Promise<void> }> {
  const answering = await startEnd(there, here);
  const asking = await startEnd(here, there);
  here.host.run(["swanctl", "--initiate", "--child", "sites", "--uri", asking.uri]);
  return {
    stop: async () => {
      await asking.running.stop();
      await answering.running.stop();
    },
  };
}

async function startEnd(own: Site, peer: Site): Promise<{ running: RunningProcess; uri: string }> {
  const dir = await makeServerDir("strongswan");
  const uri = `unix://${join(dir, "vici")}`;
  const conf = join(dir, "strongswan.conf");
  await writeFile(
    conf,
    `charon-systemd {
  load = ${PLUGINS}
  plugins { vici { socket = ${uri} } }
}
`,
  );
  const connection = join(dir, "swanctl.conf");
  await writeFile(
    connection,
    `connections {
  sites {
    version = 2
    proposals = aes256-sha256-ecp256
    local_addrs = ${own.outside}
    remote_addrs = ${peer.outside}
    local { auth = psk
      id = ${own.host.name} }
    remote { auth = psk
      id = ${peer.host.name} }
    children {
      sites { local_ts = ${own.network}
        remote_ts = ${peer.network}
        esp_proposals = aes256-sha256 }
    }
  }
}
secrets { ike { secret = "for one test only" } }
`,
  );
  const { namespace } = own.host;
  const running = await startProcess({
    command: programPath("env"),
    args: [`STRONGSWAN_CONF=${conf}`, programPath("charon-systemd")],
    dir,
    namespace,
    ready: () => own.host.run(["ss", "-Hlnx"]).includes(join(dir, "vici")),
  });
  own.host.run(["swanctl", "--load-all", "--file", connection, "--uri", uri]);
  return { running, uri };
}
