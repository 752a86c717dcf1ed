/** One life of the exporter: from its files to the last answer. A file of its own: it loads hono, zod and prom-client. */
import path from "node:path";
import { createLogOutput } from "../../output/log-output.ts";
import { standardOutput } from "../../output/standard.ts";
import { wallClock } from "../../run/wall-clock.ts";
import { shareDescriptors } from "../../run/serve/descriptors.ts";
import { createApp } from "../../serve/app.ts";
import { defaultConfig, readServeConfig } from "../../serve/config.ts";
import type { ServeConfig } from "../../serve/config.ts";
import { createExporter } from "../../serve/exporter.ts";
import { createGuard } from "../../serve/guard.ts";
import { boundHeapGrowth } from "../../serve/heap.ts";
import { inheritedSocket, listen, parseListen } from "../../serve/listen.ts";
import { createLog } from "../../serve/log.ts";
import { createOwnMetrics } from "../../serve/own-metrics.ts";
import { createQuickProbe } from "../../serve/quick-probe.ts";
import { hindrance, readWebConfig } from "../../serve/web-config.ts";
import type { WebConfig } from "../../serve/web-config.ts";
import { nameOfFile, readBounded } from "../../targets/read-bounded.ts";
import { Interrupted, UsageError } from "../../targets/usage-error.ts";
import { plural } from "../../verdict/figures.ts";
import { hostPort } from "../../verdict/words.ts";
import { VERSION } from "../../version.ts";
import { EXIT } from "../exit.ts";
import type { ServeFlags } from "./flags.ts";

/** The built thread, beside this file of the bundle. */
const WORKER = "serve-password.cjs";

/** @returns the exit code, after the signal or where there is nothing to serve */
export async function serveUntil(
  flags: ServeFlags,
  signal: AbortSignal,
  takeHangup: (handler: () => void) => void,
): Promise<number> {
  const at = inheritedSocket(process.env, process.pid) ?? parseListen(flags.listen);
  const config = await readConfig(flags, signal);
  let web = await readWeb(flags, signal);
  if (flags.checkConfig) {
    standardOutput.write(
      `${config.file ?? "the built-in configuration"}: ${plural(config.targets.length, "target")}, ${plural(config.modules.size, "module")}\n`,
    );
    return EXIT.ok;
  }
  const own = createOwnMetrics(VERSION);
  boundHeapGrowth();
  const log = createLog(flags.logLevel, flags.logFormat, {
    now: () => wallClock().iso,
    write: createLogOutput(),
    onLost: own.lostLine,
  });
  const descriptors = shareDescriptors();
  const exporter = createExporter(config, { own, log, descriptors });
  own.configured(true, wallClock().ms);
  const guard = createGuard(web, path.join(__dirname, WORKER));

  /** @returns what is wrong; then everything stays as it was */
  const reload = async (): Promise<string | null> => {
    try {
      const [next, nextWeb] = [await readConfig(flags, signal), await readWeb(flags, signal)];
      const hindered = hindrance(nextWeb, web);
      if (hindered !== null) throw new UsageError(`${flags.webConfig ?? ""}: ${hindered}`);
      exporter.reload(next);
      if (nextWeb !== null) {
        guard.renew(nextWeb);
        if (nextWeb.tls !== null) listening.renew(nextWeb.tls, nextWeb.sans);
        web = nextWeb;
      }
      own.configured(true, wallClock().ms);
      log.info("configuration read again", { file: next.file ?? "", targets: next.targets.length });
      return null;
    } catch (error) {
      const words = error instanceof Error ? error.message : "unreadable";
      own.configured(false, wallClock().ms);
      log.error("configuration not read again: the old one stays", { error: words });
      return words;
    }
  };

  const app = createApp({ exporter, own, guard, reload: flags.enableReload ? reload : null });
  const { clients } = descriptors;
  const quick = createQuickProbe(exporter, own, guard);
  const protectedBy = { tls: web?.tls ?? null, sans: web?.sans ?? null };
  const { crowded: onCrowded, unread: onUnread } = own;
  const listening = await listen(app, { at, quick, ...protectedBy, clients, onCrowded, onUnread }).catch(
    async (error: unknown) => {
      exporter.stop();
      await guard.stop();
      throw error;
    },
  );
  takeHangup(() => void reload());
  log.info("listening", {
    address: hostPort(listening.address, listening.port),
    tls: web?.tls !== null && web !== null,
    targets: config.targets.length,
  });
  await aborted(signal);
  log.info("stopping");
  exporter.stop();
  await Promise.all([listening.close(), guard.stop()]);
  return EXIT.ok;
}

async function readConfig({ config }: ServeFlags, signal: AbortSignal): Promise<ServeConfig> {
  if (config === undefined) return defaultConfig();
  const text = await readBounded(config, { what: "configuration", most: 1, signal });
  if (signal.aborted) throw new Interrupted("interrupted while the configuration was read");
  return readServeConfig(text, nameOfFile(config));
}

async function readWeb({ webConfig }: ServeFlags, signal: AbortSignal): Promise<WebConfig | null> {
  if (webConfig === undefined) return null;
  const text = await readBounded(webConfig, { what: "web configuration", most: 1, signal });
  if (signal.aborted) throw new Interrupted("interrupted while the web configuration was read");
  return readWebConfig(text, nameOfFile(webConfig));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
