import type { Attempt, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { AddressEvidence } from "../model/dns.ts";
import type { Endpoint, EndpointEvidence } from "../model/evidence.ts";
import type { Layer, Verdict } from "../model/verdict.ts";
import { cutShort, judgeAttempt } from "./attempt.ts";
import { entryOf } from "./catalog.ts";
import { NOBODY_ELSE } from "./elsewhere.ts";
import type { ElsewhereFrom } from "./elsewhere.ts";
import { verdictOf } from "./words.ts";
import type { Sighted } from "./words.ts";

/**
 * Judges every address, then the endpoint: its best address speaks for it.
 * @param elsewhere what the other sources of the run saw
 */
export function judgeEndpoint(
  evidence: EndpointEvidence,
  pointer: string,
  elsewhere: ElsewhereFrom = NOBODY_ELSE.from(null),
): EndpointDiagnosis {
  const { endpoint } = evidence;
  const attempts = evidence.attempts.map((attempt, index): Attempt => {
    const seen = elsewhere.address(attempt, endpoint.port);
    return { ...attempt, verdict: judgeAttempt(attempt, endpoint, `${pointer}/attempts/${index}`, seen) };
  });
  const best = bestOf(attempts.map(({ verdict }) => verdict));
  const verdict =
    best === null
      ? judgeAddresses(evidence, `${pointer}/address`, elsewhere.name(endpoint))
      : judgeBest(best, endpoint, attempts, pointer);
  return { ...evidence, attempts, verdict };
}

/** The best address speaks, unless it is the only one that does. */
function judgeBest(
  best: Verdict,
  { host, port }: Endpoint,
  attempts: readonly Attempt[],
  pointer: string,
): Verdict {
  const failing = attempts.filter(
    (attempt) =>
      !attempt.verdict.serves &&
      // What our own machine or the user's stop left open is no fault of the host.
      !entryOf(attempt.verdict.code).ours &&
      !isFamilyMissingHere(attempt, attempts),
  );
  const [first] = failing;
  if (!best.serves || first === undefined) return best;
  const said = failing.map(({ address, verdict }) => `${address}: ${entryOf(verdict.code).title}`).join("; ");
  const values = { host, port: String(port), detail: `not at ${said}` };
  return verdictOf("endpoint-partly-serves", `${pointer}/attempts/${attempts.indexOf(first)}`, values);
}

/**
 * A host with both families, seen from a machine with one, has no fault: such a client takes the other address. A
 * missing route to one of two addresses of one family is another matter.
 */
export function isFamilyMissingHere({ family }: Attempt, all: readonly Attempt[]): boolean {
  const missing = ["ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"];
  return all.every((other) => other.family !== family || missing.includes(other.routeErrno ?? ""));
}

const LAYERS: readonly Layer[] = ["run", "srv", "address", "tcp", "rpc", "endpoint", "domain"];

/**
 * The verdict that got furthest: one that serves before one that does not, what the network did before what our own
 * machine did, a later layer before an earlier one. The first of equals.
 */
export function bestOf(verdicts: readonly Verdict[]): Verdict | null {
  return verdicts.reduce<Verdict | null>((best, verdict) => {
    return best === null || rank(verdict) > rank(best) ? verdict : best;
  }, null);
}

function rank({ serves, severity, code, layer }: Verdict): number {
  return (
    (serves ? 1000 : 0) +
    (severity === "ok" ? 100 : 0) +
    (entryOf(code).ours ? 0 : 50) +
    LAYERS.indexOf(layer)
  );
}

/** Nothing could be probed: because there is no address, or because none could be learnt. */
function judgeAddresses(
  { endpoint, address }: EndpointEvidence,
  because: string,
  seen: readonly Sighted[],
): Verdict {
  const values = { host: endpoint.host, port: String(endpoint.port) };
  if (!address.validName) return verdictOf("address-invalid-target", because, values);
  const skipped = address.lookups.find(({ answer }) => answer.outcome === "skipped");
  if (skipped?.answer.outcome === "skipped")
    return cutShort(because, { ...values, target: endpoint.host }, skipped.answer.reason);
  const answers = address.lookups.map(describeLookup);
  const detail = [...new Set(answers.map(({ said }) => said))].join(", ") || "nobody could be asked";
  const none = answers.length > 0 && answers.every(({ denies }) => denies);
  return verdictOf(none ? "address-none" : "address-lookup-failed", because, { ...values, detail }, seen);
}

/** Only NXDOMAIN and NODATA say that there is no address; any other answer leaves it open. */
function describeLookup({ family, name, answer }: AddressEvidence["lookups"][number]): {
  denies: boolean;
  said: string;
} {
  const type = family === 4 ? "A" : "AAAA";
  switch (answer.outcome) {
    case "denied":
      if (answer.denial.nodata) return { denies: true, said: `no ${type} record` };
      return { denies: answer.denial.rcode === "NXDOMAIN", said: `${answer.denial.rcode} for ${name}` };
    case "no-answer":
      return { denies: false, said: `${type}: ${answer.cause === "deadline" ? "no answer" : answer.cause}` };
    case "malformed":
      return { denies: false, said: `${type}: ${answer.fault.what}` };
    case "not-sent":
      return { denies: false, said: `${type}: ${answer.errno} here` };
    case "ok":
    case "skipped":
      return { denies: false, said: `${type}: not probed` };
    default:
      return answer satisfies never;
  }
}
