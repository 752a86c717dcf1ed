/** What a recogniser hands back: a piece as it stands in one text, and what it says of the causes. */
import type { Cause } from "../model/causes.ts";
import type { Step } from "../model/verdict.ts";
import type { Line } from "./clean.ts";
import type { Facts, Kind, Piece } from "./model.ts";

export type CauseName = Cause["cause"];

/**
 * `confirmed`: the text carries it. `possible`: it fits, and something speaks for it. `fits`: it only fits a code.
 * `ruled-out`: the text shows that this was sound. `fact`: the fact that it rests on.
 */
export type Claim = {
  readonly cause: CauseName;
  readonly state: "confirmed" | "possible" | "fits" | "ruled-out";
  readonly evidence: string;
  readonly fact: keyof Facts | null;
};

export type Found = {
  readonly kind: Kind;
  readonly side: Piece["side"];
  readonly language: string | null;
  readonly facts: Facts;
  /** null: by its claims */
  readonly cause: Piece["cause"] | null;
  readonly says: string;
  readonly doesNotTell: string;
  readonly next: readonly Step[];
  readonly claims: readonly Claim[];
  /** indexes of lines; `to` is the first that is not of it */
  readonly from: number;
  readonly to: number;
};

/** What is concluded from the facts of a piece. */
export type Said = Pick<Found, "cause" | "says" | "doesNotTell" | "next" | "claims">;

/** @returns null where nothing of its kind begins at that line; otherwise `to` is beyond `at` */
export type Recogniser = (lines: readonly Line[], at: number) => Found | null;

export function step(where: Step["where"], text: string, command: string | null = null): Step {
  return { where, text, command };
}

/** The language that most labels were found in; English labels stand in other languages' texts, too. */
export function languageOf(votes: ReadonlyMap<string, number>): string | null {
  const foreign = [...votes].filter(([language]) => language !== "en").toSorted(([, a], [, b]) => b - a);
  const [best] = foreign;
  const english = votes.get("en") ?? 0;
  if (best !== undefined && best[1] >= 1 && best[1] >= english / 2) return best[0];
  return english > 0 ? "en" : null;
}
