/** From a report to one sample an address, and to what may be concluded from an address that is missing in it. */
import type { AddressLookup, Diagnosis, EndpointDiagnosis, Report, SrvAnswer } from "../model.ts";
import { hostPort } from "../verdict/words.ts";
import type { Sample } from "./host.ts";

/** The same address and port is one line, whatever names lead to it. */
export function keyOf(place: string, port: number | null): string {
  return port === null ? place : `${place} ${port}`;
}

/** In the order of the report, each address once. */
export function samplesOf(report: Report): Sample[] {
  const samples = new Map<string, Sample>();
  const add = (sample: Sample): void => {
    if (!samples.has(sample.key)) samples.set(sample.key, sample);
  };
  for (const diagnosis of report.diagnoses) {
    if (diagnosis.endpoints.length === 0) add(emptySample(diagnosis));
    for (const endpoint of diagnosis.endpoints) for (const sample of endpointSamples(endpoint)) add(sample);
  }
  return [...samples.values()];
}

/** A domain that lists nobody is a line of its own: it is the news then. */
function emptySample({ target, verdict }: Diagnosis): Sample {
  const host = target.kind === "domain" ? target.domain : "this machine";
  return {
    key: keyOf(host, null),
    subject: { host, port: null, address: null },
    verdict,
    endpoint: null,
    attempt: null,
  };
}

function endpointSamples(endpoint: EndpointDiagnosis): Sample[] {
  const { host, port } = endpoint.endpoint;
  if (endpoint.attempts.length === 0) {
    const subject = { host, port, address: null };
    return [{ key: keyOf(host, port), subject, verdict: endpoint.verdict, endpoint, attempt: null }];
  }
  return endpoint.attempts.map((attempt) => {
    const { address, verdict } = attempt;
    // The other addresses have lines, and evidence, of their own.
    const own = { ...endpoint, attempts: [attempt], verdict };
    return { key: keyOf(address, port), subject: { host, port, address }, verdict, endpoint: own, attempt };
  });
}

/** Who could not be asked properly: what they would have said is not known, so nothing they listed is gone. */
export type Doubts = {
  /** Resolvers, as `ADDR:PORT`, that did not answer for their list. */
  resolvers: ReadonlySet<string>;
  /** Hosts, by `keyOf`, whose addresses could not all be asked for. */
  hosts: ReadonlySet<string>;
};

export function doubtsOf(report: Report): Doubts {
  const unanswered = report.diagnoses
    .flatMap(({ srv }) => srv)
    .filter((answer) => !isConclusive(answer.answer));
  const doubtful = report.diagnoses
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ address }) => address.lookups.some(({ answer }) => !isConclusive(answer)));
  return {
    resolvers: new Set(unanswered.map(({ resolver }) => hostPort(resolver.address, resolver.port))),
    hosts: new Set(doubtful.map(({ endpoint }) => keyOf(endpoint.host, endpoint.port))),
  };
}

/** SERVFAIL and REFUSED are about the resolver; NXDOMAIN and NODATA are about the name. */
function isConclusive(answer: SrvAnswer["answer"] | AddressLookup["answer"]): boolean {
  if (answer.outcome === "ok") return true;
  if (answer.outcome !== "denied") return false;
  return answer.denial.nodata || answer.denial.rcode === "NXDOMAIN" || answer.denial.rcode === "NOERROR";
}
