/** From a report to one sample an address, and to what may be concluded from an address that is missing in it. */
import type { Diagnosis, EndpointDiagnosis, Report, SrvAnswer } from "../model.ts";
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

/**
 * Hosts (by name and port) about which this report can't say that they are gone: because their resolver, or the one
 * that should list them, did not answer properly. The names of domains stand for all hosts of theirs.
 */
export function doubtsOf(report: Report): { domains: boolean; hosts: Set<string> } {
  const hosts = new Set<string>();
  let domains = false;
  for (const { srv, endpoints } of report.diagnoses) {
    if (srv.some((answer) => !isConclusive(answer))) domains = true;
    for (const { endpoint, address } of endpoints) {
      const doubtful = address.lookups.some(
        ({ answer }) => answer.outcome !== "ok" && !(answer.outcome === "denied" && isDenial(answer.denial)),
      );
      if (doubtful) hosts.add(keyOf(endpoint.host, endpoint.port));
    }
  }
  return { domains, hosts };
}

function isConclusive({ answer }: SrvAnswer): boolean {
  return answer.outcome === "ok" || (answer.outcome === "denied" && isDenial(answer.denial));
}

/** SERVFAIL and REFUSED are about the resolver; these two are about the name. */
function isDenial({ rcode, nodata }: { rcode: string; nodata: boolean }): boolean {
  return nodata || rcode === "NXDOMAIN" || rcode === "NOERROR";
}
