/** The exporter behind its HTTP surface: configuration in, what each path answers out. Reloaded whole or not at all. */
import { familyHead } from "../report/serve/exposition.ts";
import { LOOK_METRIC_NAMES, LOOK_METRICS, lookSeries } from "../report/serve/metrics.ts";
import type { LookLabels, Measured } from "../report/serve/metrics.ts";
import type { Descriptors } from "../run/serve/descriptors.ts";
import type { Look } from "../run/serve/look.ts";
import { createProbes } from "../run/serve/probes.ts";
import type { LookKey, Probes } from "../run/serve/probes.ts";
import type { Listing } from "../run/serve/listing.ts";
import type { CheckOptions } from "../run/request.ts";
import { permissionOf } from "./allow.ts";
import type { Permission } from "./allow.ts";
import type { Module, ServeConfig } from "./config.ts";
import { createKeptText } from "./kept-text.ts";
import type { KeptText } from "./kept-text.ts";
import type { Log } from "./log.ts";
import type { OwnMetrics } from "./own-metrics.ts";
import { parseLookTarget } from "./target.ts";
import type { LookTarget } from "./target.ts";

/** What a scheduled target came to, and when. */
export type Standing = {
  target: LookTarget;
  module: Module;
  intervalMs: number;
  look: Look | null;
};

export type Exporter = {
  readonly config: ServeConfig;
  readonly ready: boolean;
  /** @throws UsageError where it can't be understood */
  target: (text: string) => { target: LookTarget; permitted: boolean };
  labels: (target: LookTarget, module: Module) => LookLabels;
  look: (
    target: LookTarget,
    module: Module,
    asker: Parameters<Probes["ask"]>[1],
  ) => ReturnType<Probes["ask"]>;
  list: (domain: string, module: Module) => Promise<Listing>;
  arrived: Probes["arrived"];
  /** Text format 0.0.4, of everything that is scheduled and of the process itself. */
  metrics: () => Promise<Uint8Array<ArrayBuffer>>;
  standings: () => Standing[];
  reload: (config: ServeConfig) => void;
  stop: () => void;
};

/** In the order in which they are written. */
const METRICS = LOOK_METRIC_NAMES.map((name) => {
  const words = familyHead(name, LOOK_METRICS[name].help, "gauge");
  return { name, words, head: Buffer.from(words) };
});

const HEADS_LENGTH = METRICS.reduce((sum, { head }) => sum + head.length, 0);

/** Targets that are remembered as they were understood, and the longest text of one. */
const MOST_TARGETS = 4_096;
const LONGEST_TARGET = 300;

/** What an exporter is made of, beside its configuration. */
export type ExporterWorld = { own: OwnMetrics; log: Log; descriptors: Descriptors };

export function createExporter(first: ServeConfig, { own, log, descriptors }: ExporterWorld): Exporter {
  let config = first;
  let known = createKnown(first);
  /** Of what is scheduled, by the name of its look. */
  let labelsByName = new Map<string, LookLabels>();
  /** `lines`: a section for each metric, in their order. */
  const kept = new Map<string, { look: Look; lines: KeptText }>();

  const probes = createProbes({
    descriptors,
    minIntervalMs: () => config.minIntervalMs,
    onLook: ({ name }, look) => {
      const labels = labelsByName.get(name);
      // Gone by a reload meanwhile, or told a second time.
      const before = kept.get(name);
      if (labels === undefined || before?.look === look) return;
      const series = lookSeries(look, labels);
      const lines = before?.lines ?? createKeptText();
      lines.write(METRICS.map((metric) => series.get(metric.name) ?? ""));
      kept.set(name, { look, lines });
      own.looked(look, labels);
      log.debug("looked", { target: labels.target, module: labels.module, met: look.requirement.met });
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
      ...known.look(target, module),
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
    target: (text) => known.target(text),
    labels: (target, module) => known.look(target, module).labels,
    look: (target, module, asker) => probes.ask(known.look(target, module).key, asker),
    arrived: () => probes.arrived(),
    list(domain, module) {
      const { key } = known.look({ kind: "domain", text: domain, domain }, module);
      return probes.list({ name: key.name, options: { ...key.options, domains: [domain] } });
    },
    async metrics() {
      const process = await own.process();
      // From here on nothing else is done until all of it is copied.
      let most = HEADS_LENGTH + process.length;
      for (const { lines } of kept.values()) most += lines.length;
      for (const each of own.durations) most += each.write();
      const all = Buffer.allocUnsafeSlow(most);
      let end = 0;
      for (const [at, { head }] of METRICS.entries()) {
        const begins = end + head.length;
        let next = begins;
        for (const { lines } of kept.values()) next = lines.copy(at, all, next);
        if (next === begins) continue;
        head.copy(all, end);
        end = next;
      }
      for (const each of own.durations) end = each.copy(all, end);
      all.set(process, end);
      return all.subarray(0, end + process.length);
    },
    standings: () =>
      config.targets.map(({ target, module, intervalMs }) => ({
        target,
        module,
        intervalMs,
        look: probes.newest(known.look(target, module).key),
      })),
    reload(next) {
      const before = config.targets.map(({ target, module }) => known.look(target, module).labels);
      const placed = config.place === next.place;
      config = next;
      known = createKnown(next);
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

type KnownLook = { key: LookKey; labels: LookLabels };

/** What a configuration makes of each target, worked out once: the same may be asked for hundreds of times a second. */
function createKnown(config: ServeConfig): {
  target: Exporter["target"];
  look: (target: LookTarget, module: Module) => KnownLook;
} {
  const permission: Permission = permissionOf(
    config.allow,
    config.targets.map(({ target }) => target),
  );
  const targets = new Map<string, ReturnType<Exporter["target"]>>();
  const looks = new WeakMap<LookTarget, Map<Module, KnownLook>>();
  return {
    target(text) {
      const before = targets.get(text);
      if (before !== undefined) return before;
      const target = parseLookTarget(text);
      const understood = { target, permitted: permission.target(target) };
      if (targets.size >= MOST_TARGETS) targets.clear();
      if (understood.permitted && text.length <= LONGEST_TARGET) targets.set(text, understood);
      return understood;
    },
    look(target, module) {
      const byModule = looks.get(target) ?? new Map<Module, KnownLook>();
      looks.set(target, byModule);
      const before = byModule.get(module);
      if (before !== undefined) return before;
      const options = optionsOf(target, module);
      const key: LookKey = {
        // With its settings: what a reload leaves alone is the same look after it.
        name: JSON.stringify([module.name, target.text, options, module.maxTimeMs]),
        options,
        maxTimeMs: module.maxTimeMs,
        mayConnect: (address) => permission.address(address),
      };
      const labels = { place: config.place, target: target.text, module: module.name };
      byModule.set(module, { key, labels });
      return { key, labels };
    },
  };
}

/** @param measured a look, or a report */
export function seriesOfLook(measured: Measured, labels: LookLabels): string {
  const series = lookSeries(measured, labels);
  let text = "";
  for (const { name, words } of METRICS) {
    const lines = series.get(name);
    if (lines !== undefined) text += words + lines;
  }
  return text;
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
