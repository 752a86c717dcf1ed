/** The one rule that needs a whole run: a domain without hosts beside one that has some. */
import { zoneNamed } from "../denial.ts";
import { nameHosts } from "../words.ts";
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Finding, Fix } from "../../model/finding.ts";
import { finding } from "./catalog.ts";
import { COMMAND_LINE } from "../asked.ts";
import { fixOf, placeOf } from "../lint/fix.ts";
import { deniesName, hostOf, worthListing } from "../lint/places.ts";

/** The same diagnoses, with what only their comparison shows. Changes nothing of what it is given. */
export function withSiblingFindings(diagnoses: readonly Diagnosis[]): Diagnosis[] {
  return diagnoses.map((diagnosis) => {
    const found = missingInDomain(diagnosis, diagnoses);
    return found === null ? diagnosis : { ...diagnosis, findings: [...diagnosis.findings, found] };
  });
}

/**
 * A warning for a domain that the user named. In a search list one suffix with hosts is enough for this machine, and its
 * clients go on to it: there it is a note, and what the zone of a suffix that nobody named should hold is its owner's.
 */
function missingInDomain(diagnosis: Diagnosis, all: readonly Diagnosis[]): Finding | null {
  const { target, srv, source } = diagnosis;
  if (target.kind !== "domain") return null;
  const index = srv.findIndex(({ answer }) => deniesName(answer));
  const said = srv[index];
  // One resolver that knows hosts, or says that none are offered, and the domain is not without.
  const decided = srv.some(({ answer }) => answer.outcome === "ok" || isNotOffered(answer));
  if (said === undefined || decided) return null;
  const siblings = all.filter((other) => other.source === source && other.endpoints.length > 0);
  const listing = siblings.filter((other) => other.target.kind === "domain");
  const sibling = listing.find(({ verdict }) => verdict.serves) ?? listing[0];
  if (sibling?.target.kind !== "domain" || sibling.target.domain === target.domain) return null;
  const hosts = worthListing(sibling, sibling.endpoints);
  const observed =
    `${target.domain} lists no KMS host, and ${sibling.target.domain} lists ${nameHosts(hosts.map(hostOf))}: ` +
    `a client whose only suffix is ${target.domain} finds none`;
  const found = (fix: Fix | null): Finding =>
    finding("lint-missing-in-domain", `/srv/${index}`, observed, fix);
  if (target.source !== COMMAND_LINE) return { ...found(null), severity: "note" };
  return found(fixOf(placeOf(said.name, zoneNamed(said)), { add: hosts }));
}

function isNotOffered(answer: Diagnosis["srv"][number]["answer"]): boolean {
  return answer.outcome === "denied" && answer.denial.notOffered;
}
