/** What a rule of the joining is given, and what it hands back. */
import type { Claim } from "../found.ts";
import type { Contradiction, Facts, Piece } from "../model.ts";
import type { Network } from "./network.ts";

export type TextPiece = Piece & { readonly pointer: string };

/** A contradiction, and what it says of a cause that neither side says by itself. */
export type Contradicting = Contradiction & { readonly claim: Claim | null };

export type Rule = (pieces: readonly TextPiece[], network: Network) => Contradicting[];

/** @param fact that of the piece which the network contradicts */
export function contradiction(
  rule: string,
  text: string,
  { piece, fact, network }: { piece: TextPiece; fact: keyof Facts; network: string },
  { next, claim = null }: { next: Contradiction["next"]; claim?: Claim | null },
): Contradicting {
  return { rule, text, piece: `${piece.pointer}/facts/${fact}`, network, next, claim };
}
