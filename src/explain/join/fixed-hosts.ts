/** The host that a client keeps, fixed or remembered, against what DNS lists and what that host does. */
import { claim } from "../claims.ts";
import { step } from "../found.ts";
import { isSameHost, listOfPlaces, nameOf } from "./network.ts";
import type { HostSeen, Network, Place } from "./network.ts";
import { contradiction } from "./rule.ts";
import type { Contradicting, Rule, TextPiece } from "./rule.ts";

const BACK_TO_DNS = step(
  "client",
  "Go back to DNS, then activate; where the host is meant to be fixed, name the one that serves with /skms",
  "cscript //nologo slmgr.vbs /ckms",
);
const FORGET = step(
  "client",
  "Compare what the client remembers with what it finds now; /ckhc and then /skhc make it forget",
  "cscript //nologo slmgr.vbs /dlv",
);

/** A host that a client has fixed or remembers, against what DNS lists and what serves now. */
export const keptHosts: Rule = (pieces, network) =>
  pieces.flatMap((piece) => {
    const { kmsHost: host, kmsPort: port = 1688, hostFrom } = piece.facts;
    if (host === undefined || piece.side === "host" || piece.facts.srv !== undefined) return [];
    if (hostFrom === "registry") return fixed(piece, { host, port }, network);
    return hostFrom === "dns" || hostFrom === "cache" ? remembered(piece, { host, port }, network) : [];
  });

function fixed(piece: TextPiece, kept: Place, { hosts, listed, answers }: Network): Contradicting[] {
  const answer = answers.find((each) => each.listed.length > 0);
  if (answer === undefined) return [];
  const about = (fact: "kmsHost" | "kmsPort", network: string) => ({ piece, fact, network });
  const sameName = listed.filter((each) => isSameHost(each.host, kept.host));
  if (sameName.length > 0 && !sameName.some((each) => each.port === kept.port)) {
    const text = `The client is fixed to port ${kept.port} of ${kept.host}; DNS lists ${listOfPlaces(sameName)}.`;
    return [
      contradiction("fixed-port-differs", text, about("kmsPort", answer.pointer), { next: BACK_TO_DNS }),
    ];
  }
  const seen = hosts.find((each) => isSameHost(each.host, kept.host) && each.port === kept.port);
  const other = hosts.find(
    (each) => each.verdict.serves && isListed(each, listed) && nameOf(each) !== nameOf(kept),
  );
  const where = `The client is fixed to ${nameOf(kept)} in the registry, and asks no DNS`;
  if (seen !== undefined && isFault(seen) && other !== undefined) {
    const evidence = `${where}. It does not serve here (${bare(seen.verdict.observed)}), while ${nameOf(other)}, which DNS lists, would`;
    // Silence may be this place's: what every place sees alike is that there is no such name.
    const state = seen.verdict.certainty === "certain" ? "confirmed" : "possible";
    return [
      contradiction("fixed-host-does-not-serve", `${evidence}.`, about("kmsHost", seen.pointer), {
        next: BACK_TO_DNS,
        claim: claim("client-configuration", state, evidence, "kmsHost"),
      }),
    ];
  }
  if (sameName.length > 0) return [];
  const text = `${where}. DNS does not list that host, but ${listOfPlaces(listed)}.`;
  return [
    contradiction("fixed-host-not-listed", text, about("kmsHost", answer.pointer), { next: BACK_TO_DNS }),
  ];
}

function remembered(piece: TextPiece, kept: Place, { hosts, listed, answers }: Network): Contradicting[] {
  const answer = answers.find((each) => each.listed.length > 0);
  if (answer === undefined) return [];
  const sameName = listed.filter((each) => isSameHost(each.host, kept.host));
  if (sameName.some((each) => each.port === kept.port)) return [];
  const seen = hosts.find((each) => isSameHost(each.host, kept.host));
  const gone = seen !== undefined && isFault(seen) ? `, and that host does not serve here` : "";
  const text =
    sameName.length === 0
      ? `The client found ${nameOf(kept)} by DNS; here DNS lists ${listOfPlaces(listed)}${gone}. It remembers a host of earlier, or asks another resolver.`
      : `The client found ${nameOf(kept)} by DNS; here DNS lists ${listOfPlaces(sameName)}: the port has changed, or another resolver answers.`;
  return [
    contradiction(
      sameName.length === 0 ? "remembered-host-not-listed" : "remembered-port-differs",
      text,
      { piece, fact: sameName.length === 0 ? "kmsHost" : "kmsPort", network: answer.pointer },
      { next: FORGET },
    ),
  ];
}

/** The address that a client had of a host, against those that its name has here. */
export const movedHosts: Rule = (pieces, { hosts }) =>
  pieces.flatMap((piece) => {
    const { kmsHost, kmsIp } = piece.facts;
    if (kmsHost === undefined || kmsIp === undefined || kmsHost === kmsIp) return [];
    const seen = hosts.find((each) => isSameHost(each.host, kmsHost) && each.addresses.length > 0);
    if (seen === undefined || seen.host === seen.addresses[0] || seen.addresses.includes(kmsIp)) return [];
    const text = `The client has ${kmsIp} for ${kmsHost}; here the name has ${seen.addresses.slice(0, 3).join(", ")}: the host has moved, or DNS answers differently there.`;
    return [
      contradiction(
        "address-differs",
        text,
        { piece, fact: "kmsIp", network: `${seen.pointer}/address` },
        {
          next: step("client", "Empty the client's cache of names, then resolve again", "ipconfig /flushdns"),
        },
      ),
    ];
  });

function isListed(place: Place, listed: readonly Place[]): boolean {
  return listed.some((each) => nameOf(each) === nameOf(place));
}

/** It was looked at to the end, and would serve nobody. */
export function isFault({ verdict }: HostSeen): boolean {
  return !verdict.serves && verdict.severity === "failed";
}

/** A sentence, to stand in brackets. */
export function bare(sentence: string): string {
  return sentence.replace(/[. ]+$/, "");
}
