/**
 * Evidence in, verdicts out: pure and total. An address: the first layer that is not ok speaks. An endpoint: its best
 * address. A domain: all well, some well, or the endpoint that got furthest. A run likewise.
 */
import type {
  Diagnosis,
  EndpointDiagnosis,
  Evidence,
  Outlook,
  Report,
  Requirement,
  Verdict,
} from "../model.ts";
import { isAsked } from "./asked.ts";
import { entryOf } from "./catalog.ts";
import { causesOf } from "./causes.ts";
import { bestOf, judgeEndpoint } from "./endpoint.ts";
import { findingsOf } from "./findings.ts";
import { outlookOf } from "./outlook.ts";
import type { Candidate } from "./outlook.ts";
import { contentOf, disagreement, judgeSrvAnswer } from "./srv.ts";
import { verdictOf } from "./words.ts";

/** @param clientTimeoutMs assumed: what a client loses on a host that stays silent */
export function judge(evidence: Evidence, clientTimeoutMs: number): Diagnosis {
  const endpoints = evidence.endpoints.map((endpoint, index) =>
    judgeEndpoint(endpoint, `/endpoints/${index}`),
  );
  const seen = outlook(evidence, endpoints, clientTimeoutMs);
  return {
    ...evidence,
    endpoints,
    findings: findingsOf(evidence, endpoints, seen),
    outlook: seen,
    verdict: judgeTarget(evidence, endpoints),
  };
}

function judgeTarget(evidence: Evidence, endpoints: readonly EndpointDiagnosis[]): Verdict {
  const { target, srv } = evidence;
  if (target.kind === "no-suffix") {
    return verdictOf("srv-no-suffix", "/target", { detail: target.looked.join(", ") });
  }
  if (endpoints.length === 0) {
    const domain = target.kind === "domain" ? target.domain : "";
    const said = srv.flatMap((answer, index) => judgeSrvAnswer(answer, domain, `/srv/${index}`) ?? []);
    const best = said.toSorted((a, b) => telling(b) - telling(a))[0];
    const nobody = { detail: "no resolver is known to this machine", target: `--domain ${domain}` };
    return best ?? verdictOf("run-cut-short", "/target", nobody);
  }
  const best = bestOf(endpoints.map(({ verdict }) => verdict));
  const serving = endpoints.filter(({ verdict }) => verdict.serves).length;
  if (best === null || serving === 0)
    return best ?? verdictOf("run-cut-short", "/endpoints", { detail: "nothing was probed" });
  const differ = disagreement(srv);
  if (serving === endpoints.length && differ !== null && target.kind === "domain") {
    const [first] = srv;
    return verdictOf("srv-resolvers-disagree", "/srv", {
      domain: target.domain,
      name: first?.name ?? "",
      detail: differ,
      resolverAddress: first?.resolver.address ?? "",
      resolverPort: String(first?.resolver.port ?? 53),
    });
  }
  const worst = endpoints.find(({ verdict }) => verdict.severity !== "ok");
  if (worst === undefined) return best;
  if (endpoints.length === 1) return worst.verdict;
  const detail =
    serving === endpoints.length
      ? `All ${endpoints.length} listed hosts serve, not all of them at every address.`
      : `${serving} of ${endpoints.length} listed hosts serve.`;
  return verdictOf("domain-partly-serves", `/endpoints/${endpoints.indexOf(worst)}`, { detail });
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
        const waits = host.attempts.some((attempt) => entryOf(attempt.verdict.code).clientWaits);
        return [{ endpoint, priority, weight, serves: verdict.serves, costMs: waits ? clientTimeoutMs : 0 }];
      },
    );
    return (
      outlookOf(
        answers.map(({ resolver }) => resolver),
        candidates,
      ) ?? []
    );
  });
  return views.length > 0 ? { clientTimeoutMs, views } : null;
}

/**
 * The run as a whole: whether a client would be served, how many listed hosts serve against what was required, and
 * what the run says of each usual cause.
 */
export function judgeRun(
  diagnoses: readonly Diagnosis[],
  require: Requirement,
): Pick<Report, "requirement" | "verdict" | "causes"> {
  const endpoints = diagnoses.flatMap((diagnosis) => diagnosis.endpoints);
  const serving = endpoints.filter(({ verdict }) => verdict.serves).length;
  const named = diagnoses.filter(isAsked);
  const met =
    require === "all"
      ? serving > 0 && serving === endpoints.length && named.every(({ verdict }) => verdict.serves)
      : serving >= (require === "any" ? 1 : require);
  return {
    requirement: { require, serving, listed: endpoints.length, met },
    verdict: verdictOfRun(diagnoses, serving, endpoints.length),
    causes: causesOf(diagnoses),
  };
}

function verdictOfRun(diagnoses: readonly Diagnosis[], serving: number, listed: number): Verdict {
  const lifted = diagnoses.map((diagnosis, index): Verdict => {
    return { ...diagnosis.verdict, because: `/diagnoses/${index}${diagnosis.verdict.because}` };
  });
  const best = bestOf(lifted);
  if (best === null)
    return verdictOf("run-cut-short", "/diagnoses", { detail: "nothing was asked", target: "" });
  // A search list usually has one suffix with hosts: the others are no trouble, unless the user named them.
  const troubled = diagnoses.findIndex(
    (diagnosis) => isAsked(diagnosis) && diagnosis.verdict.severity !== "ok",
  );
  if (!best.serves || troubled === -1 || diagnoses.length === 1) return best;
  const detail = `${serving} of ${listed} listed hosts serve, in ${diagnoses.length} places looked at.`;
  return verdictOf("run-partly-serves", `/diagnoses/${troubled}`, { detail });
}
