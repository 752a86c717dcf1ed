/** Text and network, joined: what contradicts what, and one table of causes from both. Pure. */
import type { Report } from "../../model/report.ts";
import type { Claimed } from "../causes.ts";
import type { Explanation } from "../model.ts";
import { causesOfBoth } from "./both.ts";
import { clocksDiffer } from "./clocks.ts";
import {
  clientFindsNone,
  clientResolversDeny,
  lookupsDiffer,
  publishing,
  suffixesWithoutHosts,
} from "./discovery.ts";
import { keptHosts, movedHosts } from "./fixed-hosts.ts";
import { blockedThere, hostSays, reachedThere } from "./hosts.ts";
import { networkOf } from "./network.ts";
import type { Contradicting, Rule, TextPiece } from "./rule.ts";

const RULES: readonly Rule[] = [
  keptHosts,
  suffixesWithoutHosts,
  clientFindsNone,
  clientResolversDeny,
  lookupsDiffer,
  publishing,
  movedHosts,
  blockedThere,
  reachedThere,
  hostSays,
  clocksDiffer,
];

/** More would be many pastes of the same. */
const MOST = 50;

/** @param claims those that the explanation's own causes were made of */
export function join(explanation: Explanation, claims: readonly Claimed[], report: Report): Explanation {
  const pieces = explanation.pieces.map((piece, at): TextPiece => ({ ...piece, pointer: `/pieces/${at}` }));
  const seen = networkOf(report);
  const found = RULES.flatMap((rule) => rule(pieces, seen));
  const told = [...new Map(found.map((each) => [`${each.rule} ${each.text}`, each])).values()].slice(0, MOST);
  const learnt = told.flatMap((each): Claimed[] => claimedBy(each, pieces));
  return {
    ...explanation,
    report,
    contradictions: told.map(({ rule, text, piece, network, next }) => ({
      rule,
      text,
      piece,
      network,
      next,
    })),
    causes: causesOfBoth([...learnt, ...claims], explanation.codes, report.causes),
  };
}

function claimedBy({ claim, piece }: Contradicting, pieces: readonly TextPiece[]): Claimed[] {
  const at = pieces.findIndex(({ pointer }) => piece?.startsWith(`${pointer}/`) === true);
  const found = pieces[at];
  return claim === null || found === undefined ? [] : [{ claim, piece: at, line: found.lines.from }];
}
