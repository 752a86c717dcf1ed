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

/** Counts by subnet and verdict: 4 bytes for each subnet and each verdict that any of them has, and as many for the sum. */
export type Tally = {
  add: (subnet: number, code: number) => void;
  /** Undoes `add`. */
  take: (subnet: number, code: number) => void;
  /** Adds every address that is planned, with this code. */
  assume: (code: number) => void;
  readonly covered: number;
  coveredOf: (subnet: number) => number;
  countsOf: (subnet: number) => CodeCounts;
  /** Those with a covered address. */
  subnets: () => SubnetCount[];
};

export function createTally(space: AddressSpace): Tally {
  // A column a verdict: addresses come in from all over, and a whole sweep has few verdicts. Rows of all of them would be
  // 30 MB for /8, in which every address is a miss of the cache.
  const columns: (Uint32Array | undefined)[] = Array.from({ length: CODES.length + 1 });
  /** Those that are there, in the order of the codes. */
  let used: { code: VerdictCode; column: Uint32Array }[] = [];
  const coveredBySubnet = new Uint32Array(space.subnets);
  let covered = 0;
  const countsOf = (subnet: number): CodeCounts => {
    const found: CodeCounts = {};
    for (const { code, column } of used) {
      const count = column[subnet] ?? 0;
      if (count > 0) found[code] = count;
    }
    return found;
  };
  const columnOf = (number: number): Uint32Array => {
    const known = columns[number];
    if (known !== undefined) return known;
    columns[number] = new Uint32Array(space.subnets);
    used = CODES.flatMap((code, index) => {
      const column = columns[index + 1];
      return column === undefined ? [] : [{ code, column }];
    });
    return columnOf(number);
  };
  const addTo = (subnet: number, code: number, count: number): void => {
    const column = columns[code] ?? columnOf(code);
    column[subnet] = (column[subnet] ?? 0) + count;
    coveredBySubnet[subnet] = (coveredBySubnet[subnet] ?? 0) + count;
    covered += count;
  };
  return {
    add: (subnet, code) => addTo(subnet, code, 1),
    take: (subnet, code) => addTo(subnet, code, -1),
    assume(code) {
      for (let subnet = 0; subnet < space.subnets; subnet++) addTo(subnet, code, space.plannedOf(subnet));
    },
    get covered() {
      return covered;
    },
    coveredOf: (subnet) => coveredBySubnet[subnet] ?? 0,
    countsOf,
    subnets() {
      const found: SubnetCount[] = [];
      coveredBySubnet.forEach((count, subnet) => {
        if (count === 0) return;
        // Spelt out: of 65,536 subnets, a spread takes a tenth of a second that Ctrl-C has to wait for.
        const { subnet: cidr, port, planned } = space.subnetOf(subnet);
        found.push({ subnet: cidr, port, planned, covered: count, counts: countsOf(subnet) });
      });
      return found;
    },
  };
}
