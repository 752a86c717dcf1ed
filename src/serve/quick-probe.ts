/**
 * `/probe` as a scraper asks for it, without the router: what is asked hundreds of times a second is answered from
 * Node's own request. All that is unusual is left to the router, which answers the same.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { refusalOf, seriesOf, told } from "./asking.ts";
import type { LookRequest } from "./asking.ts";
import type { Exporter } from "./exporter.ts";
import type { Guard } from "./guard.ts";
import { headersFor, TEXT } from "./headers.ts";
import type { OwnMetrics } from "./own-metrics.ts";

const PLAIN_HEADERS = headersFor("text/plain; charset=utf-8");
const TEXT_HEADERS = headersFor(TEXT);

/** Queries that are remembered as they were read, and the longest of them. */
const MOST_QUERIES = 4_096;
const LONGEST_QUERY = 512;

/** @returns whether the request is answered here */
export type QuickProbe = (request: IncomingMessage, response: ServerResponse) => boolean;

export function createQuickProbe(
  exporter: Exporter,
  own: OwnMetrics,
  guard: Pick<Guard, "open">,
): QuickProbe {
  const queries = new Map<string, LookRequest["query"]>();
  const queryOf = (url: string): LookRequest["query"] | null => {
    const known = queries.get(url);
    if (known !== undefined) return known;
    const query = usualQuery(url);
    if (query === null) return null;
    if (queries.size >= MOST_QUERIES) queries.clear();
    if (url.length <= LONGEST_QUERY) queries.set(url, query);
    return query;
  };
  return (request, response) => {
    if (request.method !== "GET" || !guard.open) return false;
    const query = queryOf(request.url ?? "");
    if (query === null) return false;
    const header: LookRequest["header"] = (name) => {
      const value = request.headers[name.toLowerCase()];
      return typeof value === "object" ? value.join(", ") : value;
    };
    const waited = exporter.arrived();
    void answer(response, { query, header, outgoing: response, waited }, { exporter, own });
    return true;
  };
}

type Knowing = { exporter: Exporter; own: OwnMetrics };

async function answer(
  response: ServerResponse,
  request: LookRequest,
  { exporter, own }: Knowing,
): Promise<void> {
  const { status, body, headers } = await answerTo(request, { exporter, own });
  own.answered("/probe", status);
  // Whoever has left is told nothing.
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

type Answer = { status: number; body: string; headers: Readonly<Record<string, string>> };

async function answerTo(request: LookRequest, { exporter, own }: Knowing): Promise<Answer> {
  try {
    const found = await told(request, exporter, own);
    if ("status" in found) return { status: found.status, body: found.words, headers: PLAIN_HEADERS };
    return { status: 200, body: seriesOf(found, request, exporter), headers: TEXT_HEADERS };
  } catch (error) {
    // What is our bug is no more than a 500 to who asks, as with the router.
    const { status, words } = refusalOf(error) ?? { status: 500, words: "" };
    return { status, body: words, headers: PLAIN_HEADERS };
  }
}

/**
 * What `/probe?target=...&module=...` says, each at most once; null for every other URL, and for one that says anything
 * else or is not encoded as it should be.
 */
export function usualQuery(url: string): LookRequest["query"] | null {
  const [, text] = /^\/probe\?([^#]*)$/.exec(url) ?? [];
  if (text === undefined || !isEncoded(text)) return null;
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if ((name !== "target" && name !== "module") || found.has(name)) return null;
    found.set(name, value);
  }
  return (name) => found.get(name);
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
