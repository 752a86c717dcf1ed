import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
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
      const { data } = queried.parse(await ask(`query?query=${encodeURIComponent(expression)}`));
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async alerts() {
      const { data } = alerted.parse(await ask("alerts"));
      return data.alerts.map(({ labels, state }) => ({
        name: labels["alertname"] ?? "",
        state,
        labels,
      }));
    },
  };
}

const answered = z.object({ status: z.literal("success") });
const queried = answered.extend({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});
const alerted = answered.extend({
  data: z.object({
    alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })),
  }),
});
