/** What one source saw, found by name. */
import type { Attempt, Diagnosis, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { SocketAddress, SrvAnswer } from "../model/dns.ts";
import type { Endpoint } from "../model/evidence.ts";
import type { Report } from "../model/report.ts";
import type { ClosedEvidence } from "./model.ts";
import { endpointKey, resolverKey } from "./policy.ts";

/** Something with the RFC 6901 pointer to it, into the verification. */
export type At<Value> = { value: Value; pointer: string };

export type Evidence = {
  report: Report;
  closed: readonly ClosedEvidence[];
  /** Addresses by permitted name; of a name that isn't there nobody could tell. */
  names: ReadonlyMap<string, readonly string[]>;
};

/** One listed or given host, and where it was met. */
export type SeenHost = At<EndpointDiagnosis> & { diagnosis: At<Diagnosis>; attempts: At<Attempt>[] };

export type Sight = {
  names: Evidence["names"];
  domain: (name: string) => At<Diagnosis> | null;
  host: (endpoint: Endpoint) => SeenHost | null;
  closed: (endpoint: Endpoint) => At<ClosedEvidence> | null;
};

/** @param source null for what the system chose */
export function sightOf({ report, closed, names }: Evidence, source: string | null): Sight {
  const domains = new Map<string, At<Diagnosis>>();
  const hosts = new Map<string, SeenHost>();
  report.diagnoses.forEach((diagnosis, index) => {
    if (diagnosis.source !== source) return;
    const at = { value: diagnosis, pointer: `/report/diagnoses/${index}` };
    if (diagnosis.target.kind === "domain") domains.set(diagnosis.target.domain, at);
    else for (const host of hostsOf(at)) hosts.set(endpointKey(host.value.endpoint), host);
  });
  const reached = new Map<string, At<ClosedEvidence>>();
  closed.forEach((value, index) => {
    if (value.source === source) reached.set(endpointKey(value), { value, pointer: `/closed/${index}` });
  });
  return {
    names,
    domain: (name) => domains.get(name) ?? null,
    host: (endpoint) => hosts.get(endpointKey(endpoint)) ?? null,
    closed: (endpoint) => reached.get(endpointKey(endpoint)) ?? null,
  };
}

/** The hosts of a diagnosis with their attempts, each with the pointer that leads to it. */
export function hostsOf(diagnosis: At<Diagnosis>): SeenHost[] {
  return diagnosis.value.endpoints.map((value, index) => {
    const pointer = `${diagnosis.pointer}/endpoints/${index}`;
    const attempts = value.attempts.map((attempt, at) => {
      return { value: attempt, pointer: `${pointer}/attempts/${at}` };
    });
    return { value, pointer, diagnosis, attempts };
  });
}

/** The hosts that one of these resolvers lists. */
export function listedAt(diagnosis: At<Diagnosis>, resolvers: readonly SocketAddress[]): SeenHost[] {
  const asked = new Set(resolvers.map(resolverKey));
  return hostsOf(diagnosis).filter(({ value }) =>
    value.listedBy.some(({ resolver }) => asked.has(resolverKey(resolver))),
  );
}

/** What these resolvers said, in the order in which they are named here. */
export function answersAt(
  { value, pointer }: At<Diagnosis>,
  resolvers: readonly SocketAddress[],
): At<SrvAnswer>[] {
  return resolvers
    .map(resolverKey)
    .flatMap((asked) =>
      value.srv.flatMap((answer, index) =>
        resolverKey(answer.resolver) === asked ? [{ value: answer, pointer: `${pointer}/srv/${index}` }] : [],
      ),
    );
}
