import type { ProbeContext } from "../../probe/context.ts";
import { probeQuietly } from "../../probe/quiet.ts";
import type { MeasuredLine } from "../../sweep/model.ts";
import { fingerprintOf } from "../../verdict/fingerprint.ts";
import { createPool } from "../pool.ts";
import type { Journal } from "./journal.ts";
import type { Accepting } from "./ledger.ts";

/** Hosts measured at a time: few, so that the figures are the network's and not ours. */
const AT_A_TIME = 4;

/** Connections to all hosts together, where the user says nothing; each host gets one at least and `MOST` at most. */
const CONNECTIONS = 300;
const MOST = 5;

/**
 * Measures the hosts that accepted the bind, once nothing else is under way, but for those of an earlier run.
 *
 * @param asked connections to each; null by their number
 */
export async function measure(
  accepting: readonly Accepting[],
  asked: number | null,
  journal: Journal,
  onLine: (line: MeasuredLine) => void,
  context: ProbeContext,
): Promise<void> {
  const before = new Map(
    journal.past.measured.map((line) => [`${line.address} ${line.endpoint.port}`, line]),
  );
  const count = asked ?? Math.min(MOST, Math.max(1, Math.floor(CONNECTIONS / accepting.length)));
  const pool = createPool(AT_A_TIME);
  await Promise.all(
    accepting.map(({ line: { endpoint }, address, rpc }) =>
      pool(async () => {
        const known = before.get(`${address} ${endpoint.port}`);
        if (known) return onLine(known);
        if (context.signal.aborted) return;
        const quiet = await probeQuietly({ address, port: endpoint.port }, count, context);
        // Half a measurement is none.
        if (context.signal.aborted) return;
        const fingerprint = fingerprintOf(rpc, quiet, endpoint.port);
        const line: MeasuredLine = { type: "measured", endpoint, address, quiet, fingerprint };
        journal.measured(line);
        onLine(line);
      }),
    ),
  );
}
