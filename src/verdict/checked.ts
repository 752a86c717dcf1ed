/**
 * What was checked, and what could not be. Where nothing left this machine that could tell (no way there, nothing to
 * connect with, nobody to ask, no name to ask for, no time left), nothing is known: neither good nor bad.
 */
import type { Attempt, Diagnosis, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { AddressLookup, SrvAnswer } from "../model/dns.ts";
import type { AttemptEvidence } from "../model/evidence.ts";
import type { Report } from "../model/report.ts";
import type { Verdict } from "../model/verdict.ts";
import { specialUse } from "../protocol/special-use.ts";
import { isAsked } from "./asked.ts";
import { foundHosts } from "./believed.ts";
import { entryOf } from "./catalog.ts";
import { isFamilyMissingHere } from "./endpoint.ts";
import { refersElsewhere } from "./lookup.ts";
import { hostPort } from "./words.ts";

/** Whether a verdict by itself says that nothing was checked. */
export function isOpen({ code }: Pick<Verdict, "code">): boolean {
  return entryOf(code).ours || code === "srv-no-suffix";
}

/** Of one address: nothing left this machine, whatever would have come of it; or it was not seen to its end. */
export function leftNothing({
  family,
  routeErrno,
  tcp,
  verdict,
}: Pick<AttemptEvidence, "family" | "routeErrno" | "tcp"> & { verdict: Pick<Verdict, "code"> }): boolean {
  // A run that ended in the middle has its connection, and no verdict.
  if (isOpen(verdict)) return true;
  if (tcp.outcome === "ok" || verdict.code === "tcp-reset") return false;
  // A sandbox forbids it: over IPv4 no message from the path is told as EACCES.
  const forbidden = family === 4 && verdict.code === "tcp-not-permitted";
  return routeErrno !== null || tcp.outcome === "not-sent" || forbidden;
}

/**
 * Whether a host that does not serve may, for all that is known. An address of a family that this machine lacks leaves
 * nothing open where there is another: its clients take that one.
 */
export function isUnsettled({
  address,
  attempts,
  listedBy,
  verdict,
}: Pick<EndpointDiagnosis, "address" | "attempts" | "listedBy" | "verdict">): boolean {
  if (isOpen(verdict)) return true;
  if (attempts.length === 0)
    return verdict.code === "address-lookup-failed" && !asked(address.lookups, listedBy);
  const unchecked = attempts.filter(leftNothing);
  if (unchecked.length === attempts.length) return true;
  return unchecked.some((attempt) => !isLackingHere(attempt, attempts));
}

/** A machine with one of the families finds no fault with a host's address of the other. */
function isLackingHere(attempt: Attempt, all: readonly Attempt[]): boolean {
  return attempt.verdict.code === "tcp-no-local-address" || isFamilyMissingHere(attempt, all);
}

/** Whether a target that lists no hosts may list some, for all that is known. */
export function isUnlisted({
  srv,
  endpoints,
  verdict,
}: Pick<Diagnosis, "srv" | "endpoints" | "verdict">): boolean {
  if (endpoints.length > 0) return false;
  return isOpen(verdict) || (srv.length > 0 && !srv.some(wasAsked));
}

function asked(
  lookups: EndpointDiagnosis["address"]["lookups"],
  listedBy: EndpointDiagnosis["listedBy"],
): boolean {
  return lookups.some((lookup) => {
    // A lookup without an exchange is one in the hosts file.
    if (lookup.asked.by !== "resolver") return true;
    return wasAsked({ ...lookup.asked, answer: lookup.answer }) && !isForeignTo(lookup, listedBy);
  });
}

/**
 * Whether the server has nothing to say of the host, and its clients don't ask it for that: it refers to others, or
 * lists the host and refuses its name, as one does that serves only its own zones.
 */
function isForeignTo(
  { asked: who, answer }: AddressLookup,
  listedBy: EndpointDiagnosis["listedBy"],
): boolean {
  if (refersElsewhere({ asked: who, answer })) return true;
  if (who.by !== "resolver" || answer.outcome !== "denied" || answer.denial.rcode !== "REFUSED") return false;
  const key = hostPort(who.resolver.address, who.resolver.port);
  return listedBy.some(({ resolver }) => hostPort(resolver.address, resolver.port) === key);
}

/** Whether a question left this machine. UDP counts its sends: none where there is no way to the resolver. */
export function wasAsked({
  resolver,
  exchange,
  answer,
}: Pick<SrvAnswer, "resolver" | "exchange"> & {
  answer: SrvAnswer["answer"] | AddressLookup["answer"];
}): boolean {
  if (answer.outcome === "not-sent" || answer.outcome === "skipped") return false;
  if (answer.outcome !== "no-answer") return true;
  // A stub of this machine that doesn't run: nobody was asked. At a port of its own a server was meant.
  const stub = resolver.port === 53 && specialUse(resolver.address) === "loopback";
  return exchange.tries > 0 && !(stub && answer.cause === "ECONNREFUSED");
}

/** Whether a requirement that is not met may be, for all that is known. */
export function mayBeMet({ requirement, diagnoses }: Pick<Report, "requirement" | "diagnoses">): boolean {
  const { bySource, at, require } = requirement;
  const unmet = bySource.filter(({ met }) => !met);
  const mayBe = ({ source }: (typeof bySource)[number]): boolean =>
    mayBeMetBy(
      diagnoses.filter((diagnosis) => diagnosis.source === source),
      require,
    );
  if (bySource.length === 0) return true;
  return at === "any" ? unmet.some(mayBe) : unmet.every(mayBe);
}

function mayBeMetBy(diagnoses: readonly Diagnosis[], require: Report["requirement"]["require"]): boolean {
  const hosts = diagnoses.flatMap(foundHosts);
  const serving = hosts.filter(({ verdict }) => verdict.serves).length;
  const open = hosts.filter((host) => !host.verdict.serves && isUnsettled(host)).length;
  const unlisted = diagnoses.some(isUnlisted);
  if (require !== "all") return unlisted || serving + open >= (require === "any" ? 1 : require);
  const denied = diagnoses.filter(isAsked).some((diagnosis) => {
    return foundHosts(diagnosis).length === 0 && !isUnlisted(diagnosis);
  });
  return !denied && serving + open === hosts.length && (unlisted || hosts.length > 0);
}
