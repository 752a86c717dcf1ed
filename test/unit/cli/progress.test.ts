import { expect, it } from "vitest";
import { progressText } from "../../../src/cli/progress.ts";

const steps = { done: 3, total: 20, phase: "probing 10.0.0.1" };

it("says how far it is where nothing takes long", () => {
  expect(progressText({ ...steps, waiting: null }, 0)).toBe("3 of 20 steps done, probing 10.0.0.1");
});

it("says what it waits for and how long at the most, which goes down", () => {
  const what = "an answer to the second connect";
  const waiting = { addresses: 2, of: 14, what, untilMs: 5_000 };
  expect(progressText({ ...steps, waiting }, 1_900)).toBe(`2 of 14 probes: waiting up to 3.1 s for ${what}`);
  expect(progressText({ ...steps, waiting }, 9_000)).toBe(`2 of 14 probes: waiting up to 0.0 s for ${what}`);
  expect(progressText({ ...steps, waiting: { ...waiting, addresses: 1, of: 1 } }, 4_000)).toBe(
    `1 of 1 probe: waiting up to 1.0 s for ${what}`,
  );
});
