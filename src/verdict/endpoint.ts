import type { Attempt, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { AddressEvidence } from "../model/dns.ts";
import type { AttemptEvidence, EndpointEvidence } from "../model/evidence.ts";
import type { Layer, Verdict } from "../model/verdict.ts";
import { isNobodys } from "../protocol/special-use.ts";
import { judgeAttempt } from "./attempt.ts";
import { isTakenOut } from "./by-rule.ts";
import { cutShort } from "./cut-short.ts";
import { entryOf } from "./catalog.ts";
import { NOBODY_ELSE } from "./elsewhere.ts";
import type { ElsewhereFrom } from "./elsewhere.ts";
import type { Hint } from "./catalog/entry.ts";
import { deniersOf, isDeniedByNobody, isStripped } from "./denial.ts";
import { servesBeside } from "./family.ts";
import { givenBy } from "./given.ts";
import { isUnfinished } from "./unfinished.ts";
import { KMS_PORT } from "./usual-port.ts";
import { withoutDoubledZone } from "./lint/targets.ts";
import { askedFor, failedAt, lookupHints, refersElsewhere } from "./lookup.ts";
import { hostPort, verdictOf } from "./words.ts";
import type { Sighted } from "./words.ts";

/**
 * Judges every address, then the endpoint: its best address speaks for it.
 * @param elsewhere what the other sources of the run saw
 * @param own what this machine's configuration lacks
 */
export function judgeEndpoint(
  evidence: EndpointEvidence,
  pointer: string,
  elsewhere: ElsewhereFrom = NOBODY_ELSE.from(null),
  own: readonly Hint[] = [],
): EndpointDiagnosis {
  const { endpoint } = evidence;
  const serving = servingIn(evidence);
  const listing = listingHints(evidence);
  const attempts = evidence.attempts.map((attempt, index): Attempt => {
    const seen = [...listing, ...elsewhere.address(attempt, endpoint.port)];
    const given = givenBy(evidence, attempt.address);
    const at = `${pointer}/attempts/${index}`;
    return { ...attempt, verdict: judgeAttempt(attempt, endpoint, at, { given, seen, serving }) };
  });
  const best = bestOf(attempts.map(({ verdict }) => verdict));
  const verdict =
    best === null
      ? judgeAddresses(evidence, `${pointer}/address`, { own, seen: elsewhere.name(endpoint) })
      : judgeBest(best, evidence, attempts, pointer);
  return { ...evidence, attempts, verdict };
}

/** What the records say of the host, as far as a client would be led astray by it. */
function listingHints(evidence: EndpointEvidence): Hint[] {
  const { endpoint, listedBy } = evidence;
  const other = listedBy.length > 0 && endpoint.port !== KMS_PORT;
  return [
    ...(listedBy.length > 0 ? (["listed"] as const) : []),
    ...(isUnfinishedPort(evidence) ? (["unfinished-port"] as const) : []),
    ...(other ? (["listed-port"] as const) : []),
  ];
}

function isUnfinishedPort({ endpoint: { port }, listedBy }: EndpointEvidence): boolean {
  return listedBy.length > 0 && listedBy.every((listing) => isUnfinished({ ...listing, port }));
}

function servingIn({ attempts, endpoint }: EndpointEvidence): AttemptEvidence[] {
  return attempts.length < 2 ? [] : attempts.filter((attempt) => judgeAttempt(attempt, endpoint, "").serves);
}

/** The best address speaks, unless it is the only one that does. */
function judgeBest(
  best: Verdict,
  evidence: EndpointEvidence,
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
  const { host, port } = evidence.endpoint;
  if (!best.serves) return best;
  const special = deciding(evidence.address);
  if (first === undefined && special.length > 0) {
    const said = special.map(({ address, use }) => `${address} (${use})`).join(", ");
    const values = {
      host,
      port: String(port),
      ...askedFor(evidence.address, special[0]?.address ?? null),
      detail: `DNS gives ${said} beside it, which is no KMS host`,
    };
    return verdictOf("endpoint-partly-serves", `${pointer}/address`, values);
  }
  if (first === undefined) return isByGlueAlone(evidence) ? { ...best, certainty: "likely" } : best;
  const said = failing.map(({ address, verdict }) => `${address}: ${entryOf(verdict.code).title}`).join("; ");
  const asked = askedFor(evidence.address, first?.address ?? null);
  const values = { host, port: String(port), ...asked, detail: `not at ${said}` };
  const { hints, values: beside } = servesBeside(
    first,
    attempts.filter((attempt) => attempt.verdict.serves),
  );
  const because = `${pointer}/attempts/${attempts.indexOf(first)}`;
  return verdictOf("endpoint-partly-serves", because, { ...values, ...beside }, hints);
}

/** Whether the addresses came with the SRV answer only, and whoever asks for the host is told that there are none. */
function isByGlueAlone({ address }: EndpointEvidence): boolean {
  const asked = address.lookups.some(({ answer }) => answer.outcome === "ok");
  return !asked && address.glue.length > 0 && deniersOf(address, 4).length + deniersOf(address, 6).length > 0;
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
  { endpoint, address, listedBy }: EndpointEvidence,
  because: string,
  { own, seen }: { own: readonly Hint[]; seen: readonly Sighted[] },
): Verdict {
  const values = { host: endpoint.host, port: String(endpoint.port) };
  const hints: Hint[] = [listedBy.length > 0 ? "listed" : "named"];
  if (listedBy.length > 0 && !endpoint.host.replace(/\.$/, "").includes(".")) hints.push("one-label");
  const [special] = deciding(address);
  const asked = askedFor(address, special?.address ?? null);
  if (special !== undefined) {
    const filled = { ...values, ...asked, address: special.address, detail: SPECIAL_WORDS[special.use] };
    return verdictOf(specialCode(special.use), because, filled, hints);
  }
  const { leftOut = [] } = address;
  if (leftOut.length > 0) {
    const flag = leftOut.some((each) => each.includes(":")) ? "-4" : "-6";
    const target = hostPort(endpoint.host, endpoint.port);
    return verdictOf("address-left-out", because, { ...values, detail: leftOut.join(", "), flag, target });
  }
  if (!address.validName) return verdictOf("address-invalid-target", because, values);
  const skipped = address.lookups.find(({ answer }) => answer.outcome === "skipped");
  if (skipped?.answer.outcome === "skipped")
    return cutShort(because, { ...values, target: endpoint.host }, skipped.answer.reason);
  const answers = address.lookups.map(describeLookup);
  const detail = [...new Set(answers.map(({ said }) => said))].join(", ") || "nobody could be asked";
  const none = answers.length > 0 && answers.every(({ denies }) => denies);
  if (isStripped(address)) hints.push("stripped");
  if (isDeniedByNobody(address)) hints.push("nobody-denies");
  if (isTakenOut(address) && !isStripped(address)) hints.push("by-rule");
  if (none) {
    const alias = aliasIn(address);
    if (alias !== null) hints.push("alias");
    const undoubled = withoutDoubledZone(endpoint.host);
    if (undoubled !== null) hints.push("doubled-zone");
    const named = { alias: alias ?? "", undoubled: undoubled ?? "" };
    const filled = { ...values, ...asked, ...named, detail };
    return verdictOf("address-none", because, filled, [...hints, ...seen]);
  }
  // What was refused is what an alias leads to.
  const refused = aliasIn(address) ?? endpoint.host;
  const filled = { ...values, ...failedAt(address), detail, refused };
  const clues = [
    ...lookupHints(address, own),
    ...hints.filter((hint) => hint === "listed" || hint === "one-label"),
    ...seen,
  ];
  return verdictOf("address-lookup-failed", because, filled, clues);
}

type Denial = Extract<AddressEvidence["lookups"][number]["answer"], { outcome: "denied" }>["denial"];

/** What the host is an alias of, where that is what has no address. */
function aliasIn({ lookups }: AddressEvidence): string | null {
  const denials = lookups.flatMap(({ answer }) => (answer.outcome === "denied" ? [answer.denial] : []));
  return denials.flatMap(({ aliases }) => aliases.slice(-1))[0] ?? null;
}

/** An address for documents that answers all the same is somebody's: it is told, and decides nothing. */
function deciding({ special }: AddressEvidence): AddressEvidence["special"] {
  return special.filter(({ use }) => isNobodys(use));
}

type Special = AddressEvidence["special"][number]["use"];

function specialCode(use: Special): Verdict["code"] {
  if (use === "unspecified") return "address-null";
  return use === "loopback" ? "address-loopback" : "address-no-host";
}

const SPECIAL_WORDS: Readonly<Record<Special, string>> = {
  unspecified: "no address at all",
  loopback: "every machine's own",
  "link-local": "a link-local address without a zone, which DNS can't give",
  multicast: "a multicast address",
  broadcast: "the broadcast address",
  reserved: "a reserved address",
  documentation: "an address for examples in documents",
  benchmarking: "an address for benchmarks, as proxies make up",
};

function describeDenial(
  { rcode, nodata, aliases }: Denial,
  type: string,
  name: string,
): { denies: boolean; said: string } {
  const last = aliases.at(-1);
  const of = last === undefined ? "" : `${last}, of which it is an alias`;
  if (nodata) return { denies: true, said: `no ${type} record${of && ` of ${of}`}` };
  return { denies: rcode === "NXDOMAIN", said: `${rcode} for ${of || name}` };
}

/** Only NXDOMAIN and NODATA say that there is no address; any other answer leaves it open. */
function describeLookup({ family, name, asked, answer }: AddressEvidence["lookups"][number]): {
  denies: boolean;
  said: string;
} {
  const type = family === 4 ? "A" : "AAAA";
  switch (answer.outcome) {
    case "denied":
      if (answer.denial.chain !== null) {
        return { denies: false, said: `${type}: aliases that lead to no address` };
      }
      if (refersElsewhere({ asked, answer }))
        return { denies: false, said: `${type}: a referral, no answer` };
      return describeDenial(answer.denial, type, name);
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
