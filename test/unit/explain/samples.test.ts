import { describe, expect, it } from "vitest";
import { causeName, explainBytes, factsOf, pieceFor, samplesIn } from "./score.ts";
import type { Sample } from "./score.ts";

/** What an expert read in each of them stands beside it, with its source. */
const REAL = samplesIn("samples");
/** Made in the forms that public documentation shows: languages, code pages, wraps, damage. */
const OWN = samplesIn("own");

describe.each([
  { folder: "samples", samples: REAL, least: 26 },
  { folder: "own", samples: OWN, least: 190 },
])("the pastes of $folder", ({ samples, least }) => {
  it("are read as an expert reads them", () => {
    expect(samples.length).toBeGreaterThanOrEqual(least);
    const scores = samples.map(score);
    const kinds = scores.filter(({ kind }) => kind).length;
    const all = scores.flatMap(({ facts }) => facts);
    const right = all.filter(({ is }) => is === "right").length;
    const causes = scores.filter(({ cause }) => cause).length;
    console.log(
      `kind ${kinds} of ${samples.length}, facts ${right} of ${all.length} (${((100 * right) / all.length).toFixed(1)} %), cause ${causes} of ${samples.length}`,
    );
    const wrong = scores.flatMap(({ name, kind, cause, facts, got }) => [
      ...(kind ? [] : [`${name}: kinds ${got}`]),
      ...(cause ? [] : [`${name}: cause ${got}`]),
      ...facts
        .filter(({ is }) => is !== "right")
        .map(
          (fact) =>
            `${name}: ${fact.name} ${fact.is}: ${JSON.stringify(fact.got)}, not ${JSON.stringify(fact.wanted)}`,
        ),
    ]);
    expect(wrong).toEqual([]);
  });

  it.each(samples)("$name: side and language", ({ bytes, truth }) => {
    const piece = pieceFor(explainBytes(bytes), truth);
    expect(piece?.side).toBe(truth.side);
    if (piece?.language !== null) expect(piece?.language).toBe(truth.language);
  });

  it.each(samples.filter(({ truth }) => truth.cause === "unknown" || truth.cause === "none"))(
    "$name confirms no cause",
    ({ bytes }) => {
      expect(explainBytes(bytes).causes.filter(({ state }) => state === "confirmed")).toEqual([]);
    },
  );
});

function score({ name, bytes, truth }: Sample) {
  const explanation = explainBytes(bytes);
  const piece = pieceFor(explanation, truth);
  const kinds = explanation.pieces.map((each) => each.kind);
  const cause = piece?.cause ?? "missing";
  return {
    name,
    kind:
      (truth.kinds ?? [truth.kind]).every((kind) => kinds.some((each) => each === kind)) &&
      kinds.length <= (truth.kinds ?? [truth.kind]).length,
    facts: factsOf(piece, truth),
    cause: [truth.cause, ...(truth.causeAlso ?? [])].map(causeName).includes(cause),
    got: `${kinds.join(", ")}; ${cause}`,
  };
}
