import { expect, it } from "vitest";
import { detailLines } from "../../../src/report/watch/details.ts";
import { createWatchState } from "../../../src/watch/state.ts";
import { isSilent, listed, zone } from "../verdict/builders.ts";
import { isoOf, lookInto } from "./rounds.ts";

it.each([40, 70, 120])(
  "the details of a host are lines of a screen of %d columns, none of them two",
  (width) => {
    const state = createWatchState(1_000, () => {});
    lookInto(state, [zone([listed(1, isSilent)])], { at: isoOf(0), nowMs: 0 });
    const [host] = state.hosts();
    const lines = host === undefined ? [] : detailLines(host, width);
    expect(lines.filter((line) => line.startsWith("•")).length).toBeGreaterThan(3);
    expect(lines.filter((line) => line.includes("\n"))).toEqual([]);
  },
);
