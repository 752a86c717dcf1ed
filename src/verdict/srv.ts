import type { SrvAnswer } from "../model/dns.ts";
import type { Verdict, VerdictCode } from "../model/verdict.ts";
import { cutShort } from "./cut-short.ts";
import { publishedElsewhere, toldBeside } from "./controls.ts";
import { denialHints, errorWords, placeFor } from "./denial.ts";
import { faultHints, faultValues } from "./source-fault.ts";
import { bindOption, hostPort, nameHosts, seconds, verdictOf } from "./words.ts";
import type { Clue, Values } from "./words.ts";
import { plural } from "./figures.ts";
import { specialUse } from "../protocol/special-use.ts";
import type { Hint } from "./catalog/entry.ts";

/**
 * One resolver's answer that gave no hosts. Null where it gave some.
 * @param beside what this machine names, and what other resolvers and sources of the run list
 */
export function judgeSrvAnswer(
  said: SrvAnswer,
  domain: string,
  pointer: string,
  beside: readonly Clue[] = [],
): Verdict | null {
  const { answer, exchange, resolver, name } = said;
  const values: Values = {
    domain,
    ...placeFor(said, domain),
    name,
    resolver: hostPort(resolver.address, resolver.port),
    resolverAddress: resolver.address,
    resolverPort: String(resolver.port),
    source: exchange.from ?? "this machine",
    bind: bindOption(exchange.from),
    interface: exchange.deadLink ?? "the link",
    target: `--domain ${domain}`,
    ...faultValues(said.sourceFault),
    tries: plural(exchange.tries, "try", "tries"),
  };
  const faults = [...faultHints(said.sourceFault), ...refusalHints(said)];
  const seen = beside.filter((clue) => typeof clue !== "string");
  const hints = [
    ...denialHints(said, domain),
    ...faults,
    ...beside.filter((clue) => typeof clue === "string"),
  ];
  switch (answer.outcome) {
    case "ok":
      return answer.facts.records.length > 0 ? null : verdictOf("srv-no-records", pointer, values, seen);
    case "denied": {
      const { rcode, nodata, notOffered, unfinished, aliases, chain } = answer.denial;
      if (chain !== null) {
        const detail = chain === "loop" ? "back to itself" : `on and on, past ${aliases.length} of them`;
        return verdictOf("srv-alias-chain", pointer, { ...values, detail });
      }
      const last = aliases.at(-1);
      const denied = last === undefined ? name : `${last} (${name} is an alias for it)`;
      const told = toldBeside(said);
      const referral = exchange.said?.referral ?? null;
      const filled = {
        ...values,
        rcode,
        denied,
        // "exists" is the word of a zone's own server, or of one that asked it.
        missing:
          referral === null
            ? `says that ${denied} exists and has no SRV record (NODATA)`
            : `says nothing of ${denied}, and refers to the servers of ${zoneWords(referral)}`,
        alias: last ?? name,
        published: nameHosts(publishedElsewhere(said).map(({ control }) => control.name)),
        errors: errorWords(exchange),
        told,
      };
      const clues = [...hints, ...(unfinished ? (["unfinished-record"] as const) : []), ...seen];
      return verdictOf(denialCode(rcode, nodata, notOffered), pointer, filled, clues);
    }
    case "malformed": {
      const { ignored } = exchange;
      const foreign = ignored.source + ignored.id + ignored.question;
      if (exchange.truncated) {
        const filled = { ...values, errno: answer.fault.what };
        return verdictOf("srv-truncated", pointer, filled, ["cut-over-tcp"]);
      }
      const detail = foreign > 0 ? describeIgnored(ignored) : answer.fault.what;
      return verdictOf(foreign > 0 ? "srv-mismatched" : "srv-malformed", pointer, { ...values, detail });
    }
    case "no-answer": {
      const { cause, elapsedMs } = answer;
      const errno = cause === "deadline" ? "no answer" : cause;
      const filled = { ...values, errno, seconds: seconds(elapsedMs) };
      // A reset too is said by one who took the connection: a refused one is another errno.
      const ended = cause === "closed" || cause === "ECONNRESET";
      if (exchange.truncated)
        return verdictOf("srv-truncated", pointer, filled, ended ? ["ended-over-tcp"] : []);
      return verdictOf(
        cause === "deadline" || cause === "closed" ? "srv-no-answer" : "srv-resolver-unreachable",
        pointer,
        filled,
        [...hints, ...seen],
      );
    }
    case "not-sent":
      return verdictOf("srv-local-failure", pointer, { ...values, errno: answer.errno }, faults);
    case "skipped":
      return cutShort(pointer, values, answer.reason);
    default:
      return answer satisfies never;
  }
}

/** WireGuard's word for an address that is in no peer's AllowedIPs, and for a peer whose endpoint isn't known. */
const NO_PEER = ["ENOKEY", "EDESTADDRREQ"];

/** What the errno tells of who it was that kept the question from its resolver. */
function refusalHints({ answer, resolver }: SrvAnswer): Hint[] {
  const use = specialUse(resolver.address);
  const many: Hint[] = use === "multicast" || use === "broadcast" ? ["asked-many"] : [];
  if (answer.outcome === "not-sent") return answer.errno === "EPERM" ? [...many, "forbidden-here"] : many;
  if (answer.outcome !== "no-answer") return many;
  if (NO_PEER.includes(answer.cause)) return ["no-peer"];
  switch (answer.cause) {
    case "ECONNREFUSED":
      return [...many, "asked-refused"];
    case "ENETUNREACH":
    case "EHOSTUNREACH":
      return [...many, "asked-unreachable"];
    case "EACCES":
      // Linux wants a permission for datagrams to an IPv4 broadcast address; it says the same of a prohibit route.
      return resolver.address.includes(":") ? ["asked-forbidden"] : ["asked-forbidden", "asked-many"];
    default:
      return many;
  }
}

function denialCode(rcode: string, nodata: boolean, notOffered: boolean): VerdictCode {
  if (notOffered) return "srv-not-offered";
  if (nodata) return "srv-nodata";
  switch (rcode) {
    case "NXDOMAIN":
      return "srv-nxdomain";
    case "SERVFAIL":
      return "srv-servfail";
    case "REFUSED":
      return "srv-refused";
    default:
      return "srv-other-rcode";
  }
}

function zoneWords(zone: string): string {
  return zone === "." ? "the root" : zone;
}

/** "2 from elsewhere, 1 with another id". */
export function describeIgnored(ignored: SrvAnswer["exchange"]["ignored"]): string {
  const parts = [
    [ignored.source, "from elsewhere"],
    [ignored.id, "with another id"],
    [ignored.question, "to another question"],
    [ignored.malformed, "that are no DNS"],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(", ");
}

/** Which resolvers say what, where those that answer do not say the same. Null where they agree. */
export function disagreement(answers: readonly SrvAnswer[]): string | null {
  const groups = new Map<string, { said: string; resolvers: string[] }>();
  for (const answer of answers) {
    const said = contentOf(answer);
    if (said === null) continue;
    const group = groups.get(said.key) ?? { said: said.words, resolvers: [] };
    group.resolvers.push(hostPort(answer.resolver.address, answer.resolver.port));
    groups.set(said.key, group);
  }
  if (groups.size < 2) return null;
  return [...groups.values()].map(({ said, resolvers }) => `${resolvers.join(" and ")} ${said}`).join("; ");
}

/** What an answer says, without order and TTL; null where a resolver said nothing. */
export function contentOf({ answer }: SrvAnswer): { key: string; words: string } | null {
  if (answer.outcome === "denied") {
    const { rcode, nodata, notOffered, chain } = answer.denial;
    if (chain !== null) return { key: chain, words: "leads from alias to alias" };
    const words = notOffered ? 'says "not offered" (Target ".")' : nodata ? "says NODATA" : `says ${rcode}`;
    return { key: words, words };
  }
  if (answer.outcome !== "ok") return null;
  const lines = answer.facts.records.map(
    ({ priority, weight, port, target }) => `${priority} ${weight} ${port} ${target}`,
  );
  const hosts = [
    ...new Set(answer.facts.records.map(({ target, port }) => hostPort(target, port))),
  ].toSorted();
  const shown =
    hosts.length > 4 ? `${hosts.slice(0, 3).join(", ")} and ${hosts.length - 3} more` : hosts.join(", ");
  return { key: lines.toSorted().join("\n"), words: `lists ${shown || "nothing usable"}` };
}
