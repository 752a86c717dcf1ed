import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "./available.ts";
import { withShiftedClock } from "./faketime.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type RunningServer, startProcess } from "./process.ts";
import { accepts } from "./tcp-answers.ts";

/**
 * Starts Samba's file server, without a share, on a port of its own. Needs root.
 * @param settings.shiftSeconds how far its clock is ahead of this machine's
 * @param settings.minProtocol the oldest dialect it takes, as smb.conf names them: SMB3_11 takes nothing older
 */
export async function startSmbd(
  settings: { address?: string; shiftSeconds?: number; minProtocol?: string } = {},
): Promise<RunningServer> {
  const address = settings.address ?? loopbackAddress();
  const port = await freePort(address);
  const dir = await makeServerDir("smbd");
  const folders = ["private", "lock", "state", "cache", "pid", "ncalrpc", "log"];
  await Promise.all(folders.map((folder) => mkdir(join(dir, folder), { mode: 0o755 })));
  const conf = join(dir, "smb.conf");
  const lines = [
    "[global]",
    "netbios name = CLOCKTEST",
    "workgroup = TEST",
    "server role = standalone server",
    // With a mask it is taken as an interface even though `lo` carries 127.0.0.1 only.
    `interfaces = ${address}/8`,
    "bind interfaces only = yes",
    `smb ports = ${port}`,
    "disable netbios = yes",
    "load printers = no",
    ...(settings.minProtocol === undefined ? [] : [`server min protocol = ${settings.minProtocol}`]),
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
  await writeFile(conf, lines.join("\n"));
  const daemon = {
    command: programPath("smbd"),
    // In a process group of its own, which is the default: at its end smbd sends SIGTERM to its whole group.
    args: ["--foreground", "--debug-stdout", `--configfile=${conf}`],
  };
  const { output, stop } = await startProcess({
    ...withShiftedClock(daemon, settings.shiftSeconds ?? 0),
    dir,
    ready: () => accepts(address, port),
  });
  return { address, port, output, stop };
}
