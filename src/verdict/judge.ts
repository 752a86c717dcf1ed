/**
 * Evidence in, verdicts out: pure and total. An address: the first layer that is not ok speaks. An endpoint: its best
 * address. A domain: all well, some well, or the endpoint that got furthest. A run likewise.
 */
import type { Diagnosis, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Outlook } from "../model/outlook.ts";
import type { Report } from "../model/report.ts";
import type { RequireAt, Requirement } from "../model/settings.ts";
import type { Verdict } from "../model/verdict.ts";
import { isAsked } from "./asked.ts";
import { believedIndex, foundHosts, keyOf, resolverWaits } from "./believed.ts";
import type { Hint } from "./catalog/entry.ts";
import { causesOf } from "./causes.ts";
import { timeLostOn } from "./cost.ts";
import { countHosts, countWords, servingWords } from "./counts.ts";
import { elsewhereIn } from "./elsewhere.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { bestOf, judgeEndpoint } from "./endpoint.ts";
import { findingsOf } from "./findings.ts";
import { removalsIn } from "./lint/removals.ts";
import type { Removals } from "./lint/removals.ts";
import { withSiblingFindings } from "./findings/siblings.ts";
import { outlookOf } from "./outlook.ts";
import type { Candidate } from "./outlook.ts";
import { contentOf, disagreement, judgeSrvAnswer } from "./srv.ts";
import { bindOption, verdictOf } from "./words.ts";

/** Judges one target by itself. @param clientTimeoutMs assumed: what a client loses on a host that stays silent */
export function judge(evidence: Evidence, clientTimeoutMs: number): Diagnosis {
  return diagnose(evidence, clientTimeoutMs, togetherIn([evidence]));
}

/** Judges all targets of a run together: what one look saw is evidence for every other. */
export function judgeAll(evidence: readonly Evidence[], clientTimeoutMs: number): Diagnosis[] {
  const together = togetherIn(evidence);
  return withSiblingFindings(evidence.map((each) => diagnose(each, clientTimeoutMs, together)));
}

/** What figures are made of: a diagnosis without its findings, which cost as much as all the rest. */
export type JudgedTarget = Omit<Diagnosis, "findings">;

/** The same as `judgeAll`, but for the findings: for who looks many times a second, and is rarely asked for words. */
export function judgeTargets(evidence: readonly Evidence[], clientTimeoutMs: number): JudgedTarget[] {
  const elsewhere = elsewhereIn(evidence);
  return evidence.map((each) => {
    const endpoints = endpointsOf(each, elsewhere);
    return {
      ...each,
      endpoints,
      outlook: outlook(each, endpoints, clientTimeoutMs),
      verdict: judgeTarget(each, endpoints, elsewhere),
    };
  });
}

/** The hosts alone, beside the evidence they come from: for who judges many times a second. */
export function judgeHosts(evidence: readonly Evidence[]): Pick<Diagnosis, "source" | "endpoints">[] {
  const elsewhere = elsewhereIn(evidence);
  return evidence.map((each) => ({ source: each.source, endpoints: endpointsOf(each, elsewhere) }));
}

/** What the targets of a run are judged by, beside their own evidence. */
type Together = {
  elsewhere: Elsewhere;
  endpoints: ReadonlyMap<Evidence, readonly EndpointDiagnosis[]>;
  removals: Removals;
};

function togetherIn(all: readonly Evidence[]): Together {
  const elsewhere = elsewhereIn(all);
  const endpoints = new Map(all.map((evidence) => [evidence, endpointsOf(evidence, elsewhere)]));
  return { elsewhere, endpoints, removals: removalsIn([...endpoints.values()].flat()) };
}

function endpointsOf(evidence: Evidence, elsewhere: Elsewhere): EndpointDiagnosis[] {
  const [seen, lack] = [elsewhere.from(evidence.source), ownLack(evidence)];
  return evidence.endpoints.map((endpoint, index) =>
    judgeEndpoint(endpoint, `/endpoints/${index}`, seen, lack),
  );
}

function diagnose(evidence: Evidence, clientTimeoutMs: number, together: Together): Diagnosis {
  const endpoints = [...(together.endpoints.get(evidence) ?? [])];
  const seen = outlook(evidence, endpoints, clientTimeoutMs);
  return {
    ...evidence,
    endpoints,
    findings: findingsOf(evidence, endpoints, seen, together.removals),
    outlook: seen,
    verdict: judgeTarget(evidence, endpoints, together.elsewhere),
  };
}

function judgeTarget(
  evidence: Evidence,
  endpoints: readonly EndpointDiagnosis[],
  elsewhere: Elsewhere,
): Verdict {
  const { target, srv } = evidence;
  if (target.kind === "no-suffix") {
    const unread = (evidence.configuration?.unread ?? []).some(({ about }) => about !== "resolver");
    const detail = target.looked.join(", ");
    return verdictOf("srv-no-suffix", "/target", { detail }, unread ? ["suffix-unread"] : []);
  }
  const hosts = foundHosts({ target, srv, endpoints });
  if (hosts.length === 0) return judgeListing(evidence, endpoints, elsewhere);
  const best = bestOf(hosts.map(({ verdict }) => verdict));
  const serving = hosts.filter(({ verdict }) => verdict.serves).length;
  if (best === null || serving === 0)
    return best ?? verdictOf("run-cut-short", "/endpoints", { detail: "nothing was probed" });
  const differ = disagreement(srv);
  if (serving === hosts.length && differ !== null && target.kind === "domain") {
    const [first] = srv;
    return verdictOf("srv-resolvers-disagree", "/srv", {
      domain: target.domain,
      name: first?.name ?? "",
      detail: differ,
      resolverAddress: first?.resolver.address ?? "",
      resolverPort: String(first?.resolver.port ?? 53),
      bind: bindOption(first?.exchange.from ?? null),
    });
  }
  const worst = hosts.find(({ verdict }) => verdict.severity !== "ok");
  if (worst === undefined) return best;
  if (hosts.length === 1) return worst.verdict;
  const detail =
    serving === hosts.length
      ? `All ${hosts.length} listed hosts serve, not all of them at every address.`
      : `${servingWords(serving, hosts.length, "listed host")}.`;
  return verdictOf("domain-partly-serves", `/endpoints/${endpoints.indexOf(worst)}`, { detail });
}

/** What this machine lacks, whatever is looked up. */
export function ownLack({ configuration }: Pick<Evidence, "configuration">): readonly Hint[] {
  return configuration?.noResolver === true ? ["no-resolver"] : [];
}

/** A client finds no host: because of the answer that it believes or, where nobody answers, of the most telling failure. */
function judgeListing(
  { target, srv, source, configuration }: Evidence,
  endpoints: readonly EndpointDiagnosis[],
  elsewhere: Elsewhere,
): Verdict {
  const domain = target.kind === "domain" ? target.domain : "";
  const own = ownLack({ configuration });
  const judged = srv.map((answer, index) => {
    const seen = elsewhere.listing(domain, { source, resolver: answer.resolver });
    return judgeSrvAnswer(answer, domain, `/srv/${index}`, [...own, ...seen]);
  });
  const index = believedIndex(srv);
  const believed = index === null ? null : (judged[index] ?? null);
  if (believed !== null) return endpoints.length === 0 ? believed : hiding(believed, srv, index ?? 0);
  const best = judged.flatMap((each) => each ?? []).toSorted((a, b) => telling(b) - telling(a))[0];
  const detail = srv.length === 0 ? "no resolver is known to this machine" : "nothing was probed";
  const nobody = { detail, target: `--domain ${domain}` };
  return best ?? verdictOf("run-cut-short", "/target", nobody);
}

/** "A client that asks 10.0.0.53:53 first finds no host; at 10.0.1.53:53 it would find 2." */
function hiding(believed: Verdict, srv: Evidence["srv"], index: number): Verdict {
  const [who = ""] = srv.slice(index, index + 1).map(({ resolver }) => keyOf(resolver));
  const client =
    index === 0
      ? `A client that asks ${who} first`
      : `A client that believes ${who}, the first that answers,`;
  const others = srv.flatMap(({ resolver, answer }) =>
    answer.outcome === "ok" && answer.facts.records.length > 0
      ? [
          {
            at: keyOf(resolver),
            hosts: new Set(answer.facts.records.map(({ target, port }) => `${target} ${port}`)),
          },
        ]
      : [],
  );
  const most = Math.max(...others.map(({ hosts }) => hosts.size));
  const at = others.map((each) => each.at).join(" or ");
  return {
    ...believed,
    observed: `${believed.observed} ${client} finds no host; at ${at} it would find ${most}.`,
  };
}

/** Among resolvers that gave no hosts, an answer tells more than a failure, and our own failure least. */
function telling({ code }: Verdict): number {
  const order: readonly Verdict["code"][] = [
    "run-cut-short",
    "srv-local-failure",
    "srv-resolver-unreachable",
    "srv-no-answer",
    "srv-malformed",
    "srv-mismatched",
    "srv-truncated",
    "srv-other-rcode",
    "srv-refused",
    "srv-servfail",
    "srv-nxdomain",
    "srv-alias-chain",
    "srv-nodata",
    "srv-no-records",
    "srv-not-offered",
  ];
  return order.indexOf(code);
}

/** One view for each list of hosts that some resolvers share; views in the order of the resolvers. */
function outlook(
  evidence: Evidence,
  endpoints: readonly EndpointDiagnosis[],
  clientTimeoutMs: number,
): Outlook | null {
  const { srv } = evidence;
  const index = believedIndex(srv);
  const believed = index === null ? null : (srv[index]?.resolver ?? null);
  const groups = new Map<string, Evidence["srv"][number][]>();
  for (const answer of evidence.srv) {
    const content = contentOf(answer);
    if (content === null || answer.answer.outcome !== "ok") continue;
    groups.set(content.key, [...(groups.get(content.key) ?? []), answer]);
  }
  const views = [...groups.values()].flatMap((answers) => {
    const [first] = answers;
    if (first?.answer.outcome !== "ok") return [];
    const candidates = first.answer.facts.records.flatMap(
      ({ target, port, priority, weight }): Candidate[] => {
        const host = endpoints.find(({ endpoint }) => endpoint.host === target && endpoint.port === port);
        if (host === undefined) return [];
        const { verdict, endpoint } = host;
        const costMs = timeLostOn(host, clientTimeoutMs);
        return [{ endpoint, priority, weight, serves: verdict.serves, costMs }];
      },
    );
    const resolvers = answers.map(({ resolver }) => resolver);
    const view = outlookOf(resolvers, candidates);
    const isBelieved = believed !== null && resolvers.some((each) => keyOf(each) === keyOf(believed));
    return view === null ? [] : [{ ...view, believed: isBelieved }];
  });
  if (views.length === 0) return null;
  return { clientTimeoutMs, believed, resolverWaits: resolverWaits(srv), views };
}

/**
 * The run as a whole: whether a client would be served, how many listed hosts serve against what was required, and
 * what the run says of each usual cause.
 */
export function judgeRun(
  diagnoses: readonly Diagnosis[],
  require: Requirement,
  requireAt: RequireAt = "each",
): Pick<Report, "requirement" | "verdict" | "causes"> {
  const requirement = countHosts(diagnoses, { require, requireAt });
  return { requirement, verdict: verdictOfRun(diagnoses, requirement), causes: causesOf(diagnoses) };
}

function verdictOfRun(diagnoses: readonly Diagnosis[], requirement: Report["requirement"]): Verdict {
  const lifted = diagnoses.map((diagnosis, index): Verdict => {
    return { ...diagnosis.verdict, because: `/diagnoses/${index}${diagnosis.verdict.because}` };
  });
  const best = bestOf(lifted);
  if (best === null)
    return verdictOf("run-cut-short", "/diagnoses", { detail: "nothing was asked", target: "" });
  if (!best.serves) return best;
  const { bySource } = requirement;
  const dead = bySource.findIndex(({ serving }) => serving === 0);
  const detail = `${countWords(requirement)}.`;
  if (dead !== -1) return verdictOf("run-partly-serves", `/requirement/bySource/${dead}`, { detail });
  // A search list usually has one suffix with hosts: the others are no trouble, unless the user named them.
  const troubled = diagnoses.findIndex(
    (diagnosis) => isAsked(diagnosis) && diagnosis.verdict.severity !== "ok",
  );
  if (troubled === -1 || diagnoses.length === 1) return best;
  const places = bySource.length > 1 ? "" : `, in ${diagnoses.length} places looked at`;
  return verdictOf("run-partly-serves", `/diagnoses/${troubled}`, {
    detail: detail.replace(/\.$/, `${places}.`),
  });
}
