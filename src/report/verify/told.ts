/** What to do about one host is told once: where it comes again, the expectation is named under which it stands. */
import type { Detail, ExpectationResult } from "../../verify/model.ts";

export type Told = {
  /** `serve-1, from vpn0` where all of these have been told there before; else null, and from now on they have been. */
  before: (result: ExpectationResult, details: readonly Detail[]) => string | null;
};

/** Remembers causes and steps that were told already: a second expectation that fails alike points to the first. */
export function createTold(): Told {
  const known = new Map<string, string>();
  return {
    before({ id, source }, details) {
      if (details.every(({ causes, next }) => causes.length + next.length === 0)) return null;
      const keys = details.map(({ about, code, causes, next }) =>
        JSON.stringify([about, code, causes, next]),
      );
      const places = new Set(keys.map((key) => known.get(key) ?? null));
      const [place = null] = places;
      if (places.size === 1 && place !== null) return place;
      const here = source === null ? id : `${id}, from ${source}`;
      for (const key of keys) if (!known.has(key)) known.set(key, here);
      return null;
    },
  };
}
