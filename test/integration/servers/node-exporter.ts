import { programPath } from "./available.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type RunningServer, startProcess } from "./process.ts";

/** Starts node_exporter on loopback with its textfile collector alone, reading this folder. */
export async function startNodeExporter(folder: string): Promise<RunningServer> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const { output, stop } = await startProcess({
    command: programPath("prometheus-node-exporter"),
    args: [
      "--collector.disable-defaults",
      "--collector.textfile",
      `--collector.textfile.directory=${folder}`,
      `--web.listen-address=${address}:${port}`,
    ],
    dir: await makeServerDir("node-exporter"),
    ready: (said) => said.includes("Listening on"),
  });
  return { address, port, output, stop };
}
