/** What the questions beside the question tell of a denial: see docs/dns.md for what each is asked for. */
import { nameHosts } from "./words.ts";
import type { DnsSaid, SrvAnswer, SrvControl } from "../model/dns.ts";
import { isByRule } from "./by-rule.ts";
import type { Hint } from "./catalog/entry.ts";

type Asked = Partial<Record<SrvControl["purpose"], SrvControl>>;

/** What the questions beside the question show of a resolver that denies. */
export function controlHints({ controls, exchange, answer }: SrvAnswer, domain: string): Hint[] {
  if (controls.length === 0) return [];
  const asked: Asked = Object.fromEntries(controls.map((each) => [each.purpose, each]));
  if (answer.outcome === "no-answer" && typeof asked.root?.rcode === "string") return ["others-answered"];
  if (answer.outcome !== "denied") return [];
  const { rcode, nodata } = answer.denial;
  if (rcode === "REFUSED") return rootHint(asked.root, rcode, "refuses-name", "refuses-all");
  if (rcode === "SERVFAIL") return rootHint(asked.root, rcode, "only-this-zone", "upstreams-dead");
  if (exchange.said === null) return [];
  if (answer.denial.aliases.length > 0) return asked.nobody?.rcode === "NOERROR" ? ["wildcard"] : [];
  const { soa } = exchange.said;
  if (isByRule(exchange.said) || isTakenOut(exchange.said, asked, domain)) return ["by-rule"];
  // Of a host that a wildcard gives, no name below would be denied.
  if (soa !== null && !nodata) return finds(asked.address) && standsIn(domain, soa) ? ["suffix-is-host"] : [];
  if (soa !== null) return asked.nobody?.rcode === "NOERROR" ? ["wildcard"] : [];
  if (finds(asked.nobody)) return ["answers-all"];
  const who = zoneWords(asked, domain);
  return who === null ? [] : [who];
}

/**
 * Whether this name alone is denied by nobody: a resolver that looks things up for others gives the word of the zone, with
 * its SOA, on the others, and its own on this one.
 */
function isTakenOut({ soa, authoritative, recursion }: DnsSaid, asked: Asked, domain: string): boolean {
  if (soa !== null || !authoritative || !recursion) return false;
  const { "other-service": service, nobody } = asked;
  // One that carries no SRV at all takes no single name out.
  if (service === undefined || !(finds(service) || isOwn(service, domain))) return false;
  return [service, nobody].some((each) => each?.rcode === "NXDOMAIN" && isOwn(each, domain));
}

/** Whether a domain is no zone of its own: that of a denial stands above it. */
function standsIn(domain: string, soa: string): boolean {
  return domain.endsWith(`.${soa}`);
}

/** Whether other names fare as this one did. */
function rootHint(root: SrvControl | undefined, rcode: string, answered: Hint, alike: Hint): Hint[] {
  if (root === undefined || root.rcode === null) return [];
  return [root.rcode === rcode ? alike : answered];
}

/** Of a denial without a zone behind it: what the resolver says of the zone otherwise. */
function zoneWords(asked: Asked, domain: string): Hint | null {
  if (finds(asked.zone) || finds(asked["other-service"])) return "zone-lacks";
  const own = (control: SrvControl): boolean => isOwn(control, domain);
  const others = [asked.address, asked["same-name"]].filter((each) => each !== undefined);
  const carriesOthers = others.some((each) => each.found.length > 0 || own(each));
  const service = asked["other-service"];
  if (carriesOthers && service !== undefined && service.rcode !== null && !own(service))
    return "srv-filtered";
  const all = [asked.zone, service, ...others].filter((each) => each !== undefined);
  const unknown = all.filter(({ rcode }) => rcode === "NXDOMAIN");
  return !carriesOthers && unknown.length > 0 && unknown.length === all.length ? "zone-unknown" : null;
}

/** Whether the zone of a domain denies, or one above or below it. */
function isOwn({ soa }: SrvControl, domain: string): boolean {
  return soa !== null && (soa === domain || soa.endsWith(`.${domain}`) || domain.endsWith(`.${soa}`));
}

function finds(control: SrvControl | undefined): boolean {
  return control !== undefined && control.found.length > 0;
}

/** Names that carry the record where no client of this domain looks, as a resolver lists them. */
export function publishedElsewhere({ controls }: SrvAnswer): { control: SrvControl; where: string }[] {
  const nobody = controls.find(({ purpose }) => purpose === "nobody");
  if (finds(nobody)) return [];
  return controls.flatMap((control) => {
    const where = WHERE[control.purpose];
    return where === undefined || control.found.length === 0 ? [] : [{ control, where }];
  });
}

const WHERE: Readonly<Partial<Record<SrvControl["purpose"], string>>> = {
  bare: "without a suffix",
  udp: "under _udp, and KMS is TCP",
  doubled: "with the zone's name twice",
  misspelt: "with its service misspelt",
  parent: "in the domain above",
  sibling: "under another suffix of this machine",
};

/** What was asked beside, for a sentence; empty where nothing was, or nothing of it helps. */
export function toldBeside({ controls, exchange }: Pick<SrvAnswer, "controls" | "exchange">): string {
  const zoneDenies = typeof exchange.said?.soa === "string";
  const words = controls.flatMap(({ purpose, rcode, soa, found }) => {
    const what = WORDS[purpose];
    if (what === undefined || rcode === null) return [];
    // Where a zone denies, an address only tells a host by its presence.
    if (zoneDenies && purpose === "address" && found.length === 0) return [];
    const said = found.length > 0 ? nameHosts(found) : rcode === "NOERROR" ? "NODATA" : rcode;
    return [`${what}: ${said}${found.length === 0 && soa !== null ? ` by ${soa}` : ""}`];
  });
  return words.length === 0 ? "" : ` Asked beside it: ${words.join("; ")}.`;
}

const WORDS: Readonly<Partial<Record<SrvControl["purpose"], string>>> = {
  zone: "SOA of the domain",
  address: "A of the domain",
  "same-name": "A of the same name",
  "other-service": "SRV of _ldap._tcp",
  nobody: "A of a name that nobody has",
  root: "SOA of the root",
};
