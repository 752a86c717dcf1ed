import { createSocket } from "node:dgram";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "./available.ts";
import { withShiftedClock } from "./faketime.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type RunningServer, startProcess } from "./process.ts";

/** A client request of NTP version 4 without any timestamp: written out, nothing here depends on the codec. */
const REQUEST = Buffer.concat([Buffer.from([0x23]), Buffer.alloc(47)]);

/**
 * Starts chronyd as an NTP server that leaves this machine's clock alone (-x). Needs root.
 * @param settings.port one that is free, where none is given
 * @param settings.shiftSeconds how far its clock is ahead of this machine's
 * @param settings.unset a server whose clock nobody sets, and which says so (leap indicator 3)
 */
export async function startChronyd(
  settings: { address?: string; port?: number; shiftSeconds?: number; unset?: boolean } = {},
): Promise<RunningServer> {
  const address = settings.address ?? loopbackAddress();
  const port = settings.port ?? (await freePort(address));
  const dir = await makeServerDir("chrony");
  const conf = join(dir, "chrony.conf");
  const lines = [
    `port ${port}`,
    `bindaddress ${address}`,
    "cmdport 0",
    "bindcmdaddress /",
    "allow 127.0.0.0/8",
    `pidfile ${join(dir, "chronyd.pid")}`,
    // Without an upstream a server has no time to give, unless it is told to believe its own clock.
    ...(settings.unset === true ? [] : ["local stratum 8"]),
    "",
  ];
  await writeFile(conf, lines.join("\n"));
  const daemon = { command: programPath("chronyd"), args: ["-x", "-d", "-u", "root", "-f", conf] };
  const { output, stop } = await startProcess({
    ...withShiftedClock(daemon, settings.shiftSeconds ?? 0),
    dir,
    ready: () => answers(address, port),
  });
  return { address, port, output, stop };
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const finish = (answered: boolean): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on("error", () => {}).close();
      resolve(answered);
    };
    const timer = setTimeout(() => finish(false), 200);
    socket.once("message", (message) => finish(message.length >= 48));
    socket.once("error", () => finish(false));
    socket.connect(port, address, () => socket.send(REQUEST));
  });
}
