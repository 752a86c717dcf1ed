/** A first policy from what a check saw: what holds now is what is expected from now on. Pure. */
import { Document, isMap, isPair, isSeq } from "yaml";
import type { Diagnosis, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { Report } from "../model/report.ts";
import { foundHosts } from "../verdict/believed.ts";
import { quantile } from "../verdict/figures.ts";
import { disagreement } from "../verdict/srv.ts";
import { hostPort } from "../verdict/words.ts";
import { roundTripsMs } from "./evaluate/latency.ts";
import { among } from "./names.ts";
import { lintCodes } from "./policy.ts";

/** Bounds that people would write. */
const NICE_MS = [20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/** So much slower than now is still fine. */
const LATENCY_ROOM = 3;

type Entry = { comment: string; expectation: Record<string, unknown> };

/** What the user named; what was found by itself is left out, so that every machine finds its own. */
export type Asked = { domains: readonly string[]; resolvers: readonly string[]; sources: readonly string[] };

/** @returns the text of a policy that holds for this very report, with a comment on each entry */
export function firstPolicy(report: Report, asked: Asked): string {
  const views = [...new Set(report.diagnoses.map(({ source }) => source))].map((source) =>
    viewOf(report, source),
  );
  // What a domain has at one source it may lack at another.
  const names = [...new Set(views.flatMap(({ domains }) => domains.map(domainOf)))];
  const named = views.flatMap((view) => view.named).filter(isFirst);
  const several = views.length > 1;
  const entries = [
    ...atEach(views, (view) => serveEntries(view, several)),
    ...latencyEntries(report),
    ...atEach(views, ({ domains }) => domains.flatMap(listedEntry)),
    ...atEach(views, ({ domains }) => agreeEntries(domains)),
    ...permittedEntries(report),
    ...atEach(views, ({ domains }) => lintEntries(domains)),
  ];
  const document = new Document({
    version: 1,
    ...(names.length > 0 || asked.domains.length > 0
      ? { domains: names.length > 0 ? names : asked.domains }
      : {}),
    ...(named.length > 0 ? { hosts: named.map(endpointText) } : {}),
    ...(asked.resolvers.length > 0 ? { resolvers: asked.resolvers } : {}),
    ...(asked.sources.length > 0 ? { from: asked.sources } : {}),
    expect: entries.map(({ expectation }) => expectation),
  });
  comment(document, entries);
  document.commentBefore = [
    ` A first policy, from what ${report.from.host} saw on ${report.startedAt}: it holds now. Change what is to be otherwise,`,
    " and add what must stay closed:",
    "   - closed: { hosts: 10.30.0.0/24, ports: [1688, 445] }",
    " Editors complete it by the schema that kmsprobe verify --schema prints.",
  ].join("\n");
  return document.toString({ lineWidth: 110, flowCollectionPadding: true });
}

/** What one source saw. */
type View = { source: string | null; domains: Diagnosis[]; named: EndpointDiagnosis[] };

function viewOf(report: Report, source: string | null): View {
  const diagnoses = report.diagnoses.filter((each) => each.source === source);
  return {
    source,
    domains: diagnoses.filter(({ target, endpoints }) => target.kind === "domain" && endpoints.length > 0),
    named: diagnoses.filter(({ target }) => target.kind === "list").flatMap(({ endpoints }) => endpoints),
  };
}

function isFirst(host: EndpointDiagnosis, index: number, all: readonly EndpointDiagnosis[]): boolean {
  return all.findIndex((other) => endpointText(other) === endpointText(host)) === index;
}

/** An entry that every source gives stands once; one that only some of them give says which. */
function atEach(views: readonly View[], make: (view: View) => Entry[]): Entry[] {
  const found = new Map<string, { entry: Entry; from: string[] }>();
  for (const view of views) {
    for (const entry of make(view)) {
      const key = JSON.stringify(entry);
      const known = found.get(key) ?? { entry, from: [] };
      found.set(key, { entry, from: [...known.from, ...(view.source === null ? [] : [view.source])] });
    }
  }
  return [...found.values()].map(({ entry, from }) => {
    if (views.length < 2 || from.length === views.length) return entry;
    return {
      comment: `${entry.comment}, seen from ${from.join(" and ")}`,
      expectation: { ...entry.expectation, from },
    };
  });
}

function comment(document: Document, entries: readonly Entry[]): void {
  if (!isMap(document.contents)) return;
  const expected = document.contents.items.find(
    (item) => isPair(item) && String(item.key) === "expect",
  )?.value;
  if (!isSeq(expected)) return;
  expected.items.forEach((item, index) => {
    const text = entries[index]?.comment;
    if (isMap(item) && text !== undefined) item.commentBefore = ` ${text}`;
  });
}

/** @param several sources, of which one alone that is served nowhere need not fail the others */
function serveEntries({ domains, named }: View, several: boolean): Entry[] {
  const groups = [
    ...domains.map((each) => ({ targets: { domains: domainOf(each) }, hosts: foundHosts(each) })),
    ...(named.length > 0 ? [{ targets: { hosts: named.map(endpointText) }, hosts: named }] : []),
  ];
  return groups.map(({ targets, hosts }) => {
    const serving = hosts.filter(({ verdict }) => verdict.serves).length;
    const seen = `${serving} of ${hosts.length} ${serving === 1 ? "serves" : "serve"} now`;
    if (serving === 0) {
      const serve = { ...targets, require: "any" };
      return {
        comment: `${seen}: this ${several ? "warns" : "fails"} until one does`,
        expectation: several ? { serve, level: "warning" } : { serve },
      };
    }
    const require = serving === hosts.length ? "all" : serving === 1 ? "any" : serving;
    return { comment: seen, expectation: { serve: { ...targets, require } } };
  });
}

function latencyEntries({ diagnoses }: Report): Entry[] {
  const hosts = diagnoses.flatMap(foundHosts);
  // A source that is served nowhere has no latency to check.
  const served = [...new Set(diagnoses.map(({ source }) => source))].every((source) =>
    diagnoses.some(
      (each) => each.source === source && foundHosts(each).some(({ verdict }) => verdict.serves),
    ),
  );
  if (!served) return [];
  const slowest = Math.max(
    ...hosts.flatMap(({ attempts }) => attempts.flatMap((each) => quantile(roundTripsMs(each), 0.95) ?? [])),
  );
  const bound = NICE_MS.find((ms) => ms >= slowest * LATENCY_ROOM);
  if (bound === undefined) return [];
  return [
    {
      comment: `the slowest round trip now is ${slowest.toFixed(1)} ms`,
      expectation: { latency: { p95: bound >= 1_000 ? `${bound / 1_000}s` : `${bound}ms`, samples: 20 } },
    },
  ];
}

/** Whoever serves must be listed; whoever else is listed now may stay. */
function listedEntry(diagnosis: Diagnosis): Entry[] {
  const serving = diagnosis.endpoints.filter(({ verdict }) => verdict.serves);
  const everywhere = serving.filter(({ listedBy }) => listedBy.length === diagnosis.srv.length);
  const must = everywhere.map(endpointText);
  const may = diagnosis.endpoints.map(endpointText).filter((host) => !must.includes(host));
  return [
    {
      comment: "DNS lists these and no others; those under may need not be listed",
      expectation: {
        listed: {
          domains: domainOf(diagnosis),
          ...(must.length > 0 ? { must } : {}),
          may: may.length > 0 ? may : must,
        },
      },
    },
  ];
}

function agreeEntries(domains: readonly Diagnosis[]): Entry[] {
  const several = domains.length > 0 && domains.every(({ srv }) => srv.length > 1);
  if (!several) return [];
  const fine = domains.every(
    ({ srv }) => disagreement(srv) === null && srv.every(({ answer }) => answer.outcome === "ok"),
  );
  return [
    {
      comment: fine
        ? "the resolvers agree now"
        : "the resolvers do not agree now: make it an error, once they do",
      expectation: { agree: { domains: domains.map(domainOf) }, ...(fine ? {} : { level: "warning" }) },
    },
  ];
}

function permittedEntries({ diagnoses }: Report): Entry[] {
  const attempts = diagnoses.flatMap(({ endpoints }) => endpoints.flatMap((each) => each.attempts));
  const nameless = diagnoses.flatMap(({ endpoints }) =>
    endpoints
      .filter((each) => each.attempts.length === 0 && each.listedBy.length > 0)
      .map(({ endpoint }) => endpoint.host),
  );
  const addresses = [...new Set(attempts.map(({ address }) => address))];
  const allow = [...addresses, ...new Set(nameless)].filter((each) => !each.includes("%"));
  if (addresses.length === 0 || allow.length > 4_096) return [];
  // Whoever is off now may be a host when it is back: this check was told of it by DNS or by its user.
  const silent = allow.filter(
    (each) => !attempts.some(({ address, verdict }) => address === each && verdict.serves),
  );
  const but = silent.length === 0 ? "" : `, ${among(silent)} too, which ${verbOf(silent)} not serve now`;
  return [
    {
      comment: `who may be a KMS host: every host that is listed or was named${but}; take out whoever should be none`,
      expectation: { permitted: { allow } },
    },
  ];
}

function verbOf(hosts: readonly string[]): string {
  return hosts.length === 1 ? "does" : "do";
}

function lintEntries(domains: readonly Diagnosis[]): Entry[] {
  if (domains.length === 0) return [];
  const warned = new Set(
    domains.flatMap(({ findings }) =>
      findings.flatMap(({ code, severity }) => (severity === "warning" ? [code] : [])),
    ),
  );
  const allow = lintCodes.filter((code) => warned.has(code));
  return [
    {
      comment:
        allow.length > 0
          ? "what the records can be blamed for now; put it right, then take it out here"
          : "the records are clean now",
      expectation: { lint: { domains: domains.map(domainOf), ...(allow.length > 0 ? { allow } : {}) } },
    },
  ];
}

function domainOf({ target }: Diagnosis): string {
  return target.kind === "domain" ? target.domain : "";
}

function endpointText({ endpoint }: EndpointDiagnosis): string {
  return hostPort(endpoint.host, endpoint.port);
}
