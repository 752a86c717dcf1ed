/** The paths of the exporter. Every answer is made of what the exporter knows; nothing here touches the network. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Context } from "hono";
import { renderText } from "../report/check/text.ts";
import { UsageError } from "../targets/usage-error.ts";
import { hostPort } from "../verdict/words.ts";
import { renderHtml } from "../report/page/check-page.tsx";
import { POLICY } from "../report/page/shell.tsx";
import { renderServePage } from "../report/serve/page.tsx";
import type { ServePage } from "../report/serve/page.tsx";
import { asked, fromHere, refusalOf, seriesOf, told } from "./asking.ts";
import type { Asked, LookRequest, Refusal } from "./asking.ts";
import type { Exporter } from "./exporter.ts";
import type { Guard } from "./guard.ts";
import { headersFor, TEXT } from "./headers.ts";
import type { OwnMetrics } from "./own-metrics.ts";

/** Standings that are put into words without letting anybody else in. */
const BETWEEN_TURNS = 16;
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
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return answer(context, refusal.status, refusal.words);
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

/** What a request says, of those that ask for a look. */
function askingOf(context: Asking): LookRequest {
  const { req, env } = context;
  return {
    query: (name) => req.query(name),
    header: (name) => req.header(name),
    outgoing: env.outgoing,
    waited: context.get("waited"),
  };
}

function timeIsUp(context: Asking, { target }: Asked): Response {
  return answer(context, 504, `${target.text}: still being looked at when the time was up\n`);
}

async function probe(context: Asking, exporter: Exporter, own: OwnMetrics): Promise<Response> {
  const request = askingOf(context);
  const found = await told(request, exporter, own);
  if ("status" in found) return answer(context, found.status, found.words);
  if (context.req.query("debug") !== "true")
    return answer(context, 200, seriesOf(found, request, exporter), TEXT);
  if (found.look === null) return timeIsUp(context, found);
  const report = await found.look.report();
  return answer(context, 200, renderText(report, { color: false, verbose: true, width: 100 }));
}

async function page(context: Asking, exporter: Exporter, own: OwnMetrics): Promise<Response> {
  const found = await told(askingOf(context), exporter, own);
  if ("status" in found) return answer(context, found.status, found.words);
  if (found.look === null) return timeIsUp(context, found);
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
    return answer(context, chosen.status, chosen.words);
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

function chosenDomains(context: Asking, exporter: Exporter): { domains: Asked[] } | Refusal {
  if (context.req.query("target") !== undefined) {
    const found = asked(askingOf(context), exporter);
    if ("status" in found) return found;
    if (found.target.kind !== "domain") throw new UsageError("/sd takes a domain: a host lists nobody");
    return { domains: [found] };
  }
  const domains = exporter.config.targets.filter(({ target }) => target.kind === "domain");
  if (domains.length > 0) return { domains };
  return {
    status: 404,
    words: "the configuration has no domain under targets: /sd?target=DOMAIN asks for one\n",
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
