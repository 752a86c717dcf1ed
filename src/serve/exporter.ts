/** The exporter behind its HTTP surface: configuration in, what each path answers out. Reloaded whole or not at all. */
import type { Report } from "../model/report.ts";
import { family } from "../report/serve/exposition.ts";
import { LOOK_METRICS, lookSeries } from "../report/serve/metrics.ts";
import type { LookLabels, LookSeries } from "../report/serve/metrics.ts";
import { createProbes } from "../run/serve/probes.ts";
import type { LookKey, Probes } from "../run/serve/probes.ts";
import { listHosts } from "../run/serve/listing.ts";
import type { Listing } from "../run/serve/listing.ts";
import type { CheckOptions } from "../run/request.ts";
import { monotonicClock } from "../transport/clock.ts";
import { permissionOf } from "./allow.ts";
import type { Permission } from "./allow.ts";
import type { Module, ServeConfig } from "./config.ts";
import type { Log } from "./log.ts";
import type { OwnMetrics } from "./own-metrics.ts";
import type { LookTarget } from "./target.ts";

/** What a scheduled target came to, and when. */
export type Standing = {
  target: LookTarget;
  module: Module;
  intervalMs: number;
  report: Report | null;
};

export type Exporter = {
  readonly config: ServeConfig;
  readonly ready: boolean;
  permits: (target: LookTarget) => boolean;
  look: (
    target: LookTarget,
    module: Module,
    asker: Parameters<Probes["ask"]>[1],
  ) => ReturnType<Probes["ask"]>;
  list: (domain: string, module: Module, signal: AbortSignal) => Promise<Listing>;
  /** Text format 0.0.4, of everything that is scheduled and of the process itself. */
  metrics: () => Promise<string>;
  standings: () => Standing[];
  reload: (config: ServeConfig) => void;
  stop: () => void;
};

const NOTHING = (): void => {};

/** In the order in which they are written. */
const METRICS = Object.entries(LOOK_METRICS).map(([name, { help }]) => ({ name, help }));

export function createExporter(first: ServeConfig, own: OwnMetrics, log: Log): Exporter {
  let config = first;
  let permission: Permission;
  let probes: Probes;
  let endBefore = NOTHING;
  const kept = new Map<string, LookSeries>();

  const keyOf = (target: LookTarget, module: Module): LookKey => ({
    name: `${module.name} ${target.text}`,
    options: optionsOf(target, module),
    maxTimeMs: module.maxTimeMs,
    mayConnect: permission.address,
  });
  const labelsOf = (target: LookTarget, module: Module): LookLabels => ({
    place: config.place,
    target: target.text,
    module: module.name,
  });

  const begin = (): void => {
    permission = permissionOf(
      config.allow,
      config.targets.map(({ target }) => target),
    );
    const scheduled = config.targets.map(({ target, module, intervalMs }) => ({
      key: keyOf(target, module),
      labels: labelsOf(target, module),
      intervalMs,
    }));
    const labelsByName = new Map(scheduled.map(({ key, labels }) => [key.name, labels]));
    for (const name of kept.keys()) if (!labelsByName.has(name)) kept.delete(name);
    probes = createProbes({
      minIntervalMs: config.minIntervalMs,
      onLook: ({ name }, report) => {
        const labels = labelsByName.get(name);
        if (labels === undefined) return;
        kept.set(name, lookSeries(report, labels));
        own.looked(report, labels);
        log.debug("looked", { target: labels.target, module: labels.module, met: report.requirement.met });
      },
      onFailure: ({ name }, error) => {
        kept.delete(name);
        own.failed(labelsByName.get(name));
        log.error("could not look", { target: name, error: error instanceof Error ? error.message : "?" });
      },
      onLate: own.late,
    });
    probes.schedule(scheduled);
    endBefore = probes.stop;
  };
  begin();

  return {
    get config() {
      return config;
    },
    get ready() {
      return kept.size > 0 || config.targets.length === 0;
    },
    permits: (target) => permission.target(target),
    look: (target, module, asker) => probes.ask(keyOf(target, module), asker),
    list: (domain, module, signal) =>
      listHosts(
        { ...optionsOf({ kind: "domain", text: domain, domain }, module), domains: [domain] },
        { signal, clock: monotonicClock },
      ),
    async metrics() {
      const looks = [...kept.values()];
      const text = METRICS.map(({ name, help }) =>
        family(name, help, "gauge", looks.map((each) => each.get(name) ?? "").join("")),
      );
      return text.join("") + (await own.text());
    },
    standings: () =>
      config.targets.map(({ target, module, intervalMs }) => ({
        target,
        module,
        intervalMs,
        report: probes.newest(keyOf(target, module)),
      })),
    reload(next) {
      endBefore();
      const before = config.targets.map(({ target, module }) => labelsOf(target, module));
      config = next;
      const stays = new Set(next.targets.map(({ target, module }) => keyOf(target, module).name));
      for (const labels of before)
        if (next.place !== labels.place || !stays.has(`${labels.module} ${labels.target}`))
          own.forget(labels);
      kept.clear();
      begin();
    },
    stop: () => endBefore(),
  };
}

export function seriesOfLook(report: Report, labels: LookLabels): string {
  const series = lookSeries(report, labels);
  return METRICS.map(({ name, help }) => family(name, help, "gauge", series.get(name) ?? "")).join("");
}

function optionsOf(target: LookTarget, module: Module): CheckOptions {
  return {
    ...(target.kind === "domain" ? { domains: [target.domain] } : { hosts: [target.text] }),
    resolvers: module.resolvers,
    sources: module.sources,
    settings: module.settings,
    ...(module.concurrency === undefined ? {} : { concurrency: module.concurrency }),
  };
}
