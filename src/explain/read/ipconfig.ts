/** `ipconfig /all`: under which suffixes a client asks, and whom. */
import { claim } from "../claims.ts";
import { fieldOf, hasField } from "../fields.ts";
import { languageOf, step } from "../found.ts";
import type { Claim, Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";

const TITLE =
  /^(?:Windows[- ]IP[- ](?:Konfiguration|Configuration|configuratie|配置|構成|구성)|(?:Configuration|Configuración|Configurazione|Configuração de|Konfiguracja) IP\b.{0,20}Windows|Настройка протокола IP для Windows|={5,} ?ipconfig)/i;
const MAX_GAP = 6;
/** Adapters that a listing has at most; more is no listing. */
const MOST_LINES = 2_000;

export const ipconfig: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined || !(TITLE.test(line.text) || hasField(line, "ipconfig"))) return null;
  const votes = new Map<string, number>();
  const lists = {
    suffixes: [] as string[],
    connectionSuffixes: [] as string[],
    dnsServers: [] as string[],
    addresses: [] as string[],
  };
  let primarySuffix: string | null = null;
  let open: "searchList" | "dnsServers" | null = null;
  let to = at + 1;
  let fields = 0;
  for (let index = at, gap = 0; index < lines.length && index < at + MOST_LINES && gap < MAX_GAP; index++) {
    const each = lines[index];
    if (each === undefined) break;
    const { text } = each;
    const field = fieldOf(each);
    const own = field?.labels.filter(({ family }) => family === "ipconfig") ?? [];
    if (index > at && TITLE.test(text) && votes.size > 0) break;
    if (own.length === 0) {
      const more = open === null ? null : continued(open, text, each.cut);
      if (more !== null && open !== null) {
        (open === "searchList" ? lists.suffixes : lists.dnsServers).push(more);
        to = index + 1;
        continue;
      }
      if (text !== "") open = null;
      if (
        text !== "" &&
        field !== null &&
        field.labels.some(({ family, field: name }) => family !== "slmgr" || name !== "description")
      )
        break;
      gap = text === "" || field !== null ? gap : gap + 1;
      continue;
    }
    gap = 0;
    fields += 1;
    to = index + 1;
    open = null;
    const held = (field?.value ?? "").replace(/ ?\([^()]{2,30}\)$/, "");
    const sound = !each.cut;
    for (const { field: name, language } of own) {
      votes.set(language, (votes.get(language) ?? 0) + 1);
      if (name === "primarySuffix")
        primarySuffix =
          held === ""
            ? sound
              ? ""
              : primarySuffix
            : sound
              ? (value.hostName(held) ?? primarySuffix)
              : primarySuffix;
      if (name === "searchList") {
        open = "searchList";
        const suffix = sound ? value.hostName(held) : null;
        if (suffix !== null) lists.suffixes.push(suffix);
      }
      if (name === "connectionSuffix") {
        const suffix = sound ? value.hostName(held) : null;
        if (suffix !== null) lists.connectionSuffixes.push(suffix);
      }
      if (name === "dnsServers") {
        open = "dnsServers";
        const server = sound ? value.ipAddress(held) : null;
        if (server !== null) lists.dnsServers.push(server);
      }
      if (name === "ipv4") {
        const address = sound ? value.ipAddress(held) : null;
        if (address !== null && !address.startsWith("169.254.")) lists.addresses.push(address);
      }
    }
  }
  // One label alone may be the rest of another tool's: "KMS machine IP address".
  if (votes.size === 0 || (fields < 2 && !TITLE.test(line.text))) return null;
  const facts: Facts = { ...(primarySuffix === null ? {} : { primarySuffix }), errorCodes: [] };
  for (const key of ["suffixes", "connectionSuffixes", "dnsServers", "addresses"] as const)
    facts[key] = [...new Set(lists[key])];
  return {
    kind: "ipconfig",
    side: "client",
    language: languageOf(votes),
    facts,
    ...conclude(facts),
    from: at,
    to,
  };
};

/** A further value of a list stands on a line of its own. */
function continued(open: "searchList" | "dnsServers", text: string, cut: boolean): string | null {
  if (cut || text === "" || text.includes(" ")) return null;
  return open === "dnsServers" ? value.ipAddress(text) : text.includes(".") ? value.hostName(text) : null;
}

/** What home routers and mobile networks hand out: no KMS host is listed there. */
const HOME =
  /^(?:home|lan|local|localdomain|localhost|box|router|speedport\S*|fritz\.box|home\.arpa|\S{0,40}\.(?:home|lan|localdomain))$/i;

/** @param distinct one at least */
function suffixesAre(distinct: readonly string[]): string {
  const [first = "", ...others] = distinct;
  if (others.length === 0) return `The only suffix is ${first}`;
  const shown = distinct.slice(0, 3);
  const more = distinct.length - shown.length;
  const last = more > 0 ? `${more} more` : (shown.pop() ?? "");
  return `The only suffixes are ${shown.join(", ")} and ${last}`;
}

function conclude(facts: Facts): Pick<Found, "cause" | "says" | "doesNotTell" | "next" | "claims"> {
  const all = [
    facts.primarySuffix ?? "",
    ...(facts.suffixes ?? []),
    ...(facts.connectionSuffixes ?? []),
  ].filter((each) => each !== "");
  const distinct = [...new Set(all)];
  const claims: Claim[] = [];
  const useless = distinct.every((suffix) => HOME.test(suffix) || !suffix.includes("."));
  const known = facts.primarySuffix !== undefined || distinct.length > 0;
  if (useless && known) {
    const evidence =
      distinct.length === 0
        ? "The client has no DNS suffix: it asks for no KMS host"
        : `${suffixesAre(distinct)}: the client asks for _vlmcs._tcp there`;
    claims.push(
      claim("dns", "possible", evidence, "suffixes"),
      claim("client-configuration", "fits", evidence, "primarySuffix"),
      claim("vpn", "fits", evidence, "connectionSuffixes"),
    );
  }
  return {
    cause: claims.length > 0 ? null : distinct.length > 0 ? "none" : "unknown",
    says:
      claims.length === 0
        ? `The client looks for _vlmcs._tcp under ${distinct.slice(0, 6).join(", ") || "suffixes that are not here"}.`
        : distinct.length === 0
          ? "No DNS suffix: the client looks for no KMS host."
          : `${suffixesAre(distinct)}, as a home router gives: the client looks for _vlmcs._tcp there, and finds nothing.`,
    doesNotTell:
      "What these DNS servers answer; rules for names that a VPN sets stand elsewhere (Get-DnsClientNrptPolicy).",
    next: [
      step(
        "client",
        useless
          ? "Connect the VPN or set a primary suffix, then ask for the record"
          : "Ask for the record under each suffix",
        `Resolve-DnsName -Type SRV _vlmcs._tcp.${useless || distinct[0] === undefined ? "<suffix>" : distinct[0]}`,
      ),
    ],
    claims,
  };
}
