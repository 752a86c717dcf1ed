/** What is worth saying beside the verdict. Findings never decide one. Each room of evidence has its file in findings/. */
import type { EndpointDiagnosis } from "../model/diagnosis.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Finding } from "../model/finding.ts";
import type { Outlook } from "../model/outlook.ts";
import { judgeClock, judgeOwnClock } from "./clock.ts";
import { addressFindings } from "./findings/address.ts";
import { attemptFindings } from "./findings/attempt.ts";
import { finding } from "./findings/catalog.ts";
import { srvFindings } from "./findings/srv.ts";
import { lintOf } from "./lint.ts";
import type { Removals } from "./lint/removals.ts";

/**
 * @param outlook what a client would experience: the cost of a dead record
 * @param removals what may be removed, as all looks of the run have it
 */
export function findingsOf(
  evidence: Evidence,
  endpoints: readonly EndpointDiagnosis[],
  outlook: Outlook | null,
  removals: Removals,
): Finding[] {
  return [
    ...configurationFindings(evidence),
    ...srvFindings(evidence),
    ...judgeOwnClock(evidence.ownClock, "/ownClock"),
    ...endpoints.flatMap((endpoint, index) => endpointFindings(evidence, endpoint, `/endpoints/${index}`)),
    ...lintOf(evidence, endpoints, outlook, removals).map(({ code, subject, observed, fix, next }) => {
      const found = finding(code, subject, observed, fix);
      return next === undefined ? found : { ...found, next };
    }),
  ];
}

function configurationFindings({ configuration }: Evidence): Finding[] {
  return (configuration?.unread ?? []).map(({ file, line, text, why }, index) =>
    finding(
      "run-configuration-unread",
      `/configuration/unread/${index}`,
      `${file} line ${line}, "${text}": ${why}`,
    ),
  );
}

function endpointFindings(evidence: Evidence, diagnosis: EndpointDiagnosis, at: string): Finding[] {
  const { host, port } = diagnosis.endpoint;
  const attempts = diagnosis.attempts.flatMap((attempt, index) => {
    const place = `${at}/attempts/${index}`;
    const about = { host, address: attempt.address, subject: `${place}/clock` };
    return [...attemptFindings(attempt, port, place), ...judgeClock(attempt.clock, about, evidence.ownClock)];
  });
  return [...addressFindings(evidence, diagnosis, at), ...attempts];
}
