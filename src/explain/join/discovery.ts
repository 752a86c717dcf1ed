/** What DNS said to a client, or to a host that publishes itself, against what it says here. */
import { claim } from "../claims.ts";
import { step } from "../found.ts";
import type { Facts } from "../model.ts";
import { listOfPlaces, nameOf } from "./network.ts";
import type { AnswerSeen, Network } from "./network.ts";
import { contradiction } from "./rule.ts";
import type { Contradicting, Rule, TextPiece } from "./rule.ts";

/** The name, or its records, are not there; and: no server answered, or none is known. */
const DENIED = new Set(["0x8007232B", "0x8007251D", "0x80092328"]);
const FAILED = new Set(["0x8007232A", "0x8007232D", "0x8007267C"]);

const COMPARE = step(
  "client",
  "Compare the client's suffixes and DNS servers with those of this check",
  "ipconfig /all",
);

function listing({ answers }: Network, domain?: string): AnswerSeen | undefined {
  return answers.find(
    (each) => each.listed.length > 0 && (domain === undefined || each.domain === domain.toLowerCase()),
  );
}

function listsHere({ domain, resolver, listed }: AnswerSeen): string {
  return `here ${resolver} lists ${listOfPlaces(listed)} under ${domain}`;
}

/** `0x8007232B` on the client, and records here. */
export const clientFindsNone: Rule = (pieces, network) =>
  pieces.flatMap((piece) => {
    const answer = listing(network);
    if (answer === undefined || piece.side === "host") return [];
    const codes = piece.facts.errorCodes ?? [];
    const denied = codes.find((code) => DENIED.has(code));
    const failed = codes.find((code) => FAILED.has(code));
    const at = { piece, fact: "errorCodes", network: answer.pointer } as const;
    if (denied !== undefined) {
      const evidence = `The client got ${denied}: no such record. But ${listsHere(answer)}: the client asks under another suffix, or another resolver`;
      const clue = claim("client-configuration", "possible", evidence, "errorCodes");
      return [contradiction("client-finds-none", `${evidence}.`, at, { next: COMPARE, claim: clue })];
    }
    if (failed === undefined) return [];
    const text = `The client got ${failed}: no DNS server gave it an answer. But ${listsHere(answer)}: the client has another resolver, or no way to this one.`;
    return [contradiction("client-dns-fails", text, at, { next: COMPARE })];
  });

/** What nslookup or Resolve-DnsName printed, against the answers to the same name here. */
export const lookupsDiffer: Rule = (pieces, network) =>
  pieces.flatMap((piece) => {
    if (piece.facts.srv !== undefined) return lists(piece, piece.facts.srv, network);
    const asked = /^_vlmcs\._tcp\.(.+)$/i.exec(piece.facts.question ?? "")?.[1];
    const answer = asked === undefined ? undefined : listing(network, asked);
    if (piece.facts.rcode === undefined || piece.facts.rcode === "NOERROR" || answer === undefined) return [];
    const text = `${serverOf(piece.facts)} said ${piece.facts.rcode} to ${piece.facts.question}; ${listsHere(answer)}: two resolvers know different records, or the record is newer than the text.`;
    const at = { piece, fact: "rcode", network: answer.pointer } as const;
    return [contradiction("lookup-denied-there-listed-here", text, at, { next: COMPARE })];
  });

function lists(piece: TextPiece, srv: NonNullable<Facts["srv"]>, network: Network): Contradicting[] {
  const [first] = srv;
  const domain = first?.name.replace(/^_vlmcs\._tcp\.?/i, "").toLowerCase() ?? "";
  const there = srv.map(({ target, port }) => ({ host: target.toLowerCase(), port }));
  const same = network.answers.filter((each) => each.domain === domain);
  const at = (pointer: string) => ({ piece, fact: "srv", network: pointer }) as const;
  const denies = same.find(({ denied }) => denied !== null);
  const answer = same.find(({ listed }) => listed.length > 0);
  const says = `${serverOf(piece.facts)} listed ${listOfPlaces(there)} under ${domain}`;
  if (answer === undefined) {
    if (denies === undefined) return [];
    const text = `${says}; here ${denies.resolver} says ${denies.denied ?? ""}: the record was taken out, or these resolvers don't know that zone.`;
    const next = step("here", "Ask the resolver that the client asks", askCommand(domain, piece.facts));
    return [contradiction("lookup-listed-there-denied-here", text, at(denies.pointer), { next })];
  }
  const here = new Set(same.flatMap(({ listed }) => listed.map(nameOf)));
  const gone = there.filter((each) => !here.has(nameOf(each)));
  const names = new Set(there.map(nameOf));
  const fresh = same.flatMap(({ listed }) => listed).filter((each) => !names.has(nameOf(each)));
  if (gone.length === 0 && fresh.length === 0) return [];
  const parts = [
    ...(gone.length === 0 ? [] : [`${listOfPlaces(gone)} is not listed here`]),
    ...(fresh.length === 0 ? [] : [`here ${listOfPlaces(fresh)} is, which is not in the text`]),
  ];
  const next = step("here", "Ask the resolver that the client asks", askCommand(domain, piece.facts));
  return [contradiction("records-differ", `${says}; ${parts.join("; ")}.`, at(answer.pointer), { next })];
}

function serverOf({ dnsServer }: Facts): string {
  return dnsServer === undefined ? "The DNS server of the text" : `The DNS server ${dnsServer}`;
}

function askCommand(domain: string, { dnsServer }: Facts): string {
  return `kmsprobe check -d ${domain} -r ${dnsServer ?? "<the client's resolver>"}`;
}

/** A client that has suffixes, and hosts that are listed under none of them. */
export const suffixesWithoutHosts: Rule = (pieces, network) =>
  pieces.flatMap((piece) => {
    const { lookupDomain, primarySuffix = "", suffixes = [], connectionSuffixes = [] } = piece.facts;
    const fixed = lookupDomain !== undefined;
    if (piece.kind !== "ipconfig" && !fixed) return [];
    const own = fixed
      ? [lookupDomain.toLowerCase()]
      : [
          ...new Set([primarySuffix, ...suffixes, ...connectionSuffixes].map((each) => each.toLowerCase())),
        ].filter((each) => each !== "");
    const answer = listing(network);
    const asked = network.answers.filter(({ domain }) => own.includes(domain));
    if (answer === undefined || asked.some(({ listed }) => listed.length > 0)) return [];
    // What nobody denied, or nobody was asked for, may be there.
    if (own.some((suffix) => !asked.some(({ domain, denied }) => domain === suffix && denied !== null)))
      return [];
    const where = own.length === 0 ? "no suffix at all" : `${own.slice(0, 4).join(", ")} only`;
    const evidence = fixed
      ? `The client is set to look for hosts under ${where}, where none is listed; ${listsHere(answer)}`
      : `The client looks for hosts under ${where}, where none is listed; ${listsHere(answer)}`;
    const fact = fixed ? "lookupDomain" : own.length === 0 ? "primarySuffix" : "suffixes";
    const next = fixed
      ? step(
          "client",
          "Take the lookup domain out, or set the right one",
          "cscript //nologo slmgr.vbs /ckms-domain",
        )
      : step(
          "client",
          "Where it is meant to use these hosts, set the domain to look in",
          `cscript //nologo slmgr.vbs /skms-domain ${answer.domain}`,
        );
    return [
      contradiction(
        fixed ? "lookup-domain-without-hosts" : "suffixes-without-hosts",
        `${evidence}.`,
        { piece, fact, network: asked[0]?.pointer ?? answer.pointer },
        { next, claim: claim("client-configuration", "possible", evidence, fact) },
      ),
    ];
  });

/** The resolvers that a client asks, against another that knows the hosts. */
export const clientResolversDeny: Rule = (pieces, network) =>
  pieces.flatMap((piece) => {
    const servers = piece.facts.dnsServers ?? [];
    const denying = network.answers.find(
      ({ address, denied, domain }) =>
        denied !== null &&
        servers.some((server) => server.toLowerCase() === address) &&
        network.answers.some((each) => each.domain === domain && each.listed.length > 0),
    );
    const answer = denying === undefined ? undefined : listing(network, denying.domain);
    if (denying === undefined || answer === undefined) return [];
    const evidence = `The client asks ${denying.address}, which says ${denying.denied ?? ""} for _vlmcs._tcp.${denying.domain}; ${listsHere(answer)}`;
    return [
      contradiction(
        "client-resolver-denies",
        `${evidence}.`,
        { piece, fact: "dnsServers", network: denying.pointer },
        {
          next: step(
            "dns",
            "Let the client's resolver know the zone: forward to the one that lists it, or publish the record there",
            null,
          ),
          claim: claim("dns", "confirmed", evidence, "dnsServers"),
        },
      ),
    ];
  });

/** What a host says of its own publishing, against what is published. */
export const publishing: Rule = (pieces, network) =>
  pieces.flatMap((piece) => {
    const { dnsPublishing, eventIds = [], zone, isKmsHost } = piece.facts;
    if (piece.side !== "host" && isKmsHost !== true && dnsPublishing === undefined) return [];
    const answer = listing(network, zone);
    const denies = network.answers.find(
      ({ denied, domain }) => denied !== null && (zone === undefined || domain === zone.toLowerCase()),
    );
    const published = dnsPublishing === true || eventIds.includes(12294);
    const fact = dnsPublishing === undefined ? "eventIds" : "dnsPublishing";
    const said = (rule: string, text: string, pointer: string, next: Contradicting["next"]) => [
      contradiction(rule, text, { piece, fact, network: pointer }, { next }),
    ];
    if (eventIds.includes(12293) && answer !== undefined)
      return said(
        "publishing-failed-but-listed",
        `The host could not publish itself; ${listsHere(answer)}: that record is another host's, or was made earlier or by hand.`,
        answer.pointer,
        step("dns", "See whose record it is, and who may write it: the first host owns the name", null),
      );
    if (published && answer === undefined && denies !== undefined)
      return said(
        "published-but-denied-here",
        `The host publishes itself in DNS; here ${denies.resolver} says ${denies.denied ?? ""} for _vlmcs._tcp.${denies.domain}: it publishes in another zone, its update fails, or this resolver doesn't know the zone.`,
        denies.pointer,
        step(
          "kms-host",
          "Read events 12293 (failed, with the zone) and 12294 in the Key Management Service log",
          "Get-WinEvent -FilterHashtable @{LogName='Key Management Service'; Id=12293,12294} -MaxEvents 5 | Format-List TimeCreated, Message",
        ),
      );
    if (dnsPublishing === false && answer !== undefined)
      return said(
        "not-published-but-listed",
        `The host does not publish itself; ${listsHere(answer)}: made by hand, or left from earlier.`,
        answer.pointer,
        step(
          "kms-host",
          "Let it publish itself, or keep the record by hand",
          "cscript //nologo slmgr.vbs /sdns",
        ),
      );
    return [];
  });
