/** What a client or a host says of a connection, and what the same host does here. */
import { claim } from "../claims.ts";
import { codeEntry } from "../codes.ts";
import { step } from "../found.ts";
import type { Facts } from "../model.ts";
import { bare, isFault } from "./fixed-hosts.ts";
import { isSameHost, listOfPlaces, nameOf } from "./network.ts";
import type { HostSeen, Network } from "./network.ts";
import { contradiction } from "./rule.ts";
import type { Rule, TextPiece } from "./rule.ts";

/** RPC could not reach it. */
const UNREACHED = new Set(["0x800706BA", "0xC0020017", "0x800706BE", "0x800706BF"]);

function hostOf({ facts }: TextPiece, { hosts }: Network): HostSeen | undefined {
  const { kmsHost, kmsIp, kmsPort } = facts;
  return hosts.find(
    (each) =>
      (kmsPort === undefined || each.port === kmsPort) &&
      ((kmsHost !== undefined && isSameHost(each.host, kmsHost)) ||
        (kmsIp !== undefined && each.addresses.includes(kmsIp))),
  );
}

/** A client that got no connection to a host which would serve from here. */
export const blockedThere: Rule = (pieces, network) =>
  pieces.flatMap((piece) => {
    const { tcpSucceeded, errorCodes = [], sourceAddress } = piece.facts;
    const code = errorCodes.find((each) => UNREACHED.has(each));
    const seen = hostOf(piece, network);
    if (seen === undefined || !seen.verdict.serves || (tcpSucceeded !== false && code === undefined))
      return [];
    const why = tcpSucceeded === false ? "got no connection to" : `got ${code ?? ""} from`;
    const evidence = `The client ${why} ${nameOf(seen)}, which would serve from here: the path from there is closed, or the host was off at that time`;
    return [
      contradiction(
        "blocked-there-serves-here",
        `${evidence}.`,
        { piece, fact: tcpSucceeded === false ? "tcpSucceeded" : "errorCodes", network: seen.pointer },
        {
          next: step(
            "firewall",
            "Ask for this rule on the path from the client, with the answers allowed back",
            `permit tcp from ${sourceAddress ?? "<the client>"} to ${seen.addresses[0] ?? seen.host} port ${seen.port}`,
          ),
          claim: claim(
            "connectivity",
            "possible",
            evidence,
            tcpSucceeded === false ? "tcpSucceeded" : "errorCodes",
          ),
        },
      ),
    ];
  });

/** A client that got through to a host which fails from here. */
export const reachedThere: Rule = (pieces, network) =>
  pieces.flatMap((piece) => {
    const { tcpSucceeded, errorCodes = [] } = piece.facts;
    const code = errorCodes.find((each) => codeEntry(each)?.reached === true);
    const seen = hostOf(piece, network);
    if (seen === undefined || !isFault(seen) || (tcpSucceeded !== true && code === undefined)) return [];
    const how = tcpSucceeded === true ? "was connected to" : `got ${code ?? ""}, a host's own answer, from`;
    const text = `The client ${how} ${nameOf(seen)}, which does not serve here (${bare(seen.verdict.observed)}): this place's path is closed, or the host has changed since.`;
    return [
      contradiction(
        "reached-there-fails-here",
        text,
        { piece, fact: tcpSucceeded === true ? "tcpSucceeded" : "errorCodes", network: seen.pointer },
        {
          next: step("here", "Walk the path from here, and run the same at the client's place", traced(seen)),
        },
      ),
    ];
  });

function traced({ host, port }: HostSeen): string {
  return `kmsprobe check ${nameOf({ host, port })} --trace`;
}

/** The paste of a host does not name it: what it says is held against all that were looked at. */
export const hostSays: Rule = (pieces, { hosts, listed, answers }) =>
  pieces.flatMap((piece) => {
    const { facts, side } = piece;
    const at = (fact: keyof Facts, network: string) => ({ piece, fact, network });
    const found = [];
    const [first] = hosts;
    const works = worksBy(piece);
    if (works !== null && first !== undefined && hosts.every(isFault)) {
      const onPort = hosts.find(({ verdict }) => verdict.layer === "rpc");
      const seen = onPort ?? first;
      const text =
        onPort === undefined
          ? `The host says that it works (${works.words}); from here none of ${listOfPlaces(hosts)} serves (${bare(seen.verdict.observed)}): its firewall, the path, or it is none of these.`
          : `The host says that it works (${works.words}); at ${nameOf(seen)} something else answers (${bare(seen.verdict.observed)}): another machine or device has that address, or the text is of another host.`;
      found.push(
        contradiction(
          onPort === undefined ? "host-works-silent-here" : "host-works-other-answers-here",
          text,
          at(works.fact, seen.pointer),
          {
            next: step(
              "kms-host",
              "See whether it listens, and which firewall rule lets clients in",
              "Get-NetFirewallPortFilter | Where-Object LocalPort -eq 1688 | Get-NetFirewallRule",
            ),
          },
        ),
      );
    }
    const serving = hosts.find(({ verdict }) => verdict.serves);
    const stopped = facts.serviceState === "stopped" && facts.service !== "osppsvc";
    if (stopped && serving !== undefined && hosts.length === 1)
      found.push(
        contradiction(
          "service-stopped-but-serves",
          `The licensing service is stopped in the text; ${nameOf(serving)} binds KMS here: the text is of another machine (on a client that is normal), or older.`,
          at("serviceState", serving.pointer),
          { next: step("kms-host", "Run it again on that host", "sc query sppsvc") },
        ),
      );
    const { listeningPort: port } = facts;
    const answer = answers.find((each) => each.listed.length > 0);
    if (
      side === "host" &&
      port !== undefined &&
      answer !== undefined &&
      !listed.some((each) => each.port === port)
    )
      found.push(
        contradiction(
          "listening-port-not-listed",
          `The host listens on port ${port}; DNS lists ${listOfPlaces(listed)}: clients ask a port where it does not listen.`,
          at("listeningPort", answer.pointer),
          {
            next: step(
              "dns",
              `Put port ${port} into the record, or let the host listen where DNS says`,
              null,
            ),
            claim: claim(
              "dns",
              "possible",
              `The host listens on port ${port}, and DNS lists ${listOfPlaces(listed)}`,
              "listeningPort",
            ),
          },
        ),
      );
    return found;
  });

function worksBy({ side, facts }: TextPiece): { words: string; fact: keyof Facts } | null {
  if (facts.listening === true) return { words: "it listens", fact: "listening" };
  if (side !== "host" || facts.isKmsHost !== true || facts.licenceStatus !== "licensed") return null;
  return { words: "KMS is enabled, and licensed", fact: "isKmsHost" };
}
