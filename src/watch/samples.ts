/** From diagnoses to one sample an address, and to what may be concluded from an address that is missing in them. */
import type { Diagnosis, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { AddressLookup, SrvAnswer } from "../model/dns.ts";
import type { Evidence } from "../model/evidence.ts";
import { isUnlisted, isUnsettled, leftNothing } from "../verdict/checked.ts";
import type { Sample } from "./host.ts";

/** Seen from one place, the same address and port is one line, whatever names lead to it. */
export function keyOf(place: string, port: number | null, source: string | null): string {
  return `${place} ${port ?? "-"} ${source ?? "-"}`;
}

/** Of every address that was probed, once, in the order of the diagnoses. */
export function probedSamples(diagnoses: readonly Pick<Diagnosis, "source" | "endpoints">[]): Sample[] {
  return unique(
    diagnoses.flatMap(({ source, endpoints }) =>
      endpoints.flatMap((endpoint) => endpointSamples(endpoint, source)),
    ),
  );
}

/** Of every host that has no address, and every domain that lists nobody: it is the news then. */
export function emptySamples(diagnoses: readonly Diagnosis[]): Sample[] {
  return unique(
    diagnoses.flatMap((diagnosis) =>
      diagnosis.endpoints.length === 0
        ? [emptySample(diagnosis)]
        : diagnosis.endpoints.flatMap((endpoint) => hostWithout(endpoint, diagnosis.source)),
    ),
  );
}

/** Keys of every address that DNS, or the user, leads to: probed or not yet. */
export function addressKeys(diagnoses: readonly Pick<Diagnosis, "source" | "endpoints">[]): string[] {
  return diagnoses.flatMap(({ endpoints, source }) =>
    endpoints.flatMap(({ endpoint, address }) =>
      address.addresses.map((each) => keyOf(each, endpoint.port, source)),
    ),
  );
}

/** Those, and the keys of what has no address. */
export function keysOf(diagnoses: readonly Diagnosis[]): Set<string> {
  return new Set([...addressKeys(diagnoses), ...emptySamples(diagnoses).map(({ key }) => key)]);
}

function unique(samples: readonly Sample[]): Sample[] {
  const first = new Map<string, Sample>();
  for (const sample of samples) if (!first.has(sample.key)) first.set(sample.key, sample);
  return [...first.values()];
}

function emptySample(diagnosis: Diagnosis): Sample {
  const { target, source, verdict } = diagnosis;
  const host = target.kind === "domain" ? target.domain : "this machine";
  return {
    key: keyOf(host, null, source),
    subject: { host, port: null, address: null, source },
    verdict,
    open: isUnlisted(diagnosis),
    endpoint: null,
    attempt: null,
  };
}

function hostWithout(endpoint: EndpointDiagnosis, source: string | null): Sample[] {
  if (endpoint.address.addresses.length > 0) return [];
  const { host, port } = endpoint.endpoint;
  const subject = { host, port, address: null, source };
  const { verdict } = endpoint;
  const open = isUnsettled(endpoint);
  return [{ key: keyOf(host, port, source), subject, verdict, open, endpoint, attempt: null }];
}

function endpointSamples(endpoint: EndpointDiagnosis, source: string | null): Sample[] {
  const { host, port } = endpoint.endpoint;
  return endpoint.attempts.map((attempt) => {
    const { address, verdict } = attempt;
    // The other addresses have lines, and evidence, of their own.
    const own = { ...endpoint, attempts: [attempt], verdict };
    const subject = { host, port, address, source };
    const open = leftNothing(attempt);
    return { key: keyOf(address, port, source), subject, verdict, open, endpoint: own, attempt };
  });
}

/** Who could not be asked properly: what they would have said is not known, so nothing they listed is gone. */
export type Doubts = {
  /** Resolvers that did not answer for their list. */
  resolvers: ReadonlySet<string>;
  /** Hosts whose addresses could not all be asked for. */
  hosts: ReadonlySet<string>;
};

/** All by `keyOf`. */
export function doubtsOf(looked: readonly Pick<Evidence, "source" | "srv" | "endpoints">[]): Doubts {
  const resolvers = new Set<string>();
  const hosts = new Set<string>();
  for (const { source, srv, endpoints } of looked) {
    for (const { resolver, answer } of srv) {
      if (!isConclusive(answer)) resolvers.add(keyOf(resolver.address, resolver.port, source));
    }
    for (const { endpoint, address } of endpoints) {
      if (address.lookups.some(({ answer }) => !isConclusive(answer)))
        hosts.add(keyOf(endpoint.host, endpoint.port, source));
    }
  }
  return { resolvers, hosts };
}

/** SERVFAIL and REFUSED are about the resolver; NXDOMAIN and NODATA are about the name. */
function isConclusive(answer: SrvAnswer["answer"] | AddressLookup["answer"]): boolean {
  if (answer.outcome === "ok") return true;
  if (answer.outcome !== "denied") return false;
  return answer.denial.nodata || answer.denial.rcode === "NXDOMAIN" || answer.denial.rcode === "NOERROR";
}
