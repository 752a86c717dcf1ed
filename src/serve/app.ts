/** The paths of the exporter. Every answer is made of what the exporter knows; nothing here touches the network. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Context } from "hono";
import { nothingYet } from "../run/serve/look.ts";
import type { Look } from "../run/serve/look.ts";
import type { Asker } from "../run/serve/looks.ts";
import { renderText } from "../report/check/text.ts";
import { show } from "../targets/parse.ts";
import { CannotRun, UsageError } from "../targets/usage-error.ts";
import { hostPort } from "../verdict/words.ts";
import { renderHtml } from "../report/page/check-page.tsx";
import { POLICY } from "../report/page/shell.tsx";
import { renderServePage } from "../report/serve/page.tsx";
import type { ServePage } from "../report/serve/page.tsx";
import { DEFAULT_MODULE, parseScrapeTimeout } from "./config.ts";
import type { Module } from "./config.ts";
import { seriesOfLook } from "./exporter.ts";
import type { Exporter } from "./exporter.ts";
import { COMMON_HEADERS } from "./guard.ts";
import type { Guard } from "./guard.ts";
import type { OwnMetrics } from "./own-metrics.ts";
import type { LookTarget } from "./target.ts";

/** Prometheus' default, for those who send no header. */
const DEFAULT_SCRAPE_MS = 10_000;
/** Of a scrape's time limit, what stays for the way back: half a second, or a fifth where that is less. */
const OFFSET_MS = 500;
const OFFSET_SHARE = 0.2;
/** Standings that are put into words without letting anybody else in. */
const BETWEEN_TURNS = 16;
const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const PLAIN = "text/plain; charset=utf-8";
const HTML = "text/html; charset=utf-8";
const JSON_LIST = "application/json";

/** `waited`: since the request came, which may be before it was taken up. */
type OnNode = { Bindings: HttpBindings; Variables: { waited: () => number } };
type Asking = Context<OnNode>;
export type App = Hono<OnNode>;

export type AppOptions = {
  exporter: Exporter;
  own: OwnMetrics;
  guard: Guard;
  /** Null where reloading by HTTP is off. @returns what is wrong with the new configuration, or null */
  reload: (() => Promise<string | null>) | null;
};

export function createApp({ exporter, own, guard, reload }: AppOptions): App {
  const app: App = new Hono();
  app.use(async (context, next) => {
    context.set("waited", exporter.arrived());
    await next();
    // Paths that are not there are one series.
    own.answered(PATHS.has(context.req.path) ? context.req.path : "other", context.res.status);
  });

  app.use(guard.handle);

  app.get("/metrics", async (context) => answer(context, 200, await exporter.metrics(), TEXT));
  app.get("/probe", (context) => probe(context, exporter, own));
  app.get("/page", (context) => page(context, exporter, own));
  app.get("/sd", (context) => discover(context, exporter, own));
  app.get("/-/healthy", (context) => answer(context, 200, "kmsprobe is healthy\n"));
  app.get("/-/ready", (context) =>
    exporter.ready
      ? answer(context, 200, "kmsprobe is ready\n")
      : answer(context, 503, "no scheduled target has been looked at yet\n"),
  );
  app.on(["POST", "PUT"], "/-/reload", async (context) => {
    if (reload === null)
      return answer(context, 403, "reloading by HTTP is off: start with --enable-reload, or send SIGHUP\n");
    const wrong = await reload();
    return wrong === null
      ? answer(context, 200, "reloaded\n")
      : answer(context, 500, `the old configuration stays: ${wrong}\n`);
  });
  app.get("/-/reload", (context) => {
    context.header("Allow", "POST, PUT");
    return answer(context, 405, "this takes a POST\n");
  });
  app.get("/", async (context) => {
    const standings: ServePage["standings"][number][] = [];
    for (const { target, module, intervalMs, look } of exporter.standings()) {
      // A look is put into words when it is first asked for; others want to be answered meanwhile.
      if (standings.length % BETWEEN_TURNS === BETWEEN_TURNS - 1) await nextTurn();
      standings.push({
        target: target.text,
        module: module.name,
        intervalMs,
        report: (await look?.report()) ?? null,
      });
    }
    const { place, file } = exporter.config;
    return html(context, renderServePage({ place, file, standings }));
  });
  app.notFound((context) => answer(context, 404, "there is nothing here: see /\n"));
  app.onError((error, context) => {
    if (error instanceof UsageError) return answer(context, 400, `${error.message}\n`);
    if (error instanceof CannotRun) return answer(context, 503, `${error.message}\n`);
    throw error;
  });
  return app;
}

const PATHS = new Set(["/", "/metrics", "/probe", "/page", "/sd", "/-/healthy", "/-/ready", "/-/reload"]);

/** A plain object for each type: what is set header by header is copied three times on its way out. */
const HEADERS = {
  [TEXT]: headersFor(TEXT),
  [PLAIN]: headersFor(PLAIN),
  [HTML]: headersFor(HTML),
  [JSON_LIST]: headersFor(JSON_LIST),
};

function headersFor(type: string): Record<string, string> {
  return { "Content-Type": type, ...COMMON_HEADERS };
}

type Status = 200 | 400 | 403 | 404 | 405 | 500 | 502 | 503 | 504;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function answer(
  context: Asking,
  status: Status,
  body: string | Uint8Array<ArrayBuffer>,
  type: keyof typeof HEADERS = PLAIN,
): Response {
  return context.body(body, status, HEADERS[type]);
}

type Asked = { target: LookTarget; module: Module };

/** @throws UsageError */
function asked(context: Asking, exporter: Exporter): Asked | { status: 403; words: string } {
  const text = context.req.query("target");
  if (text === undefined || text === "")
    throw new UsageError("the parameter target is missing: a domain, or HOST:PORT");
  const named = context.req.query("module") ?? DEFAULT_MODULE;
  const module = exporter.config.modules.get(named);
  if (module === undefined)
    throw new UsageError(
      `there is no module '${show(named)}': this configuration has ${[...exporter.config.modules.keys()].map(show).join(", ")}`,
    );
  const { target, permitted } = exporter.target(text);
  if (permitted) return { target, module };
  return {
    status: 403,
    words: `'${show(target.text)}' is not permitted: name it, its domain or its subnet under allow: in the configuration`,
  };
}

/** `look` is null where the time was up before anything was known. */
type Told = Asked & { look: Look | null };

/** Looks at what the request names, within its time. @throws UsageError */
async function told(context: Asking, exporter: Exporter, own: OwnMetrics): Promise<Response | Told> {
  const found = asked(context, exporter);
  if ("status" in found) {
    own.refused();
    return answer(context, found.status, `${found.words}\n`);
  }
  const header = context.req.header("X-Prometheus-Scrape-Timeout-Seconds");
  const scrapeMs = header === undefined ? DEFAULT_SCRAPE_MS : parseScrapeTimeout(header);
  if (scrapeMs === null)
    throw new UsageError(
      `X-Prometheus-Scrape-Timeout-Seconds '${show(header ?? "")}' is not a number of seconds`,
    );
  const { target, module } = found;
  const leftMs = scrapeMs - Math.min(OFFSET_MS, scrapeMs * OFFSET_SHARE) - context.get("waited")();
  const limitMs = Math.max(0, Math.min(leftMs, module.maxTimeMs));
  const { look, shared } = await fromHere(
    exporter.look(target, module, { limitMs, onLeave: leaving(context) }),
  );
  if (shared) own.shared();
  return { target, module, look };
}

function timeIsUp(context: Asking, target: LookTarget): Response {
  return answer(context, 504, `${target.text}: still being looked at when the time was up\n`);
}

/** What the configuration names and this machine has not, such as an interface, is no fault of who asks. @throws CannotRun */
async function fromHere<T>(looking: Promise<T>): Promise<T> {
  return await looking.catch((error: unknown) => {
    throw error instanceof UsageError ? new CannotRun(error.message) : error;
  });
}

/** The signal of the request would do as well, and costs as much as all the rest of the answer. */
function leaving({ env: { outgoing } }: Asking): Asker["onLeave"] {
  return (leave) => {
    outgoing.once("close", leave);
    if (outgoing.destroyed) leave();
    return () => outgoing.off("close", leave);
  };
}

async function probe(context: Asking, exporter: Exporter, own: OwnMetrics): Promise<Response> {
  const found = await told(context, exporter, own);
  if (found instanceof Response) return found;
  const { target, module, look } = found;
  const labels = exporter.labels(target, module);
  if (context.req.query("debug") !== "true")
    return answer(
      context,
      200,
      seriesOfLook(look ?? nothingYet(module.settings, context.get("waited")()), labels),
      TEXT,
    );
  if (look === null) return timeIsUp(context, target);
  return answer(context, 200, renderText(await look.report(), { color: false, verbose: true, width: 100 }));
}

async function page(context: Asking, exporter: Exporter, own: OwnMetrics): Promise<Response> {
  const found = await told(context, exporter, own);
  if (found instanceof Response) return found;
  if (found.look === null) return timeIsUp(context, found.target);
  return html(context, {
    html: renderHtml(await found.look.report()),
    policy: `${POLICY}; frame-ancestors 'none'`,
  });
}

/** A page, with the policy that it was written for. */
function html(context: Asking, rendered: { html: string; policy: string }): Response {
  context.header("Content-Security-Policy", rendered.policy);
  context.header("Referrer-Policy", "no-referrer");
  return answer(context, 200, rendered.html, HTML);
}

/**
 * Prometheus' HTTP service discovery: the hosts that DNS lists. Trouble with DNS is an error, and so is an empty list:
 * Prometheus then keeps the last good one.
 */
async function discover(context: Asking, exporter: Exporter, own: OwnMetrics): Promise<Response> {
  const chosen = chosenDomains(context, exporter);
  if ("status" in chosen) {
    own.refused();
    return answer(context, chosen.status, `${chosen.words}\n`);
  }
  const groups: { targets: string[]; labels: Record<string, string> }[] = [];
  const listings = await Promise.all(
    chosen.domains.map(async ({ target, module }) => ({
      target,
      module,
      listing: await fromHere(exporter.list(target.text, module)),
    })),
  );
  for (const { target, module, listing } of listings) {
    if (listing.hosts.length === 0)
      return answer(context, 502, `DNS lists no host for ${target.text}: ${wordsOf(listing)}\n`);
    for (const { host, port, priority, weight, resolver } of listing.hosts)
      groups.push({
        targets: [hostPort(host, port)],
        labels: {
          __meta_kms_domain: target.text,
          __meta_kms_module: module.name,
          __meta_kms_priority: String(priority),
          __meta_kms_weight: String(weight),
          __meta_kms_resolver: hostPort(resolver.address, resolver.port),
        },
      });
  }
  return answer(context, 200, `${JSON.stringify(groups)}\n`, JSON_LIST);
}

function chosenDomains(
  context: Asking,
  exporter: Exporter,
): { domains: Asked[] } | { status: 403 | 404; words: string } {
  if (context.req.query("target") !== undefined) {
    const found = asked(context, exporter);
    if ("status" in found) return found;
    if (found.target.kind !== "domain") throw new UsageError("/sd takes a domain: a host lists nobody");
    return { domains: [found] };
  }
  const domains = exporter.config.targets.filter(({ target }) => target.kind === "domain");
  if (domains.length > 0) return { domains };
  return {
    status: 404,
    words: "the configuration has no domain under targets: /sd?target=DOMAIN asks for one",
  };
}

function wordsOf({ answers }: Awaited<ReturnType<Exporter["list"]>>): string {
  if (answers.length === 0) return "no resolver is known";
  return answers
    .map(({ resolver, answer: said }) => {
      const words = said.outcome === "denied" ? said.denial.rcode : said.outcome;
      return `${words} at ${hostPort(resolver.address, resolver.port)}`;
    })
    .join(", ");
}
