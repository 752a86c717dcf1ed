import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createKeptText } from "../../../src/serve/kept-text.ts";
import { runs } from "../runs.ts";

const section = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constant(""),
);
const written = fc.array(fc.array(section, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 });

it("kept text is what was written last, section by section, wherever it is copied to", () => {
  fc.assert(
    fc.property(written, fc.nat({ max: 9 }), (texts, at) => {
      const kept = createKeptText();
      for (const sections of texts) {
        kept.write(sections);
        expect(kept.length).toBe(Buffer.byteLength(sections.join("")));
        const to = Buffer.alloc(at + kept.length, "#");
        let end = at;
        for (const index of sections.keys()) end = kept.copy(index, to, end);
        expect(end).toBe(to.length);
        expect(to.toString()).toBe("#".repeat(at) + Buffer.from(sections.join("")).toString());
        const second = Buffer.alloc(200);
        expect(second.toString("utf8", 0, kept.copy(1, second, 0))).toBe(
          Buffer.from(sections[1] ?? "").toString(),
        );
      }
    }),
    { seed: 41_007, numRuns: runs(100) },
  );
});

it("of text that was never written there is nothing", () => {
  const kept = createKeptText();
  expect([kept.length, kept.copy(0, Buffer.alloc(4), 3), kept.copy(7, Buffer.alloc(4), 3)]).toEqual([
    0, 3, 3,
  ]);
});
