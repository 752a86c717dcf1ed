import { expect, test } from "vitest";
import { fitted } from "../../../src/tui/fit.ts";

const PARTS = [
  { text: "kmsprobe watch", keep: 2, content: null },
  { text: "round 3", keep: 3, content: null },
  { text: "every 1 s", keep: 1, content: null },
  { text: "2 of 3 serve", keep: 6, content: null },
];

test.each([
  [80, "kmsprobe watch  round 3  every 1 s  2 of 3 serve"],
  [48, "kmsprobe watch  round 3  every 1 s  2 of 3 serve"],
  [47, "kmsprobe watch  round 3  2 of 3 serve"],
  [36, "round 3  2 of 3 serve"],
  [20, "2 of 3 serve"],
  [5, "2 of 3 serve"],
])("in %i columns what matters most stays whole: %s", (width, line) => {
  expect(
    fitted(PARTS, width)
      .map(({ text }) => text)
      .join("  "),
  ).toBe(line);
});
