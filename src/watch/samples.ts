/** From a report to one sample an address, and to what may be concluded from an address that is missing in it. */
import type { Diagnosis, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { AddressLookup, SrvAnswer } from "../model/dns.ts";
import type { Report } from "../model/report.ts";
import { isUnlisted, isUnsettled, leftNothing } from "../verdict/checked.ts";
import type { Sample } from "./host.ts";

/** Seen from one place, the same address and port is one line, whatever names lead to it. */
export function keyOf(place: string, port: number | null, source: string | null): string {
  return `${place} ${port ?? "-"} ${source ?? "-"}`;
}

/** In the order of the report, each address once. */
export function samplesOf(report: Report): Sample[] {
  const samples = new Map<string, Sample>();
  const add = (sample: Sample): void => {
    if (!samples.has(sample.key)) samples.set(sample.key, sample);
  };
  for (const diagnosis of report.diagnoses) {
    if (diagnosis.endpoints.length === 0) add(emptySample(diagnosis));
    for (const endpoint of diagnosis.endpoints)
      for (const sample of endpointSamples(endpoint, diagnosis.source)) add(sample);
  }
  return [...samples.values()];
}

/** A domain that lists nobody is a line of its own: it is the news then. */
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

function endpointSamples(endpoint: EndpointDiagnosis, source: string | null): Sample[] {
  const { host, port } = endpoint.endpoint;
  if (endpoint.attempts.length === 0) {
    const subject = { host, port, address: null, source };
    const { verdict } = endpoint;
    const open = isUnsettled(endpoint);
    return [{ key: keyOf(host, port, source), subject, verdict, open, endpoint, attempt: null }];
  }
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
export function doubtsOf(report: Report): Doubts {
  const resolvers = new Set<string>();
  const hosts = new Set<string>();
  for (const { source, srv, endpoints } of report.diagnoses) {
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
