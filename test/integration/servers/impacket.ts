import { fileURLToPath } from "node:url";
import { SYSTEM_PYTHON } from "./available.ts";
import { loopbackAddress } from "./free-port.ts";
import { makeServerDir, type Place, type RunningServer, startProcess } from "./process.ts";

const SCRIPT = fileURLToPath(new URL("./impacket-server.py", import.meta.url));

/**
 * Starts impacket's DCE/RPC server, on IPv4, for one interface: `{ uuid: "51c82175-...", version: "1.0" }`.
 *
 * It has no operations: it answers binds, and every request with a fault. It serves one connection at a time
 * and hangs for good on half a PDU, so a test closes each connection before it opens the next.
 */
export async function startImpacket(settings: {
  uuid: string;
  version: string;
  address?: string;
  place?: Place;
}): Promise<RunningServer> {
  const { address = loopbackAddress(), place } = settings;
  const { output, stop } = await startProcess({
    command: SYSTEM_PYTHON,
    args: ["-I", SCRIPT, address, settings.uuid, settings.version, String(place?.port ?? 0)],
    namespace: place?.namespace,
    dir: await makeServerDir("impacket"),
    ready: (said) => /^ready \d+$/m.test(said),
  });
  return { address, port: Number(/^ready (\d+)$/m.exec(output())?.[1]), output, stop };
}
