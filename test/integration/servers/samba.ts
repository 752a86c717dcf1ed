import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { programPath } from "./available.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type Place, type RunningProcess, startProcess } from "./process.ts";
import { firstAnswer } from "./tcp-answers.ts";

/** The endpoint mapper, whose port is fixed, and lsarpc (also samr, netlogon) on another. */
export type RunningSamba = Omit<RunningProcess, "pid"> & {
  address: string;
  epmapperPort: 135;
  lsarpcPort: number;
};

/**
 * A bind (C706 12.6.4.3) without any presentation context. Samba answers it with a bind_nak, and to do so it
 * has to start the worker behind the port. Written out: nothing here may depend on the codec under test.
 */
const EMPTY_BIND = Buffer.from("05000b03100000001c00000001000000d016d0160000000000000000", "hex");

/**
 * Starts Samba's DCE/RPC listener with two services, on a loopback address of its own. Needs root: port 135.
 *
 * When this returns, both workers have answered once: Samba starts them on the first connection, and a first
 * bind can wait seconds for that.
 */
export async function startSamba(
  settings: { address?: string; place?: Place & { isUp: () => boolean } } = {},
): Promise<RunningSamba> {
  const { address = loopbackAddress(), place } = settings;
  const lsarpcPort = place?.port ?? (await freePort(address));
  const dir = await makeServerDir("samba");
  await writeConfig(dir, address, lsarpcPort);

  const daemon = programPath("samba-dcerpcd");
  const { output, stop } = await startProcess({
    command: daemon,
    args: [
      "--foreground",
      "--no-process-group",
      "--debug-stdout",
      `--configfile=${join(dir, "smb.conf")}`,
      `--log-basename=${join(dir, "log")}`,
      // Only these two of the seven: each further service is a further port to listen on.
      join(dirname(daemon), "rpcd_epmapper"),
      join(dirname(daemon), "rpcd_lsad"),
    ],
    dir,
    namespace: place?.namespace,
    ready: async () => {
      // From outside of its namespace nobody can ask: there the first bind waits for the worker.
      if (place !== undefined) return place.isUp();
      const ports = [135, lsarpcPort];
      const answers = await Promise.all(ports.map((port) => firstAnswer(address, port, EMPTY_BIND, 5_000)));
      return answers.every((answer) => answer !== null);
    },
  });
  return { address, epmapperPort: 135, lsarpcPort, output, stop };
}

async function writeConfig(dir: string, address: string, lsarpcPort: number): Promise<void> {
  const folders = ["private", "lock", "state", "cache", "pid", "ncalrpc", "log"];
  await Promise.all(folders.map((folder) => mkdir(join(dir, folder), { mode: 0o755 })));
  const lines = [
    "[global]",
    "netbios name = RPCTEST",
    "workgroup = TEST",
    "server role = standalone server",
    // With a mask it is taken as an interface even though `lo` carries 127.0.0.1 only.
    `interfaces = ${address}/${address.includes(":") ? 128 : 8}`,
    "bind interfaces only = yes",
    "disable netbios = yes",
    "load printers = no",
    // smbd would start this daemon on demand; without this line it refuses to be started by anybody else.
    "rpc start on demand helpers = false",
    // Two services share one process and so one port: a range of one says which it is.
    `rpc server dynamic port range = ${lsarpcPort}-${lsarpcPort}`,
    `private dir = ${join(dir, "private")}`,
    `passdb backend = tdbsam:${join(dir, "private", "passdb.tdb")}`,
    `lock directory = ${join(dir, "lock")}`,
    `state directory = ${join(dir, "state")}`,
    `cache directory = ${join(dir, "cache")}`,
    `pid directory = ${join(dir, "pid")}`,
    `ncalrpc dir = ${join(dir, "ncalrpc")}`,
    `usershare path = ${join(dir, "usershare")}`,
    `log file = ${join(dir, "log", "log.%m")}`,
    "",
  ];
  await writeFile(join(dir, "smb.conf"), lines.join("\n"));
}
