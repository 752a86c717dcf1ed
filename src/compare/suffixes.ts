import { hostPort } from "../verdict/words.ts";
import type { Listed, Suffix } from "./comparison.ts";
import { hostName } from "./matrix.ts";
import { by } from "./ordering.ts";
import type { ReadSrvAnswer } from "./reading.ts";
import { bestStatus, statusOfVerdict } from "./status.ts";
import type { Status } from "./status.ts";
import type { Vantage } from "./vantage.ts";

type AskedPlace = Suffix["places"][number];

/** Suffix → what the resolvers of each place list under it. Places that did not ask for a suffix are not in it. */
export function suffixesOf(vantages: readonly Vantage[]): Suffix[] {
  const suffixes = new Map<string, AskedPlace[]>();
  for (const { place, diagnoses } of vantages) {
    const asked = new Map<string, ReadSrvAnswer[]>();
    for (const { target, srv } of diagnoses) {
      if (target.domain === undefined) continue;
      const domain = hostName(target.domain);
      asked.set(domain, [...(asked.get(domain) ?? []), ...srv]);
    }
    for (const [domain, srv] of asked) {
      const answers = srv.map(answerOf);
      const hosts = distinct(answers.flatMap((answer) => answer.hosts));
      suffixes.set(domain, [...(suffixes.get(domain) ?? []), { place: place.label, hosts, answers }]);
    }
  }
  return [...suffixes].toSorted(by(([domain]) => domain)).map(([domain, places]) => {
    const contents = new Set(places.filter(isConclusive).map(contentOf));
    return { domain, differs: contents.size > 1, places };
  });
}

/** What a client at that place would find under the suffix. */
export function servingUnder(domain: string, { diagnoses }: Vantage): Status {
  const asked = diagnoses.filter(
    ({ target }) => target.domain !== undefined && hostName(target.domain) === domain,
  );
  if (asked.length === 0) return "unlooked";
  const endpoints = asked.flatMap((diagnosis) => diagnosis.endpoints);
  if (endpoints.length > 0) {
    const statuses = endpoints.map(({ verdict }) => statusOfVerdict(verdict));
    // A host that was not finished may be the one that serves.
    return statuses.includes("serves") || !statuses.includes("unknown") ? bestStatus(statuses) : "unknown";
  }
  return asked.some(({ srv }) => srv.some(({ answer }) => isSaid(answer.outcome))) ? "fails" : "unknown";
}

/** Whether its resolvers were asked to the end: what our own machine did is no difference between places. */
export function isConclusive({ answers }: AskedPlace): boolean {
  return answers.some(({ said }) => said !== NOT_ASKED);
}

/** Whether a resolver said which hosts there are, be it none. */
export function isAnswered({ answers }: AskedPlace): boolean {
  return answers.some(({ said }) => !NO_ANSWERS.includes(said));
}

/** The hosts with priority and weight; where there are none, what was said instead. */
export function contentOf({ hosts, answers }: AskedPlace): string {
  if (hosts.length === 0) return [...new Set(answers.map(({ said }) => said))].toSorted().join(", ");
  return hosts.map(listedWords).join(", ");
}

function listedWords({ host, port, priority, weight }: Listed): string {
  return `${hostPort(host, port)} (priority ${priority}, weight ${weight})`;
}

const NOT_ASKED = "not asked to the end";
const NO_ANSWER = "no answer";
const UNUSABLE = "no usable answer";
const UNREACHABLE = "resolver unreachable";
const NO_ANSWERS: readonly string[] = [NOT_ASKED, NO_ANSWER, UNUSABLE, UNREACHABLE];

function isSaid(outcome: string): boolean {
  return outcome !== "skipped" && outcome !== "not-sent";
}

function answerOf({ resolver, answer }: ReadSrvAnswer): AskedPlace["answers"][number] {
  const hosts = (answer.facts?.records ?? []).map(({ target, port, priority, weight }) => {
    return { host: hostName(target), port, priority, weight };
  });
  return {
    resolver: hostPort(resolver.address, resolver.port),
    said: wordsOf(answer, hosts.length),
    hosts: answer.outcome === "ok" ? distinct(hosts) : [],
  };
}

function wordsOf({ outcome, denial, cause }: ReadSrvAnswer["answer"], count: number): string {
  switch (outcome) {
    case "ok":
      return count === 0 ? "no usable record" : `${count} ${count === 1 ? "host" : "hosts"}`;
    case "denied":
      if (denial?.notOffered === true) return "decidedly not offered";
      return denial?.nodata === true ? "NODATA" : (denial?.rcode ?? "denied");
    case "no-answer":
      return cause === "deadline" || cause === "closed" ? NO_ANSWER : UNREACHABLE;
    case "malformed":
      return UNUSABLE;
    case "not-sent":
    case "skipped":
      return NOT_ASKED;
    default:
      return outcome;
  }
}

function distinct(hosts: readonly Listed[]): Listed[] {
  const known = new Map(hosts.map((each) => [listedKey(each), each]));
  return [...known.values()].toSorted(by(listedKey));
}

function listedKey({ host, port, priority, weight }: Listed): string {
  const [first, second] = [priority, weight].map((value) => String(value).padStart(6, "0"));
  return `${first} ${host} ${port} ${second}`;
}
