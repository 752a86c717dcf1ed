import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { programPath } from "./available.ts";
import { freePort, loopbackAddress } from "./free-port.ts";
import { makeServerDir, type RunningServer, startProcess } from "./process.ts";

export type Series = { labels: Record<string, string>; value: number };
export type RunningPrometheus = RunningServer & {
  /** An instant query. */
  query: (expression: string) => Promise<Series[]>;
  /** Alerts that are pending or firing. */
  alerts: () => Promise<{ name: string; state: string; labels: Record<string, string> }[]>;
};

/** Starts Prometheus on loopback with a configuration, and rules beside it as rules.yml. */
export async function startPrometheus(
  configuration: object,
  rules = "groups: []\n",
): Promise<RunningPrometheus> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const dir = await makeServerDir("prometheus");
  await writeFile(join(dir, "prometheus.yml"), stringify(configuration));
  await writeFile(join(dir, "rules.yml"), rules);
  const { output, stop } = await startProcess({
    command: programPath("prometheus"),
    args: [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=${address}:${port}`,
    ],
    dir,
    ready: (said) => said.includes("Server is ready to receive web requests"),
  });
  const ask = async (path: string): Promise<unknown> =>
    await (await fetch(`http://${address}:${port}/api/v1/${path}`)).json();
  return {
    address,
    port,
    output,
    stop,
    async query(expression) {
      const answer = await ask(`query?query=${encodeURIComponent(expression)}`);
      return resultOf(answer).map(({ metric = {}, value = [0, "NaN"] }) => ({
        labels: metric,
        value: Number(value[1]),
      }));
    },
    async alerts() {
      return alertsOf(await ask("alerts")).map(({ labels, state }) => ({
        name: labels["alertname"] ?? "",
        state,
        labels,
      }));
    },
  };
}

type Answer<Data> = { status: string; error?: string; data: Data };
type Found = { metric?: Record<string, string>; value?: [number, string] };
type Alert = { labels: Record<string, string>; state: string };

function resultOf(answer: unknown): Found[] {
  const { status, error, data } = answer as Answer<{ result: Found[] }>;
  if (status !== "success") throw new Error(error);
  return data.result;
}

function alertsOf(answer: unknown): Alert[] {
  return (answer as Answer<{ alerts: Alert[] }>).data.alerts;
}
