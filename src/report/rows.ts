import type { Attempt, Diagnosis, EndpointDiagnosis } from "../model/diagnosis.ts";
import { believedIndex } from "../verdict/believed.ts";
import { median } from "../verdict/figures.ts";

/** One address of one host with its figures; `attempt` is null for a host that has no address. */
export type Row = {
  endpoint: EndpointDiagnosis;
  attempt: Attempt | null;
  tcpMs: number | null;
  /** Median of the alter_context samples; the bind's own time where there are none. */
  rpcMs: number | null;
  /** Chance to be tried first, RFC 2782 order, at the resolver that a client believes. */
  firstPick: number | null;
};

/** One row an endpoint, with the chance that a client of RFC 2782 tries it first (0 to 1). */
export function rowsOf({ endpoints, outlook }: Pick<Diagnosis, "endpoints" | "outlook">): Row[] {
  const views = outlook?.views ?? [];
  return endpoints.flatMap((endpoint) => {
    const { host, port } = endpoint.endpoint;
    // Listed there twice, it has the chances of both records; where a client never hears of it, none.
    const picks = views
      .filter(({ believed }) => believed)
      .flatMap(({ hosts }) => hosts)
      .filter((each) => each.endpoint.host === host && each.endpoint.port === port);
    const chance = picks.reduce((sum, { rfc2782 }) => sum + rfc2782, 0);
    const common = { endpoint, firstPick: views.length > 0 ? chance : null };
    if (endpoint.attempts.length === 0) return [{ ...common, attempt: null, tcpMs: null, rpcMs: null }];
    return endpoint.attempts.map((attempt): Row => {
      const tcpMs = attempt.tcp.outcome === "ok" ? attempt.tcp.elapsedMs : null;
      return { ...common, attempt, tcpMs, rpcMs: rpcMsOf(attempt) };
    });
  });
}

/** Of a host that has nothing else, the first address that -4 or -6 leaves out. */
export function addressOf({ attempt, endpoint }: Row): string | null {
  return attempt?.address ?? endpoint.address.leftOut?.[0] ?? null;
}

/** Addresses that -4 or -6 leaves out, and no row has, each with what there is to say of it. */
export function leftOutOf({
  attempts,
  address: { leftOut = [] },
}: EndpointDiagnosis): { address: string; words: string }[] {
  return leftOut
    .slice(attempts.length === 0 ? 1 : 0)
    .map((address) => ({ address, words: address.includes(":") ? "not asked (-4)" : "not asked (-6)" }));
}

function rpcMsOf({ rpc }: Attempt): number | null {
  if (rpc === null) return null;
  const answered = [rpc.bind, rpc.plain].find(
    (bind) => bind?.answer.outcome === "ok" || bind?.answer.outcome === "denied",
  );
  if (answered?.answer.outcome !== "ok" && answered?.answer.outcome !== "denied") return null;
  return median(rpc.latency.samplesMs) ?? answered.answer.elapsedMs;
}

/** What stands in place of a host that a source has no row for: it is not listed there, or nobody gave a list. */
export function missingAt(
  source: string,
  diagnoses: readonly Diagnosis[],
): "not listed" | "DNS gave no list" {
  const asked = diagnoses.filter((each) => (each.source ?? "") === source && each.srv.length > 0);
  const silent = asked.length > 0 && asked.every(({ srv }) => believedIndex(srv) === null);
  return silent ? "DNS gave no list" : "not listed";
}
