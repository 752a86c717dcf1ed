import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "./available.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type RunningServer, startProcess } from "./process.ts";

/**
 * Starts dnsmasq on loopback with configuration lines of the test, e.g.
 * "srv-host=_vlmcs._tcp.corp.test,kms1.corp.test,1688".
 *
 * It reads neither /etc/resolv.conf nor /etc/hosts, so it has no upstream unless a line names one. A name it
 * does not own is REFUSED, or NXDOMAIN under a "local=/corp.test/" line.
 */
export async function startDnsmasq(settings: {
  lines: readonly string[];
  address?: string;
}): Promise<RunningServer> {
  const address = settings.address ?? loopbackAddress();
  const port = await freePort(address);
  const dir = await makeServerDir("dnsmasq");
  const basics = [
    "keep-in-foreground",
    "no-resolv",
    "no-hosts",
    "bind-interfaces",
    `listen-address=${address}`,
    `port=${port}`,
    "user=root", // it would give its rights away to a user that cannot read its directory
    "group=root",
    `pid-file=${join(dir, "dnsmasq.pid")}`,
    "log-facility=-",
  ];
  const conf = join(dir, "dnsmasq.conf");
  await writeFile(conf, [...basics, ...settings.lines, ""].join("\n"));

  const { output, stop } = await startProcess({
    command: programPath("dnsmasq"),
    args: ["-C", conf],
    dir,
    ready: (said) => said.includes("started, version"),
  });
  return { address, port, output, stop };
}
