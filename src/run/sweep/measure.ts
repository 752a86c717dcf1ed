import type { ProbeContext } from "../../probe/context.ts";
import { probeQuietly } from "../../probe/quiet.ts";
import type { MeasuredLine, SweepSettings } from "../../sweep/model.ts";
import { fingerprintOf } from "../../verdict/fingerprint.ts";
import { createPool } from "../pool.ts";
import type { Journal } from "./journal.ts";
import type { Accepting } from "./found.ts";
import { createTokens } from "../tokens.ts";

/**
 * Quiet is what leaves this process idle most of the time: connections are made at this rate at most, some 200 µs of
 * work each. Nearby that is one at a time; far away many are in flight, and all of them wait. On loopback 99 % of the
 * connect times are then within 0.3 ms of a packet capture.
 */
const CONNECTIONS_A_SECOND = 2_500;
const IN_FLIGHT = 128;

/** Connections to all hosts together, where the user says nothing; each host gets one at least and `MOST` at most. */
const CONNECTIONS = 300;
const MOST = 5;

/** Measures the hosts that accepted the bind, once nothing else is under way, but for those of an earlier run. */
export async function measure(
  accepting: readonly Accepting[],
  { count: asked, rate }: Pick<SweepSettings, "count" | "rate">,
  { journal, onLine }: { journal: Journal; onLine: (line: MeasuredLine) => void },
  context: ProbeContext,
): Promise<void> {
  const before = new Map(
    journal.past.measured.map((line) => [`${line.address} ${line.endpoint.port}`, line]),
  );
  const count = asked ?? Math.min(MOST, Math.max(1, Math.floor(CONNECTIONS / accepting.length)));
  const pool = createPool(IN_FLIGHT);
  const allowed = rate === 0 ? CONNECTIONS_A_SECOND : Math.min(CONNECTIONS_A_SECOND, rate);
  // Without a connection there is nothing to pace.
  const tokens = createTokens(count === 0 ? 0 : allowed / count, context.clock);

  const measureOne = async ({ endpoint, address, rpc }: Accepting): Promise<void> => {
    const quiet = await probeQuietly({ address, port: endpoint.port }, count, context);
    // Half a measurement is none.
    if (context.signal.aborted) return;
    const fingerprint = fingerprintOf(rpc, quiet, endpoint.port);
    const line: MeasuredLine = { type: "measured", endpoint, address, quiet, fingerprint };
    journal.measured(line);
    onLine(line);
  };

  const pending: Promise<void>[] = [];
  for (const each of accepting) {
    const known = before.get(`${each.address} ${each.endpoint.port}`);
    if (known) {
      onLine(known);
      continue;
    }
    while (tokens.available() < 1 && !context.signal.aborted) await wait(tokens.waitMs());
    if (context.signal.aborted) break;
    tokens.take();
    pending.push(pool(() => measureOne(each)));
  }
  await Promise.all(pending);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
