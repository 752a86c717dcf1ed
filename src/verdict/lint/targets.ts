/** Rules about one listed host: what its record says, and what came of it. */
import type { EndpointDiagnosis } from "../../model/diagnosis.ts";
import type { Evidence } from "../../model/evidence.ts";
import type { Fix } from "../../model/finding.ts";
import type { Outlook } from "../../model/outlook.ts";
import { ipFamily } from "../../protocol/ip.ts";
import { entryOf } from "../catalog.ts";
import { timeLostOn } from "../cost.ts";
import { isStripped } from "../denial.ts";
import { isByWildcard } from "../given.ts";
import { groupsByAddress } from "../same-address.ts";
import { hostPort, nameHosts } from "../words.ts";
import { fixOf, NO_FIX } from "./fix.ts";
import { recordsFor } from "./record-set.ts";
import type { Lint } from "./record-set.ts";
import type { Removals } from "./removals.ts";
import { durationWords } from "../duration.ts";
import { percentWords } from "../figures.ts";

/** At most one for each host: the mistake in its record before what follows from it. */
export function targetLints(
  evidence: Evidence,
  endpoints: readonly EndpointDiagnosis[],
  outlook: Outlook | null,
  removals: Removals,
): Lint[] {
  const { target } = evidence;
  if (target.kind !== "domain") return [];
  return endpoints.flatMap((diagnosis, index) => {
    if (diagnosis.listedBy.length === 0 || diagnosis.verdict.serves) return [];
    const at = `/endpoints/${index}`;
    const found =
      literal(diagnosis, target.domain) ??
      doubledZone(diagnosis, target.domain) ??
      dangling(diagnosis, removals) ??
      notAnswering(diagnosis, outlook, removals);
    if (found === null) return [];
    const { rightName = null, ...lint } = found;
    const fix = removals.isSafe(diagnosis.endpoint) ? renamed(evidence, diagnosis, rightName) : NO_FIX;
    return { ...lint, subject: at, fix };
  });
}

/** A wildcard, and a resolver that answers every name, have a finding of their own. */
export function sameAddress({ target }: Evidence, endpoints: readonly EndpointDiagnosis[]): Lint[] {
  if (target.kind !== "domain") return [];
  const listed = endpoints.filter(({ listedBy }) => listedBy.length > 0);
  return listed.length < 2
    ? []
    : groupsByAddress(listed).flatMap((group): Lint[] => {
        const [first] = group;
        if (first === undefined || group.length < 2) return [];
        const shared = first.attempts.find(({ address }) =>
          group.every(({ attempts }) => attempts.some((each) => each.address === address)),
        )?.address;
        if (group.some(({ address }) => isByWildcard(address, shared ?? ""))) return [];
        const names = nameHosts(group.map(({ endpoint }) => hostPort(endpoint.host, endpoint.port)));
        return [
          {
            code: "lint-same-address",
            subject: `/endpoints/${endpoints.indexOf(first)}`,
            observed: `${names} share ${shared === undefined ? "addresses" : `the address ${shared}`}: to clients they are one host`,
            fix: NO_FIX,
          },
        ];
      });
}

type Found = Pick<Lint, "code" | "observed" | "next"> & { rightName?: string };

/** What puts the host's right name into its records, or takes them out where none is known. */
export function renamed(
  evidence: Evidence,
  { endpoint }: Pick<EndpointDiagnosis, "endpoint">,
  rightName: string | null,
): Fix {
  const { place, records } = recordsFor(evidence, endpoint);
  const add = rightName === null ? [] : records.map((record) => ({ ...record, target: rightName }));
  return fixOf(place, { add, remove: records });
}

/** `10.0.0.1` as a target; with the zone's name behind it where the zone file has no final dot. */
function literal({ endpoint: { host } }: EndpointDiagnosis, domain: string): Found | null {
  const bare = host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : host;
  if (ipFamily(bare) === 0) return null;
  return {
    code: "lint-literal-target",
    observed: `The target ${host} is an address where a name belongs`,
  };
}

/** The name that was meant where it ends with the same two labels or more twice; null where it doesn't. */
export function withoutDoubledZone(host: string): string | null {
  const labels = host.split(".");
  for (let length = 2; 2 * length < labels.length; length++) {
    const zone = labels.slice(-length).join(".");
    if (labels.slice(-2 * length, -length).join(".") === zone) return labels.slice(0, -length).join(".");
  }
  return null;
}

/** `kms1.corp.example.corp.example`: by the domain, or by a zone above it that holds the record. */
function doubledZone({ endpoint: { host } }: EndpointDiagnosis, domain: string): Found | null {
  const labels = domain.split(".");
  // A single label twice at the end may well be a name: corp.corp.
  const suffixes = labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
  for (const zone of [domain, ...suffixes]) {
    const twice = `${zone}.${zone}`;
    const meant = domain === twice || domain.endsWith(`.${twice}`);
    if (meant || !host.endsWith(`.${twice}`)) continue;
    return {
      code: "lint-doubled-zone",
      observed: `The target ${host} ends with ${zone} twice`,
      rightName: host.slice(0, -zone.length - 1),
    };
  }
  return null;
}

/**
 * A name that another source of the run finds an address for is no record left behind, nor is one whose addresses a
 * resolver takes out.
 */
function dangling({ endpoint, verdict, address }: EndpointDiagnosis, removals: Removals): Found | null {
  if (verdict.code !== "address-none" || isStripped(address) || !removals.isSafe(endpoint)) return null;
  return { code: "lint-dangling-target", observed: `${endpoint.host} is listed and has no address` };
}

const NOT_MEANT =
  "If that machine is not meant to be a KMS host, remove its record; if it is, see its verdict, and leave DNS alone";

/**
 * Failed at a way that this machine has: what fails here for want of a route says nothing of the host. Nor is a host
 * that serves another source a record to think about.
 */
function notAnswering(
  { endpoint, attempts, verdict }: EndpointDiagnosis,
  outlook: Outlook | null,
  removals: Removals,
): Found | null {
  if (removals.serves(endpoint)) return null;
  const tried = attempts.some(({ routeErrno, tcp }) => routeErrno === null && tcp.outcome !== "not-sent");
  if (!tried || verdict.severity !== "failed") return null;
  const where = hostPort(endpoint.host, endpoint.port);
  const lostMs = timeLostOn({ attempts }, outlook?.clientTimeoutMs ?? 0);
  const cost = lostMs > 0 ? `lose ${durationWords(lostMs)} each` : "learn at once";
  const { title } = entryOf(verdict.code);
  return {
    code: "lint-not-answering",
    observed: `${where} is listed and does not serve (${title}): ${share(endpoint, outlook)} try it first, and ${cost}`,
    ...(removals.isSafe(endpoint) ? { next: NOT_MEANT } : {}),
  };
}

/** The greatest chance in any view, in both readings of how a client chooses. */
function share({ host, port }: EndpointDiagnosis["endpoint"], outlook: Outlook | null): string {
  const listed = (outlook?.views ?? [])
    .flatMap((view) => view.hosts)
    .filter(({ endpoint }) => endpoint.host === host && endpoint.port === port);
  const rfc = percent(listed.map(({ rfc2782 }) => rfc2782));
  const random = percent(listed.map((each) => each.random));
  return `${rfc} of clients${rfc === random ? "" : ` (${random} of those that pick at random)`}`;
}

function percent(chances: readonly number[]): string {
  return percentWords(Math.max(0, ...chances));
}
