import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programPath } from "./available.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type RunningServer, startProcess } from "./process.ts";
import { withSoa, type Zones } from "./zone-text.ts";

/** Starts Knot DNS on loopback: authoritative only, on one port that is never 53. */
export async function startKnot(settings: { zones: Zones; address?: string }): Promise<RunningServer> {
  const address = settings.address ?? loopbackAddress();
  const port = await freePort(address);
  const dir = await makeServerDir("knot");

  const zoneItems = Object.entries(settings.zones).map(async ([name, text], index) => {
    await writeFile(join(dir, `zone-${index}.db`), withSoa(text));
    return `  - domain: ${name}\n    file: zone-${index}.db\n`;
  });
  const conf = join(dir, "knot.conf");
  // Nothing is written back: no journal, no zone file; the database that must exist goes with the directory.
  await writeFile(
    conf,
    `server:
    rundir: "${dir}"
    listen: ${address}@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "${dir}"
log:
  - target: stderr
    any: info
template:
  - id: default
    storage: "${dir}"
    journal-content: none
    zonefile-sync: -1
zone:
${(await Promise.all(zoneItems)).join("")}`,
  );

  const { output, stop } = await startProcess({
    command: programPath("knotd"),
    args: ["-c", conf],
    dir,
    ready: (said) => said.includes("server started"),
  });
  return { address, port, output, stop };
}
