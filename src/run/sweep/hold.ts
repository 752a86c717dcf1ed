/**
 * Holds the lines of a subnet back while every address of it accepts connections: in the end that is one device, and
 * one line. The first address that does not accept lets them go.
 */
import type { VerdictCode } from "../../model.ts";
import { isMiddlebox, rangesOf } from "../../sweep/middlebox.ts";
import type { EndpointLine, MiddleboxLine } from "../../sweep/model.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import { entryOf } from "../../verdict/catalog.ts";
import type { Tally } from "./tally.ts";

/** Fewer addresses than this are never taken for one device. */
const FEWEST = 16;

/** Lines held whole: of the others the address is kept, and they are probed again should they be wanted. */
const WHOLE_A_SUBNET = 32;
const WHOLE = 2_048;

/** An address that is held without its evidence. */
export type Bare = { address: string; port: number; code: VerdictCode };

type Held = { lines: EndpointLine[]; bare: Bare[] };

export type Hold = {
  add: (subnet: number, line: EndpointLine) => void;
  /** One whose evidence is no longer there. */
  addBare: (subnet: number, bare: Bare) => void;
  /** Not all of its addresses accept: its lines go, now and from now on. */
  release: (subnet: number) => void;
  /** All of its addresses have been looked at: a middlebox, or not. */
  complete: (subnet: number) => void;
  /** What is still held goes. */
  releaseAll: () => void;
};

export function createHold(
  space: AddressSpace,
  tally: Tally,
  tell: {
    line: (line: EndpointLine) => void;
    again: (bare: Bare) => void;
    middlebox: (line: MiddleboxLine) => void;
  },
): Hold {
  const held = new Map<number, Held>();
  const open = new Uint8Array(space.subnets);
  let whole = 0;

  const of = (subnet: number): Held => {
    const known = held.get(subnet) ?? { lines: [], bare: [] };
    held.set(subnet, known);
    return known;
  };
  const passes = (subnet: number): boolean => {
    if (open[subnet] === 0 && space.subnetOf(subnet).planned < FEWEST) open[subnet] = 1;
    return open[subnet] === 1;
  };
  const take = (subnet: number): Held => {
    const taken = held.get(subnet) ?? { lines: [], bare: [] };
    held.delete(subnet);
    whole -= taken.lines.length;
    open[subnet] = 1;
    return taken;
  };
  const release = (subnet: number): void => {
    if (open[subnet] === 1) return;
    const { lines, bare } = take(subnet);
    for (const line of lines) tell.line(line);
    for (const each of bare) tell.again(each);
  };

  return {
    add(subnet, line) {
      if (passes(subnet)) return tell.line(line);
      const { lines, bare } = of(subnet);
      lines.push(line);
      whole += 1;
      if (lines.length <= WHOLE_A_SUBNET && whole <= WHOLE) return;
      // The lowest addresses stay whole: one of them will be the sample.
      lines.sort((a, b) => compare(a, b));
      const given = lines.pop();
      whole -= 1;
      if (given) bare.push(bareOf(given));
    },
    addBare(subnet, each) {
      if (passes(subnet)) tell.again(each);
      else of(subnet).bare.push(each);
    },
    release,
    complete(subnet) {
      if (open[subnet] === 1) return;
      const counts = tally.countsOf(subnet);
      const { lines, bare } = held.get(subnet) ?? { lines: [], bare: [] };
      const serving = lines.filter(({ verdict }) => verdict.serves);
      const accepting = lines.length + bare.length;
      const folded = serving.length < lines.length ? lines.filter(({ verdict }) => !verdict.serves) : lines;
      const [sample] = folded.toSorted(compare);
      if (sample === undefined || !isMiddlebox(counts)) return release(subnet);
      take(subnet);
      const { type: _, names: __, ...diagnosis } = sample;
      const { subnet: cidr, port, planned } = space.subnetOf(subnet);
      for (const line of lines) if (!folded.includes(line)) tell.line(line);
      const bareFolded = bare.filter(({ code }) => folded === lines || !serves(code));
      for (const each of bare) if (!bareFolded.includes(each)) tell.again(each);
      const addresses = [...folded.map(addressOf), ...bareFolded.map(({ address }) => address)];
      tell.middlebox({
        type: "middlebox",
        subnet: cidr,
        port,
        accepted: accepting,
        silent: counts["tcp-no-answer"] ?? 0,
        tried: planned,
        counts: Object.fromEntries(Object.entries(counts).filter(([code]) => code !== "tcp-no-answer")),
        addresses: rangesOf(addresses),
        sample: diagnosis,
      });
    },
    releaseAll() {
      for (const subnet of held.keys()) release(subnet);
    },
  };
}

function serves(code: VerdictCode): boolean {
  const { severity } = entryOf(code);
  return severity === "ok" || severity === "degraded";
}

function bareOf(line: EndpointLine): Bare {
  return { address: addressOf(line), port: line.endpoint.port, code: line.verdict.code };
}

function addressOf({ attempts, endpoint }: EndpointLine): string {
  return attempts[0]?.address ?? endpoint.host;
}

function compare(a: EndpointLine, b: EndpointLine): number {
  return byAddress(addressOf(a), addressOf(b));
}

/** Numeric, also where the numbers have different lengths. */
function byAddress(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
