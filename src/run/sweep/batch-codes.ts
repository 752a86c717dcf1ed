import { NO_ANSWER, NO_NEIGHBOUR, PENDING, REFUSED, TOLD } from "./share.ts";
import { numberOf } from "./tally.ts";

const NUMBER_OF_SILENCE = numberOf("tcp-no-answer");
const NUMBER_OF_REFUSAL = numberOf("tcp-refused");
const NUMBER_OF_NOBODY = numberOf("tcp-neighbour-silent");

/** What a batch came to, place by place, as numbers of codes; and how many of it nothing was sent to. */
export type BatchOutcome = { outcomes: Uint8Array; unsent: number };

/** Codes of addresses that came with evidence, kept until their batch comes in as a whole. */
export type BatchCodes = {
  told: (batch: number, position: number, code: number) => void;
  /** Nothing was sent to one of this batch. */
  unsent: (batch: number) => void;
  /** Forgets the batch. */
  take: (batch: number, raw: Uint8Array) => BatchOutcome;
};

export function createBatchCodes(): BatchCodes {
  /** By batch and place. */
  const told = new Map<number, Map<number, number>>();
  const mute = new Map<number, number>();
  return {
    told(batch, position, code) {
      const codes = told.get(batch) ?? new Map<number, number>();
      told.set(batch, codes);
      codes.set(position, code);
    },
    unsent(batch) {
      mute.set(batch, (mute.get(batch) ?? 0) + 1);
    },
    take(batch, raw) {
      const codes = told.get(batch);
      const unsent = mute.get(batch) ?? 0;
      told.delete(batch);
      mute.delete(batch);
      const outcomes = raw.map((outcome, position) => {
        switch (outcome) {
          case NO_ANSWER:
            return NUMBER_OF_SILENCE;
          case REFUSED:
            return NUMBER_OF_REFUSAL;
          case NO_NEIGHBOUR:
            return NUMBER_OF_NOBODY;
          case TOLD:
            return codes?.get(position) ?? PENDING;
          default:
            return PENDING;
        }
      });
      return { outcomes, unsent };
    },
  };
}
