/** One axis for all latencies of a page, so that rows can be compared by eye. */

export type Axis = {
  scale: "linear" | "logarithmic";
  /** In ascending order, the first at 0 % and the last at 100 %. */
  ticks: readonly number[];
  /** Where a value lies, in per cent of the width. */
  at: (ms: number) => number;
};

/** Beyond this ratio of the slowest to the fastest, a linear axis shows one of them as a smear at the edge. */
const LOGARITHMIC_FROM = 40;

/** No digit below this is the network's. */
const SMALLEST_MS = 0.01;

/** @param values milliseconds, at least one */
export function axisFor(values: readonly number[]): Axis {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = SMALLEST_MS;
  for (const value of values) {
    lowest = Math.min(lowest, Math.max(value, SMALLEST_MS));
    highest = Math.max(highest, value);
  }
  return highest / lowest > LOGARITHMIC_FROM ? logarithmic(lowest, highest) : linear(highest);
}

function linear(highest: number): Axis {
  const step = [1, 2, 2.5, 5, 10]
    .map((each) => each * 10 ** Math.floor(Math.log10(highest / 4)))
    .find((each) => each * 5 >= highest);
  const width = step ?? highest;
  const count = Math.ceil(highest / width - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, index) => tidy(index * width));
  const last = count * width;
  return { scale: "linear", ticks, at: (ms) => percent(ms / last) };
}

function logarithmic(lowest: number, highest: number): Axis {
  const from = Math.floor(Math.log10(lowest));
  const to = Math.max(from + 1, Math.ceil(Math.log10(highest) - 1e-9));
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => tidy(10 ** (from + index)));
  const place = (ms: number): number => (Math.log10(Math.max(ms, SMALLEST_MS)) - from) / (to - from);
  return { scale: "logarithmic", ticks, at: (ms) => percent(place(ms)) };
}

function percent(share: number): number {
  return Number((Math.min(1, Math.max(0, share)) * 100).toFixed(2));
}

/** 0.1 + 0.2 is to be read as 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(6));
}
