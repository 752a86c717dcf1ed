import { checkedReport } from "../integration/support/checked-report.ts";

/** What the demo's hosts were found to be: its ports differ from run to run. */
export function verdictsOf(report: string): string[] {
  return checkedReport(report).diagnoses.flatMap(({ endpoints }) =>
    endpoints.map(({ endpoint, verdict }) => `${endpoint.host} ${verdict.code} ${verdict.certainty}`),
  );
}
