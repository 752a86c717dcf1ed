import type { VerdictCode } from "../../model/verdict.ts";
import type { CodeCounts, SubnetCount } from "../../sweep/model.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import { catalog } from "../../verdict/catalog.ts";

/** Every verdict code; an outcome is kept as the place of its code here, from 1. */
export const CODES: readonly VerdictCode[] = Object.keys(catalog).filter((code): code is VerdictCode =>
  Object.hasOwn(catalog, code),
);

const NUMBERS = new Map(CODES.map((code, index) => [code, index + 1]));

/** 0 stands for an address that was not looked at. */
export function numberOf(code: VerdictCode): number {
  return NUMBERS.get(code) ?? 0;
}

/** Counts by subnet and verdict: 180 bytes a subnet, however many addresses. */
export type Tally = {
  add: (subnet: number, code: number) => void;
  readonly covered: number;
  coveredOf: (subnet: number) => number;
  countsOf: (subnet: number) => CodeCounts;
  /** Those with a covered address. */
  subnets: () => SubnetCount[];
};

export function createTally(space: AddressSpace): Tally {
  const width = CODES.length + 1;
  const counts = new Uint32Array(space.subnets * width);
  let covered = 0;
  // A row is walked by its place: a view of it, and a call for each of its numbers, would take most of a second for /8.
  const countsOf = (subnet: number): CodeCounts => {
    const found: CodeCounts = {};
    for (let number = 1; number < width; number++) {
      const count = counts[subnet * width + number] ?? 0;
      const code = CODES[number - 1];
      if (count > 0 && code !== undefined) found[code] = count;
    }
    return found;
  };
  const coveredOf = (subnet: number): number => {
    let sum = 0;
    for (let at = subnet * width; at < (subnet + 1) * width; at++) sum += counts[at] ?? 0;
    return sum;
  };
  return {
    add(subnet, code) {
      counts[subnet * width + code] = (counts[subnet * width + code] ?? 0) + 1;
      covered += 1;
    },
    get covered() {
      return covered;
    },
    coveredOf,
    countsOf,
    subnets() {
      const found: SubnetCount[] = [];
      for (let subnet = 0; subnet < space.subnets; subnet++) {
        const count = coveredOf(subnet);
        if (count > 0) found.push({ ...space.subnetOf(subnet), covered: count, counts: countsOf(subnet) });
      }
      return found;
    },
  };
}
