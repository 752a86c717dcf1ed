/** From a request for a look to the look: what is asked for, whether it is permitted, and within which time. */
import type { ServerResponse } from "node:http";
import { nothingYet } from "../run/serve/look.ts";
import type { Look } from "../run/serve/look.ts";
import type { Asker } from "../run/serve/looks.ts";
import { show } from "../targets/parse.ts";
import { CannotRun, UsageError } from "../targets/usage-error.ts";
import { DEFAULT_MODULE, parseScrapeTimeout } from "./config.ts";
import type { Module } from "./config.ts";
import { seriesOfLook } from "./exporter.ts";
import type { Exporter } from "./exporter.ts";
import type { OwnMetrics } from "./own-metrics.ts";
import type { LookTarget } from "./target.ts";

/** Prometheus' default, for those who send no header. */
const DEFAULT_SCRAPE_MS = 10_000;
/** Of a scrape's time limit, what stays for the way back: half a second, or a fifth where that is less. */
const OFFSET_MS = 500;
const OFFSET_SHARE = 0.2;

/** A request as far as a look goes, whoever has read it. */
export type LookRequest = {
  query: (name: string) => string | undefined;
  header: (name: string) => string | undefined;
  outgoing: Pick<ServerResponse, "once" | "off" | "destroyed">;
  /** Since the request came, which may be before it was taken up. */
  waited: () => number;
};

/** An answer in words, a line of them. */
export type Refusal = { status: 400 | 403 | 404 | 503; words: string };

export type Asked = { target: LookTarget; module: Module };

/** @throws UsageError */
export function asked(request: Pick<LookRequest, "query">, exporter: Exporter): Asked | Refusal {
  const text = request.query("target");
  if (text === undefined || text === "")
    throw new UsageError("the parameter target is missing: a domain, or HOST:PORT");
  const named = request.query("module") ?? DEFAULT_MODULE;
  const module = exporter.config.modules.get(named);
  if (module === undefined)
    throw new UsageError(
      `there is no module '${show(named)}': this configuration has ${[...exporter.config.modules.keys()].map(show).join(", ")}`,
    );
  const { target, permitted } = exporter.target(text);
  if (permitted) return { target, module };
  return {
    status: 403,
    words: `'${show(target.text)}' is not permitted: name it, its domain or its subnet under allow: in the configuration\n`,
  };
}

/** `look` is null where the time was up before anything was known. */
export type Told = Asked & { look: Look | null };

/** Looks at what the request names, within its time. @throws UsageError */
export async function told(
  request: LookRequest,
  exporter: Exporter,
  own: OwnMetrics,
): Promise<Refusal | Told> {
  const found = asked(request, exporter);
  if ("status" in found) {
    own.refused();
    return found;
  }
  const header = request.header("X-Prometheus-Scrape-Timeout-Seconds");
  const scrapeMs = header === undefined ? DEFAULT_SCRAPE_MS : parseScrapeTimeout(header);
  if (scrapeMs === null)
    throw new UsageError(
      `X-Prometheus-Scrape-Timeout-Seconds '${show(header ?? "")}' is not a number of seconds`,
    );
  const { target, module } = found;
  const leftMs = scrapeMs - Math.min(OFFSET_MS, scrapeMs * OFFSET_SHARE) - request.waited();
  const limitMs = Math.max(0, Math.min(leftMs, module.maxTimeMs));
  const { look, shared } = await fromHere(
    exporter.look(target, module, { limitMs, onLeave: leaving(request) }),
  );
  if (shared) own.shared();
  return { target, module, look };
}

/** What a scraper is told. */
export function seriesOf(
  { target, module, look }: Told,
  { waited }: Pick<LookRequest, "waited">,
  exporter: Pick<Exporter, "labels">,
): string {
  return seriesOfLook(look ?? nothingYet(module.settings, waited()), exporter.labels(target, module));
}

/** What is told of a mistake; null for what is none of who asks. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof UsageError) return { status: 400, words: `${error.message}\n` };
  return error instanceof CannotRun ? { status: 503, words: `${error.message}\n` } : null;
}

/** What the configuration names and this machine has not, such as an interface, is no fault of who asks. @throws CannotRun */
export async function fromHere<T>(looking: Promise<T>): Promise<T> {
  return await looking.catch((error: unknown) => {
    throw error instanceof UsageError ? new CannotRun(error.message) : error;
  });
}

/** The signal of the request would do as well, and costs as much as all the rest of the answer. */
function leaving({ outgoing }: LookRequest): Asker["onLeave"] {
  return (leave) => {
    outgoing.once("close", leave);
    if (outgoing.destroyed) leave();
    return () => outgoing.off("close", leave);
  };
}
