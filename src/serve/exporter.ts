/** The exporter behind its HTTP surface: configuration in, what each path answers out. Reloaded whole or not at all. */
import type { Report } from "../model/report.ts";
import { family } from "../report/serve/exposition.ts";
import { LOOK_METRICS, lookSeries } from "../report/serve/metrics.ts";
import type { LookLabels, LookSeries } from "../report/serve/metrics.ts";
import type { Descriptors } from "../run/serve/descriptors.ts";
import { createProbes } from "../run/serve/probes.ts";
import type { LookKey, Probes } from "../run/serve/probes.ts";
import type { Listing } from "../run/serve/listing.ts";
import type { CheckOptions } from "../run/request.ts";
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
  list: (domain: string, module: Module) => Promise<Listing>;
  /** Text format 0.0.4, of everything that is scheduled and of the process itself. */
  metrics: () => Promise<string>;
  standings: () => Standing[];
  reload: (config: ServeConfig) => void;
  stop: () => void;
};

/** In the order in which they are written. */
const METRICS = Object.entries(LOOK_METRICS).map(([name, { help }]) => ({ name, help }));

/** What an exporter is made of, beside its configuration. */
export type ExporterWorld = { own: OwnMetrics; log: Log; descriptors: Descriptors };

export function createExporter(first: ServeConfig, { own, log, descriptors }: ExporterWorld): Exporter {
  let config = first;
  let permission = permissionIn(first);
  /** Of what is scheduled, by the name of its look. */
  let labelsByName = new Map<string, LookLabels>();
  const kept = new Map<string, { report: Report; series: LookSeries }>();

  const keyOf = (target: LookTarget, module: Module): LookKey => {
    const options = optionsOf(target, module);
    return {
      // With its settings: what a reload leaves alone is the same look after it.
      name: JSON.stringify([module.name, target.text, options, module.maxTimeMs]),
      options,
      maxTimeMs: module.maxTimeMs,
      mayConnect: (address) => permission.address(address),
    };
  };
  const labelsOf = (target: LookTarget, module: Module): LookLabels => ({
    place: config.place,
    target: target.text,
    module: module.name,
  });

  const probes = createProbes({
    descriptors,
    minIntervalMs: () => config.minIntervalMs,
    onLook: ({ name }, report) => {
      const labels = labelsByName.get(name);
      // Gone by a reload meanwhile, or told a second time.
      if (labels === undefined || kept.get(name)?.report === report) return;
      kept.set(name, { report, series: lookSeries(report, labels) });
      own.looked(report, labels);
      log.debug("looked", { target: labels.target, module: labels.module, met: report.requirement.met });
    },
    onFailure: ({ name }, error) => {
      const labels = labelsByName.get(name);
      if (labels === undefined) return;
      kept.delete(name);
      own.failed(labels);
      log.error("could not look", {
        target: labels.target,
        module: labels.module,
        error: error instanceof Error ? error.message : "?",
      });
    },
    onLate: own.late,
    onStall: (ms) => {
      own.stalled(ms);
      log.warn("this process stood still", { seconds: (ms / 1000).toFixed(1) });
    },
  });
  const begin = (): void => {
    const scheduled = config.targets.map(({ target, module, intervalMs }) => ({
      key: keyOf(target, module),
      labels: labelsOf(target, module),
      intervalMs,
    }));
    labelsByName = new Map(scheduled.map(({ key, labels }) => [key.name, labels]));
    probes.schedule(scheduled);
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
    list(domain, module) {
      const key = keyOf({ kind: "domain", text: domain, domain }, module);
      return probes.list({ name: key.name, options: { ...key.options, domains: [domain] } });
    },
    async metrics() {
      const looks = [...kept.values()];
      const text = METRICS.map(({ name, help }) =>
        family(name, help, "gauge", looks.map(({ series }) => series.get(name) ?? "").join("")),
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
      const before = config.targets.map(({ target, module }) => labelsOf(target, module));
      const placed = config.place === next.place;
      config = next;
      permission = permissionIn(next);
      const stays = new Set(next.targets.map(({ target, module }) => `${module.name} ${target.text}`));
      for (const labels of before)
        if (!placed || !stays.has(`${labels.module} ${labels.target}`)) own.forget(labels);
      begin();
      // What is looked at as before keeps its series until the next look.
      for (const name of kept.keys()) if (!placed || !labelsByName.has(name)) kept.delete(name);
    },
    stop: () => probes.stop(),
  };
}

function permissionIn({ allow, targets }: ServeConfig): Permission {
  return permissionOf(
    allow,
    targets.map(({ target }) => target),
  );
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
