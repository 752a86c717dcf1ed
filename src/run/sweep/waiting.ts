/**
 * Lines of a subnet wait while every address of it accepts connections: in the end that is one device, and one line.
 * The first address that does not accept lets them go.
 */
import type { VerdictCode } from "../../model/verdict.ts";
import { connects, countsWith, isServing, sumOf } from "../../sweep/counts.ts";
import { addressOf, hostOrder } from "../../sweep/hold.ts";
import { foldsOf, rangesOf } from "../../sweep/middlebox.ts";
import type { EndpointLine, MiddleboxLine } from "../../sweep/model.ts";
import { compare } from "../../sweep/union.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import type { Tally } from "./tally.ts";

/** A subnet with fewer addresses in the plan never comes to one device. */
const FEWEST = 16;

/** Lines that wait whole: of the others the address is kept, and they are probed again should they be wanted. */
const WHOLE_A_SUBNET = 32;
const WHOLE = 2_048;

/** An address that waits without its evidence. */
export type Bare = { address: string; port: number; code: VerdictCode };

export type Waiting = {
  add: (subnet: number, line: EndpointLine) => void;
  /** One whose evidence is no longer there. */
  addBare: (subnet: number, bare: Bare) => void;
  /** Not all of its addresses accept: its lines go, now and from now on. */
  release: (subnet: number) => void;
  /** Once all of its addresses have been looked at: one device, or not. */
  decide: (subnet: number) => void;
  releaseAll: () => void;
};

type Kept = { lines: EndpointLine[]; bare: Bare[] };

export function createWaiting(
  space: AddressSpace,
  tally: Tally,
  tell: {
    line: (line: EndpointLine) => void;
    again: (bare: Bare) => void;
    middlebox: (line: MiddleboxLine) => void;
  },
): Waiting {
  const kept = new Map<number, Kept>();
  const free = new Uint8Array(space.subnets);
  let whole = 0;

  const isFree = (subnet: number): boolean => {
    if (free[subnet] === 0 && space.plannedOf(subnet) < FEWEST) free[subnet] = 1;
    return free[subnet] === 1;
  };
  const keep = (subnet: number): Kept => {
    const known = kept.get(subnet) ?? { lines: [], bare: [] };
    kept.set(subnet, known);
    return known;
  };
  const take = (subnet: number): Kept => {
    const taken = kept.get(subnet) ?? { lines: [], bare: [] };
    kept.delete(subnet);
    whole -= taken.lines.length;
    free[subnet] = 1;
    return taken;
  };
  const tellAll = ({ lines, bare }: Kept): void => {
    for (const line of lines) tell.line(line);
    for (const each of bare) tell.again(each);
  };
  const release = (subnet: number): void => {
    if (free[subnet] === 0) tellAll(take(subnet));
  };

  return {
    add(subnet, line) {
      if (isFree(subnet)) return tell.line(line);
      const { lines, bare } = keep(subnet);
      lines.push(line);
      whole += 1;
      if (lines.length === 1 || (lines.length <= WHOLE_A_SUBNET && whole <= WHOLE)) return;
      const [given] = lines.splice(lines.indexOf(leastWanted(lines)), 1);
      whole -= 1;
      if (given) bare.push(bareOf(given));
    },
    addBare(subnet, each) {
      if (isFree(subnet)) tell.again(each);
      else keep(subnet).bare.push(each);
    },
    release,
    decide(subnet) {
      if (free[subnet] === 1 || tally.coveredOf(subnet) < space.plannedOf(subnet)) return;
      const counts = tally.countsOf(subnet);
      const folds = foldsOf(counts);
      if (folds === null) return release(subnet);
      const { lines, bare } = take(subnet);
      const isBehind = (code: VerdictCode): boolean => folds === "all" || !isServing(code);
      const behind = lines.filter(({ verdict }) => isBehind(verdict.code));
      const [sample] = behind.toSorted((a, b) => compare(orderOf(a), orderOf(b)));
      // Nothing is left to show for it, as after a crash: with their lines, the report folds them.
      if (sample === undefined) return tellAll({ lines, bare });
      const { type: _, names: __, ...diagnosis } = sample;
      const { subnet: cidr, port } = space.subnetOf(subnet);
      tellAll({
        lines: lines.filter((line) => !behind.includes(line)),
        bare: bare.filter(({ code }) => !isBehind(code)),
      });
      const accepted = countsWith(counts, connects);
      tell.middlebox({
        type: "middlebox",
        subnet: cidr,
        port,
        accepted: sumOf(accepted),
        silent: counts["tcp-no-answer"] ?? 0,
        tried: sumOf(counts),
        counts: accepted,
        addresses: rangesOf([
          ...behind.map(addressOf),
          ...bare.filter(({ code }) => isBehind(code)).map(({ address }) => address),
        ]),
        sample: diagnosis,
      });
    },
    releaseAll() {
      for (const subnet of Array.from(kept.keys())) release(subnet);
    },
  };
}

/** What serves may be a host behind the device; the lowest of the others will be its sample. */
function leastWanted(lines: readonly EndpointLine[]): EndpointLine {
  return lines.reduce((least, line) => {
    const order = Number(least.verdict.serves) - Number(line.verdict.serves);
    return (order || compare(orderOf(line), orderOf(least))) > 0 ? line : least;
  });
}

function orderOf(line: EndpointLine): string {
  return hostOrder(addressOf(line), line.endpoint.port);
}

function bareOf(line: EndpointLine): Bare {
  return { address: addressOf(line), port: line.endpoint.port, code: line.verdict.code };
}
